"""A server that would answer anybody without a key never listens where others can reach it."""

from __future__ import annotations

from pathlib import Path

import pytest

from limner.errors import InvalidField
from limner.jobs.addresses import is_loopback
from limner.server.settings import ServerSettings
from limner.store.settings import StoreSettings

STORE = StoreSettings(data_dir=Path("data"), database=Path("data/limner.db"), blobs=Path("data/blobs"))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.com", ""])
@pytest.mark.parametrize("switch", ["is_dev", "is_conformance"])
def test_switches_that_skip_checks_are_refused_off_loopback(switch: str, host: str):
    with pytest.raises(InvalidField, match="cannot be used on host"):
        ServerSettings(store=STORE, host=host, **{switch: True})


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.8.8.8"])
def test_they_are_taken_on_loopback(host: str):
    settings = ServerSettings(store=STORE, host=host, is_dev=True, is_conformance=True)

    assert is_loopback(settings.host)


def test_the_default_listens_on_loopback_with_keys_and_moderation():
    settings = ServerSettings(store=STORE)

    assert (settings.host, settings.is_dev, settings.is_conformance, settings.moderation) == ("127.0.0.1", False, False, "local")


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("moderation", {"moderation": "maybe"}),
        ("public_url", {"public_url": "limner.example"}),
        ("grace", {"grace_s": -1}),
        ("max_waiting", {"max_waiting": 0}),
        ("max_waiting", {"max_waiting": 129}),
        ("retention_days", {"retention_days": 0}),
        ("retention_days", {"retention_days": 36_501}),
    ],
)
def test_a_setting_that_cannot_be_used_is_refused_by_name(name: str, values: dict[str, object]):
    with pytest.raises(InvalidField) as caught:
        ServerSettings(store=STORE, **values)  # type: ignore[arg-type]

    assert caught.value.param == name


def test_secrets_do_not_show_in_a_settings_text():
    assert "hush" not in repr(ServerSettings(store=STORE, moderation_key="hush"))
