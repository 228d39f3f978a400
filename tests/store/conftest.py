"""Databases for the store: each test its own, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from limner.store.blobs import Blobs
from limner.store.database import Database
from limner.store.deployments import DeploymentStore
from limner.store.files import FileStore
from limner.store.keys import KeyStore
from limner.store.pictures import PictureStore
from limner.store.prompts import PromptStore
from limner.store.results import ResultStore
from limner.store.usage import UsageStore

PR_SET_PDEATHSIG = 1
UNPRIVILEGED_USERS = ("postgres", "nobody")  # PostgreSQL refuses to run as root


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def installed_postgres() -> Path:
    """The folder with `initdb` and `postgres`: of the wheel, else of the system."""
    spec = importlib.util.find_spec("pgserver")
    wheel = [Path(str(spec.origin)).parent / "pginstall" / "bin"] if spec else []
    system = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = [folder for folder in (*system, *wheel, *map(Path, os.get_exec_path())) if (folder / "initdb").is_file()]
    if not found:
        pytest.fail("the tests of the store need PostgreSQL: pip install pgserver, or install the system's postgresql", pytrace=False)
    return found[0]


def may_run(program: Path, as_user: dict[str, object]) -> bool:
    try:
        return subprocess.run([program, "--version"], check=False, capture_output=True, cwd="/", **as_user).returncode == 0
    except PermissionError:
        return False


def copy_wheel(package: Path, target: Path) -> Path:
    """Copy the package with the libraries beside it to where every user may read; return the copy of the package."""
    for folder in (package, package.with_name(f"{package.name}.libs")):
        shutil.copytree(folder, target / folder.name)
    return target / package.name


def run_postgres(folder: Path, binaries: Path) -> tuple[subprocess.Popen[bytes], str]:
    """Start a server that nobody else can reach, through a socket in the folder; return it with its URL."""
    as_user: dict[str, object] = {}
    if os.geteuid() == 0:
        user = next(name for name in UNPRIVILEGED_USERS if subprocess.run(["id", name], check=False, capture_output=True).returncode == 0)
        as_user = {"user": user, "group": user if user == "postgres" else "nogroup", "extra_groups": []}
        if not may_run(binaries / "initdb", as_user):
            binaries = copy_wheel(binaries.parents[1], folder / "install") / "pginstall" / "bin"
        shutil.chown(folder, user)
    data = folder / "data"
    initdb = [binaries / "initdb", "-D", data, "-U", "limner", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C"]
    subprocess.run(initdb, check=True, capture_output=True, cwd=folder, **as_user)
    settings = ["-c", "listen_addresses=", "-c", f"unix_socket_directories={folder}", "-c", "fsync=off", "-c", "max_connections=200"]
    server = subprocess.Popen(  # it ends with this process, however that ends
        [binaries / "postgres", "-D", data, *settings],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=end_with_parent,  # noqa: PLW1509 - it only makes one call to the system
        **as_user,
    )
    return server, f"postgresql://limner@/postgres?host={folder}"


def end_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)


def wait_until_it_answers(server: subprocess.Popen[bytes], url: str) -> None:
    for _ in range(300):
        engine = create_engine(driven(url))
        try:
            engine.connect().close()
        except OperationalError:
            assert server.poll() is None, "PostgreSQL did not start"
            time.sleep(0.1)
        else:
            return
        finally:
            engine.dispose()
    raise AssertionError("PostgreSQL did not answer within 30 s")


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a server of this test run."""
    # Sockets have short paths, and pytest's own folders are closed to other users.
    folder = Path(tempfile.mkdtemp(prefix="limner-pg-"))
    folder.chmod(0o755)
    server = None
    try:
        server, url = run_postgres(folder, installed_postgres())
        wait_until_it_answers(server, url)
        yield url
    finally:
        if server is not None:
            server.send_signal(signal.SIGQUIT)  # at once: nothing of it is kept
            server.wait(20)
        shutil.rmtree(folder)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a database of this test's own can be opened, still without tables. On PostgreSQL it is a schema, which is made much faster."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/data/limner.db"
    server: str = request.getfixturevalue("postgres")
    schema = f"t_{uuid.uuid4().hex}"
    engine = create_engine(driven(server))
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    engine.dispose()
    return f"{server}&options=-csearch_path%3D{schema}"


def driven(url: str) -> str:
    return url.replace("postgresql:", "postgresql+psycopg:")


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    opened = Database.open(url)
    yield opened
    opened.close()


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs.open(tmp_path / "data" / "blobs")


@pytest.fixture
def contents(tmp_path: Path) -> Callable[[], set[str]]:
    """Says which files' contents lie in the folder, half-written ones too."""
    folder = tmp_path / "data" / "blobs" / "files"
    return lambda: {path.name for path in folder.iterdir()} if folder.exists() else set()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keys(database: Database) -> KeyStore:
    return KeyStore(database)


@pytest.fixture
def files(database: Database, blobs: Blobs, clock: Clock) -> FileStore:
    return FileStore(database, blobs, clock=clock)


@pytest.fixture
def results(database: Database, blobs: Blobs, clock: Clock) -> ResultStore:
    return ResultStore(database, blobs, clock=clock)


@pytest.fixture
def pictures(database: Database, blobs: Blobs, clock: Clock) -> PictureStore:
    return PictureStore(database, blobs, clock=clock)


@pytest.fixture
def prompts(database: Database, clock: Clock) -> PromptStore:
    return PromptStore(database, clock=clock)


@pytest.fixture
def deployments(database: Database) -> DeploymentStore:
    return DeploymentStore(database)


@pytest.fixture
def usage(database: Database) -> UsageStore:
    return UsageStore(database)


@pytest.fixture
def project(keys: KeyStore) -> str:
    return keys.create("one")[0].project_id


@pytest.fixture
def other_project(keys: KeyStore) -> str:
    return keys.create("another")[0].project_id
