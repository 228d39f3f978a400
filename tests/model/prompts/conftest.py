"""The tokenizer that ships."""

from __future__ import annotations

import pytest
from tokenizers import Tokenizer

from limner.engine.weights import PACKAGED_WEIGHTS, TEXT_ENCODER
from limner.model.text import load_tokenizer


@pytest.fixture(scope="session")
def tokenizer() -> Tokenizer:
    return load_tokenizer((PACKAGED_WEIGHTS / TEXT_ENCODER / "tokenizer.json").read_bytes())
