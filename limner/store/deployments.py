"""Deployments: names that stand for snapshots in shares, with defaults and a policy, in versions that never change."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from limner.errors import InvalidField, UnknownDeployment
from limner.store.database import Database
from limner.store.identifiers import is_deployment_id, new_deployment_id
from limner.store.pages import Page, PageReader
from limner.store.tables import deployments, projects

MAX_PAGE_DEPLOYMENTS = 100
MAX_DEPLOYMENTS, MAX_VERSIONS = 200, 10_000  # of one project, or of the server; of one name
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, kw_only=True)
class Target:
    """A model or snapshot of the catalogue, and how many of a hundred requests it draws, 1 to 100."""

    model: str
    percent: int


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What a deployment lets pass: with `moderation` auto nothing less strict; qualities and sizes where named; `max_n` pictures."""

    moderation: Literal["auto", "low"] = "low"
    qualities: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()
    max_n: int | None = None


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a version says. `defaults` are JSON, by the names of the Images routes; the targets' shares make a hundred."""

    targets: tuple[Target, ...]
    defaults: Mapping[str, Any] = field(default_factory=dict)
    policy: Policy = Policy()


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """One version of a name. Without a `project_id` it is the server's, and holds for every project.

    `previous` is the version that was current when this one was made, None for the first. Times are UTC unix seconds.
    """

    version_id: str
    project_id: str | None
    name: str
    version: int
    previous: int | None
    is_current: bool
    created_at: int
    plan: Plan


class DeploymentStore:
    """Deployments. A project sees its own and the server's, its own first, and changes its own alone. Safe from many threads."""

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.time) -> None:
        self._database, self._clock = database, clock
        self._pages = PageReader(id_column=deployments.c.version_id, is_id=is_deployment_id, from_row=_from_row, most=MAX_PAGE_DEPLOYMENTS)

    def create(self, project_id: str | None, name: str, plan: Plan) -> Deployment:
        """Keep the first version of a name that `NAME` matches.

        Raises:
            InvalidField: the name is taken, or there are as many as there may be.
        """
        with self._database.writing() as connection:
            if project_id is not None and connection.execute(select(projects).where(projects.c.project_id == project_id)).first() is None:
                raise InvalidField("project", f"no project has the id {project_id[:100]!r}; limner keys list shows them")
            is_mine = and_(_is_of(project_id), deployments.c.is_current)
            if (connection.execute(select(func.count()).select_from(deployments).where(is_mine)).scalar() or 0) >= MAX_DEPLOYMENTS:
                raise InvalidField("name", f"there are {MAX_DEPLOYMENTS} deployments already; delete one that is not used")
            try:
                return self._insert(connection, project_id, name, plan, version=1, previous=None)
            except IntegrityError as error:
                raise InvalidField("name", f"a deployment {name!r} exists already; change that one, or choose another name") from error

    def change(self, project_id: str | None, name: str, revise: Callable[[Plan], Plan]) -> Deployment:
        """Keep what `revise` makes of the current plan as the next version, and make it current. What it raises undoes all.

        Raises:
            UnknownDeployment: there is none of this name in this very scope.
            InvalidField: it has as many versions as there may be.
        """
        with self._database.writing() as connection:
            current = self._lock(connection, project_id, name)
            newest = connection.execute(select(func.max(deployments.c.version)).where(_is_named(project_id, name))).scalar_one()
            if newest >= MAX_VERSIONS:
                raise InvalidField("name", f"{name!r} has {MAX_VERSIONS:,} versions; delete it and create it anew")
            plan = revise(current.plan)
            self._unset(connection, current)
            return self._insert(connection, project_id, name, plan, version=newest + 1, previous=current.version)

    def roll_back(self, project_id: str | None, name: str) -> Deployment:
        """Make the version current that was current when this one was made.

        Raises:
            UnknownDeployment: as `change`.
            InvalidField: it is at its first version.
        """
        with self._database.writing() as connection:
            current = self._lock(connection, project_id, name)
            if current.previous is None:
                raise InvalidField("name", f"{name!r} is at version {current.version}, before which there was none; change it instead")
            self._unset(connection, current)
            is_previous = and_(_is_named(project_id, name), deployments.c.version == current.previous)
            connection.execute(update(deployments).where(is_previous).values(is_current=True))
            return _from_row(connection.execute(select(deployments).where(is_previous)).mappings().one())

    def delete(self, project_id: str | None, name: str) -> int:
        """Delete every version of a name, and return how many there were.

        Raises:
            UnknownDeployment: as `change`.
        """
        with self._database.writing() as connection:
            num_deleted = connection.execute(delete(deployments).where(_is_named(project_id, name))).rowcount
        if not num_deleted:
            raise _unknown(name)
        return num_deleted

    def get(self, project_id: str | None, name: str) -> Deployment:
        """Return the current version of a name as it holds for a project: its own, else the server's.

        Raises:
            UnknownDeployment: neither has this name.
        """
        query = select(deployments).where(_is_seen_by(project_id), deployments.c.name == _safe(name), deployments.c.is_current)
        with self._database.reading() as connection:
            rows = connection.execute(query).mappings().all()
        if not rows:
            raise _unknown(name)
        return max(map(_from_row, rows), key=lambda found: found.project_id is not None)

    def holding(self, project_id: str | None) -> dict[str, Deployment]:
        """Return by name what holds for a project now."""
        with self._database.reading() as connection:
            rows = connection.execute(select(deployments).where(_is_seen_by(project_id), deployments.c.is_current)).mappings().all()
        found = sorted(map(_from_row, rows), key=lambda deployment: deployment.project_id is not None)
        return {deployment.name: deployment for deployment in found}  # a project's own comes last, and stays

    def page(
        self, project_id: str | None, *, limit: int = MAX_PAGE_DEPLOYMENTS, order: str = "desc", after: str | None = None
    ) -> Page[Deployment]:
        """List the current versions that a project sees, by their time.

        Raises:
            InvalidField: `limit`, `order` or `after` cannot be used.
        """
        query = select(deployments).where(_is_seen_by(project_id), deployments.c.is_current)
        with self._database.reading() as connection:
            return self._pages.read(connection, query, limit=limit, order=order, after=after)

    def versions(
        self, project_id: str | None, name: str, *, limit: int = MAX_PAGE_DEPLOYMENTS, order: str = "desc", after: str | None = None
    ) -> Page[Deployment]:
        """List the versions of the name that `get` returns, by their time.

        Raises:
            UnknownDeployment: as `get`.
            InvalidField: as `page`.
        """
        scope = self.get(project_id, name).project_id
        with self._database.reading() as connection:
            query = select(deployments).where(_is_named(scope, name))
            return self._pages.read(connection, query, limit=limit, order=order, after=after)

    def _insert(
        self, connection: Connection, project_id: str | None, name: str, plan: Plan, *, version: int, previous: int | None
    ) -> Deployment:
        now_us = int(self._clock() * 1_000_000)
        made = Deployment(
            version_id=new_deployment_id(now_us),
            project_id=project_id,
            name=name,
            version=version,
            previous=previous,
            is_current=True,
            created_at=now_us // 1_000_000,
            plan=plan,
        )
        row = {column: value for column, value in vars(made).items() if column != "plan"}
        connection.execute(insert(deployments).values(**row, details=json.dumps(asdict(plan))))
        return made

    def _lock(self, connection: Connection, project_id: str | None, name: str) -> Deployment:
        """Return the current version; until the transaction ends nobody else changes the name."""
        is_this = _is_named(project_id, name)
        connection.execute(select(deployments.c.version).where(is_this, deployments.c.version == 1).with_for_update())
        row = connection.execute(select(deployments).where(is_this, deployments.c.is_current)).mappings().first()
        if row is None:
            raise _unknown(name)
        return _from_row(row)

    def _unset(self, connection: Connection, current: Deployment) -> None:
        connection.execute(update(deployments).where(deployments.c.version_id == current.version_id).values(is_current=False))


def _safe(name: str) -> str:
    """Return the name, or one that nothing has: what cannot be a name is never shown to the database."""
    return name if NAME.fullmatch(name) else ""


def _is_of(project_id: str | None) -> ColumnElement[bool]:
    return deployments.c.project_id.is_(None) if project_id is None else deployments.c.project_id == project_id


def _is_seen_by(project_id: str | None) -> ColumnElement[bool]:
    return or_(deployments.c.project_id.is_(None), _is_of(project_id))


def _is_named(project_id: str | None, name: str) -> ColumnElement[bool]:
    return and_(_is_of(project_id), deployments.c.name == _safe(name))


def _from_row(row: RowMapping) -> Deployment:
    details = json.loads(row["details"])
    policy = details["policy"]
    plan = Plan(
        targets=tuple(Target(**target) for target in details["targets"]),
        defaults=details["defaults"],
        policy=Policy(**policy | {"qualities": tuple(policy["qualities"]), "sizes": tuple(policy["sizes"])}),
    )
    return Deployment(plan=plan, **{name: value for name, value in row.items() if name != "details"})


def _unknown(name: str) -> UnknownDeployment:
    return UnknownDeployment(
        f"no deployment has the name {name[:100]!r}; GET /limner/v1/deployments and `limner deployments list` show them"
    )
