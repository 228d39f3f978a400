"""Which snapshot draws a request that names a deployment, and with which fields."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import pytest

from limner.engine.weights import Catalogue
from limner.errors import InvalidField, RequestError, UnknownModel
from limner.jobs.deployments.book import DeploymentBook
from limner.jobs.deployments.directory import MEMORY_S, Directory, choose
from limner.jobs.models import ModelTable
from limner.jobs.orders import make_order
from limner.store.database import Database
from limner.store.deployments import DeploymentStore, Plan, Policy, Target
from limner.store.keys import KeyStore

pytestmark = pytest.mark.anyio
ONE, ANOTHER = "proj-one", "proj-another"
BLUE, GREEN = (Target(model="tiny-0", percent=100),), (Target(model="tiny-1", percent=100),)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[DeploymentStore]:
    with closing(Database.open(tmp_path / "limner.db")) as database:
        for project in (ONE, ANOTHER):
            KeyStore(database).ensure_project(project)
        yield DeploymentStore(database)


@pytest.fixture
def directory(store: DeploymentStore, tiny_weights: Path) -> Directory:
    return Directory(ModelTable(Catalogue.open(tiny_weights), {"artist": "tiny-0"}), store)


@pytest.fixture
def book(directory: Directory) -> DeploymentBook:
    return DeploymentBook(directory)


async def drawn_by(directory: Directory, name: str | None, project: str = ONE, **fields: Any) -> str:
    _, model = await directory.settle(make_order(prompt="x", model=name, **fields), project)
    return model.snapshot


async def test_a_name_stands_for_its_target_until_it_is_switched_and_again_after_a_roll_back(directory: Directory, book: DeploymentBook):
    book.create(ONE, "art", Plan(targets=BLUE))
    seen = [await drawn_by(directory, "art")]
    book.change(ONE, "art", targets=GREEN)
    seen.append(await drawn_by(directory, "art"))
    book.roll_back(ONE, "art")
    seen.append(await drawn_by(directory, "art"))

    assert seen == ["tiny-0", "tiny-1", "tiny-0"]


async def test_what_is_settled_stays_so_whatever_is_switched(directory: Directory, book: DeploymentBook):
    book.create(ONE, "art", Plan(targets=BLUE))
    order, model = await directory.settle(make_order(prompt="x", model="art"), ONE)

    book.change(ONE, "art", targets=GREEN)

    assert (await directory.settle(order, ONE))[1] == model
    assert (model.snapshot, model.editor, model.deployment) == ("tiny-0", "tiny-0", "art")


async def test_a_change_of_another_process_is_seen_within_a_second(directory: Directory, book: DeploymentBook, store: DeploymentStore):
    book.create(ONE, "art", Plan(targets=BLUE))
    await drawn_by(directory, "art")

    store.change(ONE, "art", lambda plan: replace(plan, targets=GREEN))
    await anyio.sleep(MEMORY_S)

    assert await drawn_by(directory, "art") == "tiny-1"


async def test_upstreams_names_and_aliases_can_be_hidden_and_keep_their_habits(directory: Directory, book: DeploymentBook):
    for name in ("gpt-image-2", "artist"):
        book.create(None, name, Plan(targets=BLUE if name != "artist" else GREEN))

    assert await drawn_by(directory, "gpt-image-2") == "tiny-0"
    assert await drawn_by(directory, "artist") == "tiny-1"
    assert directory.find("gpt-image-2", ONE).habits.largest_side_px == 3840
    assert await drawn_by(directory, "gpt-image-1") == "tiny-1"


async def test_a_model_of_the_catalogue_is_never_hidden_even_if_a_row_says_so(
    directory: Directory, book: DeploymentBook, store: DeploymentStore
):
    with pytest.raises(InvalidField, match="no deployment may hide"):
        book.create(ONE, "tiny", Plan(targets=BLUE))

    store.create(ONE, "tiny", Plan(targets=BLUE))  # made before a release brought a model of this name

    assert await drawn_by(directory, "tiny") == "tiny-1"
    assert {model.name: model.snapshot for model in directory.names(ONE)}["tiny"] == "tiny-1"


async def test_one_projects_deployments_are_nothing_to_another_and_the_servers_hold_for_both(directory: Directory, book: DeploymentBook):
    book.create(None, "shared", Plan(targets=BLUE))
    book.create(ONE, "shared", Plan(targets=GREEN))
    book.create(ONE, "mine", Plan(targets=BLUE))

    assert [await drawn_by(directory, "shared", project) for project in (ONE, ANOTHER)] == ["tiny-1", "tiny-0"]
    with pytest.raises(UnknownModel, match="'mine' does not exist"):
        await drawn_by(directory, "mine", ANOTHER)
    assert {"mine", "shared"} - {model.name for model in directory.names(ANOTHER)} == {"mine"}


async def test_a_split_sends_a_thousand_requests_by_their_shares(directory: Directory, book: DeploymentBook):
    book.create(ONE, "art", Plan(targets=(Target(model="tiny-0", percent=80), Target(model="tiny-1", percent=20))))

    chosen = Counter([directory.find("art", ONE, key=f"req_{number:032x}").snapshot for number in range(1000)])

    assert chosen.total() == 1000
    assert 151 <= chosen["tiny-1"] <= 252  # 99.99 % of fair choices


async def test_the_same_request_takes_the_same_way(directory: Directory, book: DeploymentBook):
    book.create(ONE, "art", Plan(targets=(Target(model="tiny-0", percent=50), Target(model="tiny-1", percent=50))))

    ways = {key: {directory.find("art", ONE, key=key).snapshot for _ in range(5)} for key in ("a", "b", "c", "d", "e", "f")}

    assert {len(snapshots) for snapshots in ways.values()} == {1}
    assert len({directory.find("art", ONE).snapshot for _ in range(64)}) == 2


def test_the_way_of_a_key_is_the_same_for_ever():
    targets = (Target(model="a", percent=1), Target(model="b", percent=98), Target(model="c", percent=1))

    assert [choose(targets, f"art\0req_{number}").model for number in (0, 13, 15, 24, 55)] == ["b", "c", "a", "a", "c"]


@pytest.mark.parametrize(
    ("kind", "given", "expected"),
    [
        ("generation", {}, {"n": 2, "size": "512x512", "quality": "low", "output_format": "webp", "output_compression": 50, "seed": 7}),
        ("generation", {"n": 1, "size": "auto", "quality": "high", "seed": 0}, {"n": 1, "size": "auto", "quality": "high", "seed": 0}),
        ("generation", {"is_streamed": True}, {"n": 1}),
        ("generation", {"output_format": "png"}, {"output_format": "png", "output_compression": None, "background": "transparent"}),
        ("generation", {"output_format": "jpeg"}, {"background": "auto", "output_compression": None}),
        ("generation", {}, {"input_fidelity": "low", "strictness": "low"}),
        ("edit", {}, {"input_fidelity": "high", "n": 2}),
        ("variation", {}, {"n": 2, "size": "512x512", "seed": 7, "quality": "auto", "output_format": "png"}),
    ],
)
async def test_defaults_fill_what_was_left_out_and_nothing_else(
    directory: Directory, book: DeploymentBook, kind: str, given: dict[str, Any], expected: dict[str, Any]
):
    defaults = {"n": 2, "size": "512x512", "quality": "low", "output_format": "webp", "output_compression": 50, "seed": 7}
    more = {"background": "transparent", "moderation": "low", "input_fidelity": "high"}
    book.create(ONE, "art", Plan(targets=BLUE, defaults=defaults | more))

    order, _ = await directory.settle(make_order(kind=kind, prompt="x", model="art", **given), ONE)

    assert {name: getattr(order, name) for name in expected} == expected


async def test_moderation_is_not_relaxed_below_the_policys(directory: Directory, book: DeploymentBook):
    book.create(ONE, "art", Plan(targets=BLUE, policy=Policy(moderation="auto")))

    with pytest.raises(InvalidField) as refusal:
        await drawn_by(directory, "art", strictness="low")

    assert refusal.value.param == "moderation"
    assert await drawn_by(directory, "art", strictness="auto") == "tiny-0"


@pytest.mark.parametrize(
    ("name", "plan", "param"),
    [
        ("two words", Plan(targets=BLUE), "name"),
        ("x" * 65, Plan(targets=BLUE), "name"),
        ("art", Plan(targets=()), "targets"),
        ("art", Plan(targets=BLUE + BLUE), "targets"),
        ("art", Plan(targets=(Target(model="tiny-0", percent=99),)), "targets"),
        ("art", Plan(targets=(Target(model="tiny-0", percent=0), *GREEN)), "targets"),
        ("art", Plan(targets=(Target(model="gpt-image-1", percent=100),)), "targets[0].model"),
        ("art", Plan(targets=BLUE, defaults={"size": "77x77"}), "defaults.size"),
        ("art", Plan(targets=BLUE, defaults={"quality": "hd"}), "defaults.quality"),
        ("art", Plan(targets=BLUE, defaults={"output_format": "jpeg", "background": "transparent"}), "defaults.background"),
        ("art", Plan(targets=BLUE, policy=Policy(sizes=("77x77",))), "policy.sizes"),
        ("art", Plan(targets=BLUE, policy=Policy(sizes=("256x256",))), "defaults.size"),
        ("art", Plan(targets=BLUE, policy=Policy(qualities=("low",))), "defaults.quality"),
        ("art", Plan(targets=BLUE, defaults={"n": 3}, policy=Policy(max_n=2)), "defaults.n"),
        ("art", Plan(targets=BLUE, defaults={"moderation": "low"}, policy=Policy(moderation="auto")), "defaults.moderation"),
    ],
)
async def test_what_could_never_draw_is_refused_by_the_field(
    book: DeploymentBook, store: DeploymentStore, name: str, plan: Plan, param: str
):
    with pytest.raises(RequestError) as refusal:
        book.create(ONE, name, plan)

    assert refusal.value.param == param
    assert store.holding(ONE) == {}


async def test_a_change_keeps_what_it_does_not_name_and_is_checked_with_it(book: DeploymentBook):
    book.create(ONE, "art", Plan(targets=BLUE, defaults={"size": "512x512"}, policy=Policy(sizes=("512x512",))))

    with pytest.raises(RequestError, match="not one of 'art'"):
        book.change(ONE, "art", defaults={"size": "256x256"})
    changed = book.change(ONE, "art", targets=GREEN)

    assert (changed.plan.targets, changed.plan.defaults, changed.plan.policy.sizes) == (GREEN, {"size": "512x512"}, ("512x512",))


async def test_a_target_that_is_gone_says_so(directory: Directory, store: DeploymentStore):
    store.create(ONE, "art", Plan(targets=(Target(model="limner-0.9", percent=100),)))

    with pytest.raises(UnknownModel, match=r"stands for 'limner-0.9', which is not here"):
        await drawn_by(directory, "art")
