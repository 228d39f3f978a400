"""Packages arrive whole and right, once, or the reason is said."""

from __future__ import annotations

import base64
import hashlib
import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from limner.data.packing.fetch import fetch_packages, is_intact, read_members
from limner.data.packing.packages import Package, read_catalogue
from limner.errors import DamagedFile, DownloadFailed

Registry = Callable[[str], Package]

# Stands in for the npm client: copies tarballs from a folder that plays the registry, and counts the calls.
CLIENT = """#!/bin/sh
for argument; do
  case "$argument" in
    --pack-destination=*) destination=${argument#*=} ;;
    --*|pack) ;;
    *) echo "$argument" >> "REGISTRY/asked.txt"
       file=$(echo "$argument" | sed 's/^@//; s#/#-#; s/@/-/').tgz
       cp "REGISTRY/$file" "$destination/" || { echo "npm error code E404" >&2; echo "npm error 404 Not Found" >&2; exit 1; } ;;
  esac
done
"""

# Stands in for Debian's client: copies into the folder that it is called in.
DEBIAN_CLIENT = """#!/bin/sh
cp "REGISTRY/$(echo "$2" | sed 's/=/_/; s/:/%3a/')_all.deb" . || { echo "E: Unable to locate package $2" >&2; exit 100; }
"""


@pytest.fixture
def registry_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    registry_dir = tmp_path / "registry"
    programs = tmp_path / "programs"
    registry_dir.mkdir()
    programs.mkdir()
    client = programs / "npm"
    client.write_text(CLIENT.replace("REGISTRY", str(registry_dir)))
    client.chmod(0o755)
    debian_client = programs / "apt-get"
    debian_client.write_text(DEBIAN_CLIENT.replace("REGISTRY", str(registry_dir)))
    debian_client.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    return registry_dir


@pytest.fixture
def registry(registry_dir: Path) -> Registry:
    def publish(name: str) -> Package:
        tarball = pack_tarball({"package/README.md": name.encode(), "package/json/a.json": b"{}"})
        integrity = f"sha512-{base64.b64encode(hashlib.sha512(tarball).digest()).decode()}"
        package = Package(name, "1.0.0", integrity, len(tarball), "MIT")
        (registry_dir / package.file_name).write_bytes(tarball)
        return package

    return publish


def pack_tarball(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def ignore(_: Package) -> None:
    """Want no progress."""


def asked(registry_dir: Path) -> list[str]:
    return (registry_dir / "asked.txt").read_text().split()


def test_packages_arrive_and_each_is_reported_once(registry: Registry, tmp_path: Path) -> None:
    packages = [registry("plain"), registry("@scope/scoped")]
    reported: list[Package] = []

    fetch_packages(packages, tmp_path / "packages", reported.append)

    assert reported == packages
    assert {path.name for path in (tmp_path / "packages").iterdir()} == {"plain-1.0.0.tgz", "scope-scoped-1.0.0.tgz"}


def test_what_is_there_and_right_is_not_fetched_again(registry: Registry, registry_dir: Path, tmp_path: Path) -> None:
    first, second = registry("first"), registry("second")
    fetch_packages([first], tmp_path, ignore)

    fetch_packages([first, second], tmp_path, ignore)

    assert asked(registry_dir) == ["first@1.0.0", "second@1.0.0"]


def test_a_partial_file_is_not_trusted(registry: Registry, tmp_path: Path) -> None:
    package = registry("plain")
    fetch_packages([package], tmp_path, ignore)
    path = tmp_path / package.file_name
    path.write_bytes(path.read_bytes()[:-10])

    fetch_packages([package], tmp_path, ignore)

    assert is_intact(path, package)


def test_a_tarball_with_another_digest_is_refused_and_not_kept(registry: Registry, registry_dir: Path, tmp_path: Path) -> None:
    package = registry("plain")
    path = registry_dir / package.file_name
    path.write_bytes(bytes(package.size_bytes))

    with pytest.raises(DamagedFile, match=r"plain@1\.0\.0"):
        fetch_packages([package], tmp_path / "packages", ignore)

    assert list((tmp_path / "packages").iterdir()) == []


def test_a_package_that_the_registry_lacks_fails_with_its_reason(registry: Registry, registry_dir: Path, tmp_path: Path) -> None:
    package = registry("plain")
    (registry_dir / package.file_name).unlink()

    with pytest.raises(DownloadFailed, match="404 Not Found"):
        fetch_packages([package], tmp_path / "packages", ignore)


def test_a_missing_client_is_named(registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = registry("plain")
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))

    with pytest.raises(DownloadFailed, match="npm"):
        fetch_packages([package], tmp_path / "packages", ignore)


def test_a_debian_package_comes_from_its_own_client_and_is_checked_like_any_other(registry_dir: Path, tmp_path: Path) -> None:
    content = b"an archive"
    integrity = f"sha512-{base64.b64encode(hashlib.sha512(content).digest()).decode()}"
    package = Package("clipart", "1:0.18-19", integrity, len(content), "public domain", registry="debian")
    (registry_dir / "clipart_1%3a0.18-19_all.deb").write_bytes(content)

    fetch_packages([package], tmp_path / "packages", ignore)

    assert is_intact(tmp_path / "packages" / package.file_name, package)


def test_a_debian_package_that_is_not_there_fails_with_its_reason(registry_dir: Path, tmp_path: Path) -> None:
    package = Package("clipart", "2", "sha512-", 1, "public domain", registry="debian")

    with pytest.raises(DownloadFailed, match="Unable to locate package clipart=2"):
        fetch_packages([package], tmp_path, ignore)


def test_members_are_read_by_their_path_inside_the_package(registry: Registry, tmp_path: Path) -> None:
    package = registry("plain")
    fetch_packages([package], tmp_path, ignore)

    assert read_members(tmp_path, package, lambda name: name.endswith(".json")) == {"json/a.json": b"{}"}


def test_members_of_a_missing_package_are_refused_with_the_command_to_run(registry: Registry, tmp_path: Path) -> None:
    with pytest.raises(DamagedFile, match="limner data fetch"):
        read_members(tmp_path, registry("plain"), lambda name: True)


def test_every_pinned_package_has_a_whole_digest_and_its_own_file() -> None:
    packages = read_catalogue().list_packages()

    assert len({package.file_name for package in packages}) == len(packages) == 222
    assert all(len(base64.b64decode(package.integrity.removeprefix("sha512-"))) == 64 for package in packages)
