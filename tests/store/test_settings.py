"""Where things lie: options before variables before the user's home."""

from __future__ import annotations

from pathlib import Path

import pytest

from limner.errors import InvalidField
from limner.store.settings import read_store_settings


def test_without_settings_all_lies_in_the_users_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("HOME", str(tmp_path))

    settings = read_store_settings({"LIMNER_DATA_DIR": "", "LIMNER_DATABASE_URL": "", "LIMNER_BLOB_URL": ""})

    folder = tmp_path / ".local" / "share" / "limner"
    assert (settings.data_dir, settings.database, settings.blobs) == (folder, folder / "limner.db", folder / "blobs")


@pytest.mark.parametrize(("xdg", "is_followed"), [("/srv/share", True), ("relative", False), ("", False)])
def test_the_xdg_variable_counts_when_it_is_absolute(xdg: str, is_followed: bool):
    folder = read_store_settings({"XDG_DATA_HOME": xdg}).data_dir

    assert (folder == Path("/srv/share/limner")) == is_followed


def test_variables_name_each_place():
    environment = {"LIMNER_DATA_DIR": "/srv/limner", "LIMNER_DATABASE_URL": "postgresql://db/limner", "LIMNER_BLOB_URL": "s3://bucket"}

    settings = read_store_settings(environment)

    assert (settings.data_dir, settings.database, settings.blobs) == (Path("/srv/limner"), "postgresql://db/limner", "s3://bucket")


def test_what_is_passed_counts_before_the_variables(tmp_path: Path):
    environment = {"LIMNER_DATA_DIR": "/srv/limner", "LIMNER_DATABASE_URL": "postgresql://db/limner", "LIMNER_BLOB_URL": "s3://bucket"}

    settings = read_store_settings(environment, data_dir=tmp_path, database_url="sqlite:///a.db", blob_url="s3://other")

    assert (settings.data_dir, settings.database, settings.blobs) == (tmp_path, "sqlite:///a.db", "s3://other")


def test_a_relative_folder_and_one_of_a_user_become_whole_paths(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))

    assert read_store_settings({}, data_dir=Path("here")).data_dir == tmp_path / "here"
    assert read_store_settings({"LIMNER_DATA_DIR": "~/there"}).data_dir == tmp_path / "there"


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path):
    (tmp_path / "taken").write_text("")

    with pytest.raises(InvalidField, match="not a folder") as refusal:
        read_store_settings({}, data_dir=tmp_path / "taken")

    assert refusal.value.param == "data_dir"
