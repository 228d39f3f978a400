"""Deployments as rows, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from limner.errors import InvalidField, UnknownDeployment
from limner.store import deployments as deployments_module
from limner.store.deployments import Deployment, DeploymentStore, Plan, Policy, Target


def plan(*models: str, **parts: object) -> Plan:
    return Plan(targets=tuple(Target(model=model, percent=100 // len(models)) for model in models), **parts)


def to(*models: str) -> Callable[[Plan], Plan]:
    return lambda old: replace(old, targets=plan(*models).targets)


def drawn_with(deployment: Deployment) -> str:
    return " ".join(target.model for target in deployment.plan.targets)


def test_everything_that_was_given_comes_back(deployments: DeploymentStore, project: str):
    policy = Policy(moderation="auto", qualities=("low",), sizes=("1024x1024",), max_n=2)
    given = plan("a", "b", defaults={"quality": "low", "n": 2}, policy=policy)

    made = deployments.create(project, "art", given)

    assert deployments.get(project, "art") == made
    assert (made.plan, made.version, made.previous, made.is_current) == (given, 1, None, True)


def test_a_change_is_a_next_version_and_no_version_ever_changes(deployments: DeploymentStore):
    deployments.create(None, "art", plan("a", defaults={"n": 2}))

    changed = deployments.change(None, "art", to("b"))

    newest, first = deployments.versions(None, "art").items
    assert (changed, drawn_with(first), first.is_current) == (newest, "a", False)
    assert newest.plan.defaults == {"n": 2}


def test_a_roll_back_leads_to_what_was_current_before_however_often(deployments: DeploymentStore):
    deployments.create(None, "art", plan("a"))
    for model in ("b", "c"):
        deployments.change(None, "art", to(model))

    back = [drawn_with(deployments.roll_back(None, "art"))]
    deployments.change(None, "art", to("d"))
    back += [drawn_with(deployments.roll_back(None, "art")) for _ in range(2)]

    assert back == ["b", "b", "a"]
    with pytest.raises(InvalidField, match="before which there was none"):
        deployments.roll_back(None, "art")
    assert [version.version for version in deployments.versions(None, "art", order="asc").items] == [1, 2, 3, 4]


def test_a_change_that_fails_leaves_what_was(deployments: DeploymentStore):
    made = deployments.create(None, "art", plan("a"))

    def fail(_: Plan) -> Plan:
        raise InvalidField("targets", "no")

    with pytest.raises(InvalidField):
        deployments.change(None, "art", fail)

    assert deployments.versions(None, "art").items == (made,)


def test_a_project_sees_its_own_before_the_servers_and_nothing_of_another(deployments: DeploymentStore, project: str, other_project: str):
    deployments.create(None, "art", plan("server"))
    deployments.create(project, "art", plan("mine"))
    deployments.create(other_project, "secret", plan("theirs"))

    assert {name: drawn_with(found) for name, found in deployments.holding(project).items()} == {"art": "mine"}
    assert drawn_with(deployments.get(other_project, "art")) == "server"
    assert {drawn_with(found) for found in deployments.page(project).items} == {"server", "mine"}
    for name in ("secret", "never", "", "a\x00b", "x" * 300):
        with pytest.raises(UnknownDeployment):
            deployments.get(project, name)
        with pytest.raises(UnknownDeployment):
            deployments.versions(project, name)


def test_nobody_changes_another_scopes_deployment(deployments: DeploymentStore, project: str, other_project: str):
    deployments.create(None, "art", plan("server"))
    deployments.create(other_project, "secret", plan("theirs"))

    for name in ("art", "secret"):
        for act in (lambda name: deployments.change(project, name, to("x")), lambda name: deployments.roll_back(project, name)):
            with pytest.raises(UnknownDeployment):
                act(name)
        with pytest.raises(UnknownDeployment):
            deployments.delete(project, name)

    assert drawn_with(deployments.get(other_project, "secret")) == "theirs"


def test_a_name_is_taken_once_in_each_scope_and_free_after_it_is_deleted(deployments: DeploymentStore, project: str):
    for scope in (None, project):
        deployments.create(scope, "art", plan("a"))
        deployments.change(scope, "art", to("b"))
        with pytest.raises(InvalidField, match="exists already"):
            deployments.create(scope, "art", plan("a"))

    assert deployments.delete(None, "art") == 2

    assert deployments.create(None, "art", plan("c")).version == 1
    assert drawn_with(deployments.get(project, "art")) == "b"


def test_what_belongs_to_nobody_or_is_too_much_is_refused(deployments: DeploymentStore, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(deployments_module, "MAX_DEPLOYMENTS", 1)
    monkeypatch.setattr(deployments_module, "MAX_VERSIONS", 2)
    deployments.create(None, "art", plan("a"))
    deployments.change(None, "art", to("b"))

    with pytest.raises(InvalidField, match="no project has the id"):
        deployments.create("proj-0123456789abcdef", "art", plan("a"))
    with pytest.raises(InvalidField, match="1 deployments already"):
        deployments.create(None, "more", plan("a"))
    with pytest.raises(InvalidField, match="2 versions"):
        deployments.change(None, "art", to("c"))


def test_of_changes_at_once_none_is_lost_and_one_is_current(deployments: DeploymentStore):
    deployments.create(None, "art", plan("m0"))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: deployments.change(None, "art", to(f"m{number}")), range(1, 17)))

    versions = deployments.versions(None, "art", order="asc").items
    assert [version.version for version in versions] == [*range(1, 18)]
    assert [version.previous for version in versions] == [None, *range(1, 17)]
    assert [version.is_current for version in versions] == [False] * 16 + [True]
    assert {drawn_with(version) for version in versions} == {f"m{number}" for number in range(17)}
