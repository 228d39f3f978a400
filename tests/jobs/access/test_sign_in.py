"""One-time tokens: good once, not for long, for the project of the oldest key, and not to be guessed at."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from limner.errors import QueueFull, Unauthenticated
from limner.jobs.access.keyring import KeyRing
from limner.jobs.access.sign_in import KEY_LIFETIME_S, MAX_WRONG, TOKEN_LIFETIME_S, WRONG_WINDOW_S, SignInDesk
from limner.store.database import Database
from limner.store.keys import KeyStore

pytestmark = pytest.mark.anyio


class Clock:
    """A clock that a test moves."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keys(tmp_path: Path) -> Iterator[KeyStore]:
    with closing(Database.open(tmp_path / "limner.db")) as database:
        yield KeyStore(database)


@pytest.fixture
def desk(keys: KeyStore, clock: Clock) -> SignInDesk:
    keys.create("first")
    return SignInDesk(keys, clock=clock)


def issue(desk: SignInDesk) -> str:
    token = desk.issue()
    assert token is not None
    return token


async def test_a_token_becomes_one_key_of_the_oldest_keys_project_that_ends(desk: SignInDesk, keys: KeyStore):
    token = issue(desk)

    key, secret = await desk.redeem(token)
    with pytest.raises(Unauthenticated, match="used or is too old"):
        await desk.redeem(token)

    first = keys.list()[0]
    assert keys.find(secret) == key
    assert (key.name, key.project_id, key.role) == ("playground", first.project_id, "member")
    assert key.expires_at == key.created_at + KEY_LIFETIME_S == key.created_at + 12 * 3600


async def test_whoever_signs_in_has_the_role_of_the_oldest_key_that_is_still_good(desk: SignInDesk, keys: KeyStore):
    admin, _ = keys.create("boss", role="admin")
    keys.revoke(keys.list()[0].key_id if keys.list()[0] != admin else keys.list()[1].key_id)

    key, _ = await desk.redeem(issue(desk))

    assert (key.project_id, key.role) == (admin.project_id, "admin")


async def test_a_token_is_good_for_ten_minutes(desk: SignInDesk, clock: Clock):
    early, late = issue(desk), issue(desk)
    clock.now += TOKEN_LIFETIME_S - 0.1
    await desk.redeem(early)
    clock.now += 0.1

    with pytest.raises(Unauthenticated):
        await desk.redeem(late)

    assert TOKEN_LIFETIME_S == 600


async def test_without_a_good_key_there_is_no_token_and_an_old_one_leads_nowhere(keys: KeyStore, desk: SignInDesk):
    token = issue(desk)
    keys.revoke(keys.list()[0].key_id)

    with pytest.raises(Unauthenticated, match="limner keys create"):
        await desk.redeem(token)

    assert desk.issue() is None


@pytest.mark.parametrize("token", ["", "x", "\x00", "\udcff", "x" * 200])
async def test_a_wrong_token_is_refused_whatever_it_is(desk: SignInDesk, token: str):
    with pytest.raises(Unauthenticated):
        await desk.redeem(token)


async def test_many_wrong_tokens_close_the_desk_for_a_moment_to_other_wrong_ones(desk: SignInDesk, clock: Clock):
    token = issue(desk)
    for _ in range(MAX_WRONG):
        with pytest.raises(Unauthenticated):
            await desk.redeem("wrong")

    clock.now += 1
    with pytest.raises(QueueFull) as refused:
        await desk.redeem("wrong")
    key, _ = await desk.redeem(token)
    clock.now += WRONG_WINDOW_S
    with pytest.raises(Unauthenticated):
        await desk.redeem("wrong")

    assert key.name == "playground"
    assert refused.value.retry_after_s == WRONG_WINDOW_S - 1


async def test_a_token_that_led_nowhere_is_still_good(desk: SignInDesk, keys: KeyStore):
    token = issue(desk)
    keys.revoke(keys.list()[0].key_id)
    with pytest.raises(Unauthenticated, match="limner keys create"):
        await desk.redeem(token)

    keys.create("another")
    key, _ = await desk.redeem(token)

    assert key.name == "playground"


async def test_a_key_that_is_remembered_ends_at_its_second(keys: KeyStore):
    ring = KeyRing(keys)
    key, secret = keys.create("soon", lifetime_s=2)
    assert key.expires_at is not None
    await asyncio.sleep(key.expires_at - time.time() - 0.2)
    found_before = await ring.find(secret)
    await asyncio.sleep(key.expires_at - time.time() + 0.01)

    assert await ring.find(secret) is None
    assert found_before in (key, None)  # None where the machine slept for longer


async def test_a_key_that_is_remembered_and_revoked_here_ends_at_once(keys: KeyStore):
    ring = KeyRing(keys)
    (key, secret), (other, good) = keys.create("one"), keys.create("another")
    found = [await ring.find(secret), await ring.find(good)]

    await ring.revoke(key)

    assert found == [key, other]
    assert [await ring.find(secret), await ring.find(good)] == [None, other]
