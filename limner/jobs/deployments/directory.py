"""From a request's `model` to what draws it: deployments first, as they stand now, then the names of the model table.

A deployment may hide upstream's names and aliases, and never a model or snapshot of the catalogue, whose names are looked at first.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Sequence
from dataclasses import replace

from anyio import CapacityLimiter, to_thread

from limner.errors import UnknownModel
from limner.jobs.deployments.policies import check_strictness
from limner.jobs.models import UPSTREAM_NAMES, Habits, Model, ModelTable
from limner.jobs.orders import PictureOrder, fill_open_fields
from limner.store.deployments import NAME, Deployment, DeploymentStore, Target

MEMORY_S = 0.5  # what another process changes is seen within this
MAX_REMEMBERED_PROJECTS = 1024
LOOKUP_THREADS = 4


class Directory:
    """Decides, once for each request, which snapshot draws it. Safe from many threads."""

    def __init__(self, models: ModelTable, deployments: DeploymentStore) -> None:
        self.models, self.deployments = models, deployments
        self._known: dict[str, tuple[dict[str, Deployment], float]] = {}
        self._threads = CapacityLimiter(LOOKUP_THREADS)  # its own, as the key ring's

    async def settle(self, order: PictureOrder, project_id: str) -> tuple[PictureOrder, Model]:
        """Return the order with a deployment's defaults where the caller left fields out, and its model. What is settled stays so.

        Raises:
            UnknownModel: nothing has the order's name.
            InvalidField: the deployment's policy is against it.
        """
        if order.settled is not None:
            return order, order.settled
        if self._may_be_deployed(order.model) and self._remembered(project_id) is None:
            await to_thread.run_sync(self._read, project_id, limiter=self._threads)
        deployment = self._deployment(order.model, project_id)
        if deployment is not None:
            order = fill_open_fields(order, deployment.plan.defaults)
        model = self._model(deployment, order.split_key) if deployment else self.models.find(order.model)
        check_strictness(order, model)
        return replace(order, settled=model), model

    def find(self, name: str | None, project_id: str, *, key: str = "") -> Model:
        """Return what a name stands for, of a split deployment what it does for the `key`; the database may be read.

        Raises:
            UnknownModel: nothing has this name.
        """
        deployment = self._deployment(name, project_id)
        return self._model(deployment, key) if deployment else self.models.find(name)

    def names(self, project_id: str) -> list[Model]:
        """Return every name that a project may give, sorted; of a split deployment the snapshot is that of its largest share."""
        found = {model.name: model for model in self.models}
        for deployment in self._holding(project_id).values():
            if deployment.name not in self.models.own:
                found[deployment.name] = self.stand_in(deployment, max(deployment.plan.targets, key=lambda target: target.percent))
        return sorted(found.values(), key=lambda model: model.name)

    def stand_in(self, deployment: Deployment, target: Target) -> Model:
        """Return the model that a deployment is for one of its targets, with the habits of its own name.

        Raises:
            UnknownModel: the target is not here any more.
        """
        own = self.models.own.get(target.model)
        if own is None:
            raise UnknownModel(f"deployment {deployment.name!r} stands for {target.model!r}, which is not here; switch it to one that is")
        habits = UPSTREAM_NAMES.get(deployment.name, Habits())
        return replace(own, name=deployment.name, habits=habits, deployment=deployment.name, policy=deployment.plan.policy)

    def forget(self) -> None:
        """Look again, because something was changed here."""
        self._known = {}

    def _model(self, deployment: Deployment, key: str) -> Model:
        return self.stand_in(deployment, choose(deployment.plan.targets, f"{deployment.name}\0{key or secrets.token_hex(16)}"))

    def _may_be_deployed(self, name: str | None) -> bool:
        return name is not None and name not in self.models.own and NAME.fullmatch(name) is not None

    def _deployment(self, name: str | None, project_id: str) -> Deployment | None:
        return self._holding(project_id).get(str(name)) if self._may_be_deployed(name) else None

    def _holding(self, project_id: str) -> dict[str, Deployment]:
        remembered = self._remembered(project_id)
        return self._read(project_id) if remembered is None else remembered

    def _remembered(self, project_id: str) -> dict[str, Deployment] | None:
        known = self._known.get(project_id)
        return known[0] if known is not None and known[1] > time.monotonic() else None

    def _read(self, project_id: str) -> dict[str, Deployment]:
        if len(self._known) >= MAX_REMEMBERED_PROJECTS:
            self._known = {}
        asked = time.monotonic()
        holding = self.deployments.holding(project_id)
        self._known[project_id] = holding, asked + MEMORY_S
        return holding


def choose(targets: Sequence[Target], key: str) -> Target:
    """Return the target whose share holds the key: its SHA-256, as a number, modulo 100, counted through the shares in their order."""
    place = int.from_bytes(hashlib.sha256(key.encode()).digest()) % 100
    for target in targets:
        place -= target.percent
        if place < 0:
            return target
    raise AssertionError("the shares of a deployment make a hundred")
