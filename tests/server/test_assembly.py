"""The parts of a server as its environment asks for them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from limner.engine.machine import machine_kind
from limner.errors import InvalidField
from limner.server.assembly import Opened


def test_the_engine_draws_on_as_many_threads_as_the_environment_says(open_server: Callable[..., Opened], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LIMNER_THREADS", "3")

    opened = open_server(shares_engine=False)

    assert opened.services.studio.engine.capabilities().machine_kind == machine_kind(3)


def test_a_device_that_is_not_here_keeps_the_server_from_starting(open_server: Callable[..., Opened], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LIMNER_DEVICE", "tpu")

    with pytest.raises(InvalidField, match="LIMNER_DEVICE='tpu' is not a device"):
        open_server(shares_engine=False)
