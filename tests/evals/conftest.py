"""What the tests of reading need beside Python packages."""

from __future__ import annotations

import shutil

import pytest

from limner.evals.metrics.reading import TESSERACT


@pytest.fixture
def readers() -> None:
    """Fail where the system lacks what the readers of words need."""
    if shutil.which(TESSERACT) is None:
        pytest.fail("tesseract is not installed; on Debian: apt-get install tesseract-ocr libgl1")
