"""Making and changing deployments: what could never draw is refused when it is written down, not when it is used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from limner.engine.resolve import GenerateOptions, resolve
from limner.errors import InvalidField, RequestError
from limner.jobs.deployments.directory import Directory
from limner.jobs.deployments.policies import check_settled, check_strictness
from limner.jobs.models import Model
from limner.jobs.orders import check_order, fill_open_fields, make_order, settle_habits
from limner.model.layout import parse_size
from limner.store.deployments import NAME, Deployment, Plan, Policy, Target

MAX_TARGETS = 10
WHOLE = 100
NAME_RULE = "use 1 to 64 letters, digits, dots, hyphens and underscores, beginning with a letter or a digit"


class DeploymentBook:
    """Checks deployments and saves them; the directory of this process sees each change at once. Safe from many threads.

    Without a project it is the server's own deployments that are meant.
    """

    def __init__(self, directory: Directory) -> None:
        self._directory, self._store = directory, directory.deployments

    def create(self, project_id: str | None, name: str, plan: Plan) -> Deployment:
        """Make a deployment.

        Raises:
            RequestError: the name is taken or cannot be used, or with this plan nothing could be drawn; `param` names the field.
        """
        if not NAME.fullmatch(name):
            raise InvalidField("name", f"name {name[:100]!r} is not one of a deployment; {NAME_RULE}")
        if name in self._directory.models.own:
            raise InvalidField("name", f"{name!r} is the name of a model here, which no deployment may hide; choose another name")
        return self._seen(self._store.create(project_id, name, self._checked(name, plan)))

    def change(
        self,
        project_id: str | None,
        name: str,
        *,
        targets: Sequence[Target] | None = None,
        defaults: Mapping[str, Any] | None = None,
        policy: Policy | None = None,
    ) -> Deployment:
        """Make a next version, in which what is None stays as it is, and let it hold from now on.

        Raises:
            UnknownDeployment: this project, or the server, has none of this name.
            RequestError: as `create`.
        """
        given = {"targets": None if targets is None else tuple(targets), "defaults": defaults, "policy": policy}
        changes: dict[str, Any] = {part: value for part, value in given.items() if value is not None}
        return self._seen(self._store.change(project_id, name, lambda plan: self._checked(name, replace(plan, **changes))))

    def roll_back(self, project_id: str | None, name: str) -> Deployment:
        """Let the version hold again that held before the current one.

        Raises:
            UnknownDeployment: as `change`.
            InvalidField: there was none.
        """
        return self._seen(self._store.roll_back(project_id, name))

    def delete(self, project_id: str | None, name: str) -> int:
        """Delete a deployment with all its versions, and return how many there were.

        Raises:
            UnknownDeployment: as `change`.
        """
        num_deleted = self._store.delete(project_id, name)
        self._directory.forget()
        return num_deleted

    def _seen(self, deployment: Deployment) -> Deployment:
        self._directory.forget()
        return deployment

    def _checked(self, name: str, plan: Plan) -> Plan:
        _check_targets(plan.targets)
        draft = Deployment(version_id="", project_id=None, name=name, version=1, previous=None, is_current=True, created_at=0, plan=plan)
        models = []
        for index, target in enumerate(plan.targets):
            if target.model not in self._directory.models.own:
                known = ", ".join(self._directory.models.own)
                raise InvalidField(f"targets[{index}].model", f"{target.model[:100]!r} is no model or snapshot here; use one of {known}")
            models.append(self._directory.stand_in(draft, target))
        with _naming("policy.sizes"):
            sizes = [str(parse_size(size, largest_side=models[0].habits.largest_side_px)) for size in plan.policy.sizes]
        plan = replace(plan, policy=replace(plan.policy, sizes=tuple(dict.fromkeys(sizes))))
        for model in models:
            with _naming("defaults.{}"):
                _try(replace(model, policy=plan.policy), plan.defaults)
        return plan


def _check_targets(targets: Sequence[Target]) -> None:
    if not 1 <= len(targets) <= MAX_TARGETS:
        raise InvalidField("targets", f"{len(targets)} targets were given; name 1 to {MAX_TARGETS}")
    if len({target.model for target in targets}) < len(targets):
        raise InvalidField("targets", "one model is named twice among the targets; add its shares up")
    if any(not 1 <= target.percent <= WHOLE for target in targets) or sum(target.percent for target in targets) != WHOLE:
        shares = " + ".join(str(target.percent) for target in targets)
        raise InvalidField("targets", f"the shares {shares} do not make {WHOLE}; give each 1 to {WHOLE} percent, {WHOLE} in all")


def _try(model: Model, defaults: Mapping[str, Any]) -> None:
    """Settle a request that says nothing but its prompt: it has to be drawn."""
    order = fill_open_fields(make_order(prompt="x"), defaults)
    check_strictness(order, model)
    order = settle_habits(order, model)
    check_order(order)
    settled: dict[str, Any] = {name: getattr(order, name) for name in ("n", "size", "quality", "background", "seed")}
    check_settled(resolve(order.prompt, GenerateOptions(largest_side=model.habits.largest_side_px, **settled), find_snapshot=str), model)


@contextmanager
def _naming(place: str) -> Iterator[None]:
    """Let errors name a field where it stands in the body; `{}` is the field's own name."""
    try:
        yield
    except RequestError as error:
        error.param = place.format(error.param)
        raise
