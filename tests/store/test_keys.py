"""API keys: shown once, found by their secret, revoked at once."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from limner.errors import InvalidField, UnknownKey
from limner.store.database import Database
from limner.store.keys import KeyStore


def test_a_key_is_found_by_its_secret_alone(keys: KeyStore):
    key, secret = keys.create("ci", role="admin")
    other, other_secret = keys.create("laptop")

    assert keys.find(secret) == key
    assert keys.find(other_secret) == other
    assert (key.name, key.role, key.revoked_at) == ("ci", "admin", None)
    assert secret.startswith("sk-limner-")
    assert secret.endswith(key.hint)


@pytest.mark.parametrize("secret", ["", "sk-limner-", "sk-limner-\x00", "sk-\udcff", "é" * 150, "x" * 1_000_000])
def test_a_secret_of_no_key_is_none_whatever_it_is(keys: KeyStore, secret: str):
    keys.create("ci")

    assert keys.find(secret) is None


def test_a_secret_is_nowhere_in_the_database(keys: KeyStore, database: Database):
    _, secret = keys.create("ci")

    with database.reading() as connection:
        cells = [str(cell) for row in connection.execute(text("SELECT * FROM api_keys")) for cell in row]

    assert not any(secret in cell or secret.removeprefix("sk-limner-")[:20] in cell for cell in cells)


def test_secrets_have_256_bits_and_differ(keys: KeyStore):
    secrets = {keys.create(f"key {index}")[1] for index in range(20)}

    assert len(secrets) == 20
    assert {len(secret.removeprefix("sk-limner-")) for secret in secrets} == {43}


def test_a_key_gets_a_project_of_its_own_unless_one_is_named(keys: KeyStore):
    first, _ = keys.create("first")
    second, _ = keys.create("second", project=first.project_id)
    third, _ = keys.create("third")

    assert second.project_id == first.project_id
    assert third.project_id != first.project_id


@pytest.mark.parametrize(
    ("name", "project", "role", "param"),
    [
        ("", None, "member", "name"),
        ("  ", None, "member", "name"),
        ("x" * 65, None, "member", "name"),
        ("two\nlines", None, "member", "name"),
        ("nul\x00", None, "member", "name"),
        ("ci", None, "owner", "role"),
        ("ci", "proj-0123456789abcdef", "member", "project"),
        ("ci", "proj\x00", "member", "project"),
    ],
)
def test_what_cannot_be_a_key_is_refused_by_name_and_nothing_is_kept(keys: KeyStore, name: str, project: str | None, role: str, param: str):
    with pytest.raises(InvalidField) as refusal:
        keys.create(name, project=project, role=role)

    assert refusal.value.param == param
    assert keys.is_empty()


def test_a_revoked_key_is_gone_at_once_for_another_process_too(keys: KeyStore, url: str):
    key, secret = keys.create("ci")
    elsewhere = Database.open(url)
    found_before = KeyStore(elsewhere).find(secret)

    revoked = keys.revoke(key.key_id)

    assert found_before == key
    assert KeyStore(elsewhere).find(secret) is None
    assert revoked.revoked_at is not None
    assert keys.list() == (revoked,)
    elsewhere.close()


def test_revoking_again_keeps_the_first_moment(keys: KeyStore, database: Database):
    key, _ = keys.create("ci")
    keys.revoke(key.key_id)
    with database.writing() as connection:
        connection.execute(text("UPDATE api_keys SET revoked_at = 7"))

    assert keys.revoke(key.key_id).revoked_at == 7


@pytest.mark.parametrize("key_id", ["key-0123456789abcdef", "", "key-\x00", "key-\udcff"])
def test_a_key_that_does_not_exist_cannot_be_revoked(keys: KeyStore, key_id: str):
    with pytest.raises(UnknownKey, match="limner keys list"):
        keys.revoke(key_id)


def test_a_store_is_empty_until_its_first_key_and_never_again(keys: KeyStore):
    was_empty = keys.is_empty()

    key, _ = keys.create("ci")
    keys.revoke(key.key_id)

    assert was_empty
    assert not keys.is_empty()


def test_a_key_with_a_lifetime_is_gone_at_its_second(database: Database, clock):
    keys = KeyStore(database, clock=clock)
    key, secret = keys.create("playground", lifetime_s=10)
    clock.now += 9.9
    found_before = keys.find(secret)
    clock.now += 0.1

    assert found_before == key
    assert key.expires_at == key.created_at + 10
    assert keys.find(secret) is None
    assert keys.list() == (key,)


def test_keys_of_one_second_are_listed_as_they_were_made(database: Database, clock):
    keys = KeyStore(database, clock=clock)
    made = []
    for index in range(8):
        clock.now += 0.01
        made.append(keys.create(f"key {index}")[0])

    assert len({key.created_at for key in made}) == 1
    assert keys.list() == tuple(made)
    assert keys.oldest() == made[0]


def test_the_oldest_key_is_neither_revoked_nor_one_that_ends(database: Database, clock):
    keys = KeyStore(database, clock=clock)
    assert keys.oldest() is None
    ending, *others = [
        keys.create(f"key {index}", lifetime_s=lifetime)[0] for index, lifetime in enumerate((99, None, None)) if tick(clock)
    ]

    found = keys.oldest()
    keys.revoke(others[0].key_id)

    assert (found, keys.oldest()) == (others[0], others[1])
    assert keys.list()[0] == ending


def tick(clock) -> bool:
    clock.now += 1
    return True


def test_keys_of_one_project_do_not_exist_for_another(keys: KeyStore, project: str, other_project: str):
    (own,) = keys.list(project)

    assert keys.get(project, own.key_id) == own
    for key_id in (own.key_id, "key-0123456789abcdef", "key-\x00", "key-\udcff", ""):
        with pytest.raises(UnknownKey):
            keys.get(other_project, key_id)
    assert own not in keys.list(other_project)
