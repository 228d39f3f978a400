"""Where the server keeps what it keeps: the one reading of the data directory, the database and the blobs, shared by all commands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from limner.errors import InvalidField

DATA_DIR_VARIABLE = "LIMNER_DATA_DIR"
DATABASE_URL_VARIABLE = "LIMNER_DATABASE_URL"
BLOB_URL_VARIABLE = "LIMNER_BLOB_URL"
DATABASE_NAME, BLOBS_NAME = "limner.db", "blobs"


@dataclass(frozen=True, kw_only=True)
class StoreSettings:
    """`database` is a URL, or the path of a SQLite file; `blobs` is an s3:// URL, or the path of a folder."""

    data_dir: Path
    database: str | Path
    blobs: str | Path


def read_store_settings(
    environment: Mapping[str, str], *, data_dir: Path | None = None, database_url: str | None = None, blob_url: str | None = None
) -> StoreSettings:
    """Settle where things lie: as passed, else as in environment variables, else a folder in the user's home. Empty counts as unset.

    Raises:
        InvalidField: there is something at the data directory's path, and it is not a folder; `param` is `data_dir`.
    """
    folder = _read_data_dir(environment, data_dir)
    return StoreSettings(
        data_dir=folder,
        database=database_url or environment.get(DATABASE_URL_VARIABLE) or folder / DATABASE_NAME,
        blobs=blob_url or environment.get(BLOB_URL_VARIABLE) or folder / BLOBS_NAME,
    )


def _read_data_dir(environment: Mapping[str, str], chosen: Path | None) -> Path:
    named = chosen or environment.get(DATA_DIR_VARIABLE)
    folder = Path(named).expanduser().absolute() if named else _home_of_data(environment) / "limner"
    if folder.exists() and not folder.is_dir():
        raise InvalidField(
            "data_dir", f"the data directory {str(folder)!r} is not a folder; name one with --data-dir or {DATA_DIR_VARIABLE}"
        )
    return folder


def _home_of_data(environment: Mapping[str, str]) -> Path:
    """Follow the XDG rule: a relative path in the variable counts as unset."""
    named = environment.get("XDG_DATA_HOME", "")
    return Path(named) if Path(named).is_absolute() else Path.home() / ".local" / "share"
