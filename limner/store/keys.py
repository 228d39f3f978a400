"""API keys and the projects that they belong to. A secret is shown once and kept as its digest."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import ColumnElement, RowMapping, and_, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from limner.errors import InvalidField, UnknownKey
from limner.store.database import Database
from limner.store.identifiers import MAX_SECRET_CHARS, NUM_HINT_CHARS, digest, is_short_id, new_id, new_key_id, new_secret
from limner.store.tables import MAX_NAME_CHARS, api_keys, projects

ROLES = ("member", "admin")
SHOWN = (
    api_keys.c.key_id,
    api_keys.c.name,
    api_keys.c.project_id,
    api_keys.c.role,
    api_keys.c.created_at,
    api_keys.c.revoked_at,
    api_keys.c.expires_at,
    api_keys.c.hint,
)


@dataclass(frozen=True, kw_only=True)
class ApiKey:
    """What is known of a key. Times are UTC unix seconds; `hint` is the end of the secret, so that a person can tell keys apart."""

    key_id: str
    name: str
    project_id: str
    role: str
    created_at: int
    revoked_at: int | None
    expires_at: int | None
    hint: str

    @property
    def is_from_sign_in(self) -> bool:
        """Whether a sign-in made this key. Only those end by themselves: `limner keys create` gives no lifetime."""
        return self.expires_at is not None


class KeyStore:
    """Rows of `api_keys` and `projects`; nothing else knows their columns. Safe from many threads."""

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.time) -> None:
        self._database, self._clock = database, clock

    def create(self, name: str, *, project: str | None = None, role: str = "member", lifetime_s: int | None = None) -> tuple[ApiKey, str]:
        """Make a key and return it with its secret, which cannot be had again. Without a project's id, a new project is made for it.

        With a lifetime the key ends by itself, so many seconds from now.

        Raises:
            InvalidField: the name, the project or the role cannot be used; `param` says which.
        """
        _check_name(name)
        if role not in ROLES:
            raise InvalidField("role", f"role {role!r} is not known; use one of {', '.join(ROLES)}")
        secret, now_us = new_secret(), int(self._clock() * 1_000_000)
        now = now_us // 1_000_000
        with self._database.writing() as connection:
            if project is None:
                project = new_id("proj")
                connection.execute(insert(projects).values(project_id=project, created_at=now))
            elif (
                not is_short_id(project, "proj")
                or connection.execute(select(projects).where(projects.c.project_id == project)).first() is None
            ):
                raise InvalidField("project", f"no project has the id {project!r}; limner keys list shows them")
            key = ApiKey(
                key_id=new_key_id(now_us),
                name=name,
                project_id=project,
                role=role,
                created_at=now,
                revoked_at=None,
                expires_at=None if lifetime_s is None else now + lifetime_s,
                hint=secret[-NUM_HINT_CHARS:],
            )
            connection.execute(insert(api_keys).values(**vars(key), digest=digest(secret)))
        return key, secret

    def list(self, project_id: str | None = None) -> tuple[ApiKey, ...]:
        """Return every key, or every key of a project, revoked and ended ones too, oldest first."""
        query = select(*SHOWN).order_by(api_keys.c.created_at, api_keys.c.key_id)
        with self._database.reading() as connection:
            rows = connection.execute(query if project_id is None else query.where(api_keys.c.project_id == project_id)).mappings().all()
        return tuple(map(_from_row, rows))

    def get(self, project_id: str, key_id: str) -> ApiKey:
        """Return a key of a project.

        Raises:
            UnknownKey: the project has no such key.
        """
        for key in self.list(project_id):
            if key.key_id == key_id:
                return key
        raise UnknownKey(f"no key of this project has the id {key_id[:100]!r}; GET /limner/v1/keys lists them")

    def oldest(self) -> ApiKey | None:
        """Return the oldest key that is not revoked and that no sign-in made, None if there is none."""
        return next((key for key in self.list() if key.revoked_at is None and not key.is_from_sign_in), None)

    def revoke(self, key_id: str) -> ApiKey:
        """End a key for good and return it; from now on `find` knows it in no process. Revoking again changes nothing.

        Raises:
            UnknownKey: no key has this id.
        """
        is_this = api_keys.c.key_id == (key_id if is_short_id(key_id, "key") else "")
        with self._database.writing() as connection:
            connection.execute(update(api_keys).where(is_this, api_keys.c.revoked_at.is_(None)).values(revoked_at=int(self._clock())))
            row = connection.execute(select(*SHOWN).where(is_this)).mappings().first()
        if row is None:
            raise UnknownKey(f"no key has the id {key_id!r}; limner keys list shows them")
        return _from_row(row)

    def ensure_project(self, project_id: str) -> None:
        """Make a project with this id unless there is one."""
        if not self.has_project(project_id):
            with self._database.writing() as connection, suppress(IntegrityError), connection.begin_nested():  # somebody else may be faster
                connection.execute(insert(projects).values(project_id=project_id, created_at=int(self._clock())))

    def has_project(self, project_id: str) -> bool:
        """Say whether there is a project with this id."""
        with self._database.reading() as connection:
            return connection.execute(select(projects.c.project_id).where(projects.c.project_id == project_id)).first() is not None

    def find(self, secret: str) -> ApiKey | None:
        """Return the key with this secret, or None if there is none, or it is revoked or has ended."""
        if len(secret) > MAX_SECRET_CHARS:
            return None
        with self._database.reading() as connection:
            found = connection.execute(select(*SHOWN).where(api_keys.c.digest == digest(secret), self._is_good()))
            row = found.mappings().first()
        return None if row is None else _from_row(row)

    def _is_good(self) -> ColumnElement[bool]:
        expires_at = api_keys.c.expires_at
        return and_(api_keys.c.revoked_at.is_(None), or_(expires_at.is_(None), expires_at > int(self._clock())))

    def is_empty(self) -> bool:
        """Say whether no key was ever made here."""
        with self._database.reading() as connection:
            return connection.execute(select(api_keys.c.key_id).limit(1)).first() is None


def _check_name(name: str) -> None:
    if not name.strip() or len(name) > MAX_NAME_CHARS or not name.isprintable():
        raise InvalidField(
            "name", f"a key's name must be 1 to {MAX_NAME_CHARS} printable characters, and {name[: MAX_NAME_CHARS + 1]!r} is not"
        )


def _from_row(row: RowMapping) -> ApiKey:
    return ApiKey(**row)
