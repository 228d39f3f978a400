"""Settings from the environment."""

from pathlib import Path

import pytest

from limner.engine.settings import Settings, read_settings
from limner.errors import InvalidField


def test_an_empty_environment_leaves_the_choice_to_the_engine():
    assert read_settings({}) == Settings()
    assert read_settings({"LIMNER_THREADS": "", "LIMNER_WEIGHTS_DIR": ""}) == Settings()


def test_set_variables_are_read(tmp_path: Path):
    settings = read_settings({"LIMNER_THREADS": "3", "LIMNER_WEIGHTS_DIR": str(tmp_path)})

    assert settings == Settings(weights_dir=tmp_path, threads=3)


@pytest.mark.parametrize("text", ["two", "0", "-1", "1.5", "257", "²"])
def test_threads_that_are_no_count_are_refused(text: str):
    with pytest.raises(InvalidField, match=r"LIMNER_THREADS=.*use a whole number from 1 to 256"):
        read_settings({"LIMNER_THREADS": text})


def test_a_weights_folder_that_is_not_there_is_refused():
    with pytest.raises(InvalidField, match="LIMNER_WEIGHTS_DIR='/not/there' is not a folder"):
        read_settings({"LIMNER_WEIGHTS_DIR": "/not/there"})
