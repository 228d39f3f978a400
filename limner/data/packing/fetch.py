"""Bring packages to this machine with the clients of their registries, checked against pinned digests, and read files out of them."""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
import subprocess
import tarfile
import tempfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePosixPath

from limner.data.packing.packages import Package
from limner.errors import DamagedFile, DownloadFailed

CLIENT = "npm"
DEBIAN_CLIENT = "apt-get"
DEBIAN_UNPACKER = "dpkg-deb"
PACKAGES_PER_CALL = 16
CALL_TIMEOUT_S = 1800
INCOMING = ".incoming"
CHUNK_BYTES = 1 << 20

Progress = Callable[[Package], None]


def fetch_packages(packages: Sequence[Package], folder: Path, on_done: Progress) -> None:
    """Bring every package into `folder`; `on_done` is called once for each, when it is there and right.

    A file that is already there with the right digest is kept, so an interrupted call is continued by the next one.

    Raises:
        DownloadFailed: the client is missing, or the registry could not be reached or has no such package.
        DamagedFile: what arrived is not the pinned file.
    """
    folder.mkdir(parents=True, exist_ok=True)
    missing: list[Package] = []
    for package in packages:
        if is_intact(folder / package.file_name, package):
            on_done(package)
        else:
            missing.append(package)
    for batch in _batches(missing):
        _fetch_batch(batch, folder, on_done)


def is_intact(path: Path, package: Package) -> bool:
    """Say whether `path` is the whole pinned file."""
    if not path.is_file() or path.stat().st_size != package.size_bytes:
        return False
    digest = hashlib.sha512()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
    return f"sha512-{base64.b64encode(digest.digest()).decode()}" == package.integrity


def read_members(folder: Path, package: Package, is_wanted: Callable[[str], bool]) -> dict[str, bytes]:
    """Return the wanted files of a fetched package, by their path inside it ("json/noto.json").

    Raises:
        DamagedFile: the tarball is missing, cut off or changed.
    """
    path = folder / package.file_name
    if not is_intact(path, package):
        raise DamagedFile(f"{str(path)!r} is missing or is not the pinned package {package.spec!r}. Run `limner data fetch`.")
    try:
        if package.registry == "debian":
            return _read_debian(path, is_wanted)
        with tarfile.open(path, "r:gz") as archive:
            return dict(_iterate_members(archive, is_wanted))
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        raise DamagedFile(f"{str(path)!r} cannot be unpacked ({error}). Delete it and run `limner data fetch`.") from error


def _read_debian(path: Path, is_wanted: Callable[[str], bool]) -> dict[str, bytes]:
    unpacker = shutil.which(DEBIAN_UNPACKER)
    if unpacker is None:
        raise DamagedFile(f"{str(path)!r} is a Debian package, and {DEBIAN_UNPACKER!r}, which reads it, is not installed.")
    with tempfile.TemporaryFile() as unpacked:
        subprocess.run([unpacker, "--fsys-tarfile", str(path)], stdout=unpacked, stderr=subprocess.DEVNULL, check=False)
        unpacked.seek(0)
        with tarfile.open(fileobj=unpacked, mode="r:") as archive:
            return dict(_iterate_members(archive, is_wanted))


def _iterate_members(archive: tarfile.TarFile, is_wanted: Callable[[str], bool]) -> Iterator[tuple[str, bytes]]:
    for member in archive:
        name = str(PurePosixPath(*PurePosixPath(member.name).parts[1:]))
        content = archive.extractfile(member) if member.isfile() and is_wanted(name) else None
        if content is not None:
            yield name, content.read()


def _batches(packages: Sequence[Package]) -> Iterator[Sequence[Package]]:
    large = [package for package in packages if package.size_bytes > CHUNK_BYTES * 4 or package.registry == "debian"]
    small = [package for package in packages if package not in large]
    yield from ([package] for package in large)
    for start in range(0, len(small), PACKAGES_PER_CALL):
        yield small[start : start + PACKAGES_PER_CALL]


def _fetch_batch(batch: Sequence[Package], folder: Path, on_done: Progress) -> None:
    incoming = folder / INCOMING
    shutil.rmtree(incoming, ignore_errors=True)
    incoming.mkdir()
    try:
        _call_client(batch, incoming)
        for package in batch:
            _accept(package, incoming / package.file_name, folder)
            on_done(package)
    finally:
        shutil.rmtree(incoming, ignore_errors=True)


def _call_client(batch: Sequence[Package], incoming: Path) -> None:
    name = DEBIAN_CLIENT if batch[0].registry == "debian" else CLIENT
    client = shutil.which(name)
    if client is None:
        raise DownloadFailed(
            f"the {name!r} client is not installed, and it is what fetches {batch[0].registry} packages. Install it (npm comes with "
            f"Node.js), or put {batch[0].file_name!r} and the others into {str(incoming.parent)!r} yourself."
        )
    options = ["--loglevel=error", f"--cache={incoming / 'cache'}", f"--pack-destination={incoming}"]
    command = [client, "download"] if name == DEBIAN_CLIENT else [client, "pack", *options]
    command += [package.spec for package in batch]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=CALL_TIMEOUT_S, check=False, cwd=incoming)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _failed(batch, str(error)) from error
    if done.returncode != 0:
        raise _failed(batch, _reason(done.stderr))


def _reason(stderr: str) -> str:
    lines = [re.sub("^(?:npm error|E:)", "", line).strip() for line in stderr.splitlines() if line.startswith(("npm error", "E:"))]
    told = [line for line in lines if line and not line.startswith("A complete log")]
    return "; ".join(told[:3]) or "the client said nothing"


def _failed(batch: Sequence[Package], reason: str) -> DownloadFailed:
    names = ", ".join(package.spec for package in batch[:3]) + (" and others" if len(batch) > 3 else "")
    return DownloadFailed(f"could not fetch {names}: {reason}. Check the network and the client's registry, then try again.")


def _accept(package: Package, arrived: Path, folder: Path) -> None:
    if not is_intact(arrived, package):
        raise DamagedFile(f"{package.spec!r} arrived with another digest than the pinned one; the registry may serve a changed copy.")
    arrived.replace(folder / package.file_name)
