"""Settings from the environment."""

from pathlib import Path

import pytest

from limner.engine.settings import Settings, read_settings
from limner.errors import InvalidField


def test_an_empty_environment_leaves_the_choice_to_the_engine():
    assert read_settings({}) == Settings()
    assert read_settings({"LIMNER_THREADS": "", "LIMNER_WEIGHTS_DIR": "", "LIMNER_DEVICE": ""}) == Settings()


def test_set_variables_are_read(tmp_path: Path):
    settings = read_settings({"LIMNER_THREADS": "3", "LIMNER_WEIGHTS_DIR": str(tmp_path), "LIMNER_DEVICE": "cuda"})

    assert settings == Settings(weights_dir=tmp_path, threads=3, device="cuda")


@pytest.mark.parametrize("text", ["two", "0", "-1", "1.5", "257", "²"])
def test_threads_that_are_no_count_are_refused(text: str):
    with pytest.raises(InvalidField, match=r"LIMNER_THREADS=.*use a whole number from 1 to 256"):
        read_settings({"LIMNER_THREADS": text})


def test_a_weights_folder_that_is_not_there_is_refused():
    with pytest.raises(InvalidField, match="LIMNER_WEIGHTS_DIR='/not/there' is not a folder"):
        read_settings({"LIMNER_WEIGHTS_DIR": "/not/there"})


@pytest.mark.parametrize("text", ["gpu", "CUDA", "cuda:1", "0"])
def test_a_device_that_nothing_here_draws_on_is_refused(text: str):
    with pytest.raises(InvalidField, match=f"LIMNER_DEVICE='{text}' is not a device; use cpu, or cuda"):
        read_settings({"LIMNER_DEVICE": text})
