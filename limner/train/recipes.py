"""Named training runs: a network, lessons and a schedule each, so that a run is a name and a commit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from limner.data import recipes as corpora
from limner.data.corpus import Corpus
from limner.data.editing.mixture import Mixture
from limner.data.recipes import CorpusRecipe
from limner.model.network import SIZES, ModelConfig
from limner.train.batches import Examples
from limner.train.optim import OptimConfig
from limner.train.pretrain import Course, TrainConfig


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """From which share of a run's time on, in [0, 1), what is shown and how large; `share_edit` of it are edits of pictures."""

    begins: float = 0.0
    corpus: CorpusRecipe
    size_px: int
    share_edit: float = 0.0

    def open(self, parts_dir: Path, cache_dir: Path) -> Examples:
        """Open what is shown, drawing what is not in the cache yet.

        Raises:
            DamagedFile: a part cannot be read, or the parts hold nothing of the lesson.
        """
        corpus = Corpus.open(parts_dir, self.corpus, self.size_px, cache_dir)
        return Mixture(corpus, self.share_edit) if self.share_edit else corpus


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Everything that decides a run's result, but for the machine. `lessons` follow one another; the first begins at 0."""

    name: str
    model: ModelConfig
    lessons: tuple[Lesson, ...]
    train: TrainConfig

    def __post_init__(self) -> None:
        begins = [lesson.begins for lesson in self.lessons]
        if not begins or begins[0] != 0 or sorted(set(begins)) != begins or begins[-1] >= 1:
            raise ValueError(
                f"recipe {self.name!r}: lessons begin at {begins!r}; the first must begin at 0, each later than the one before"
            )

    def open_course(self, parts_dir: Path, cache_dir: Path) -> Course:
        """Open the corpus of each lesson, drawing what is not in the cache yet.

        Raises:
            DamagedFile: a part cannot be read, or the parts hold nothing of a lesson.
        """
        return [(lesson.begins, lesson.open(parts_dir, cache_dir)) for lesson in self.lessons]


MUON_AND_ADAM = OptimConfig(muon_lr=0.02, adam_lr=1e-3)


def tiny() -> Recipe:
    """Return a run of minutes that proves the chain: the smallest network on one style."""
    train = TrainConfig(batch_size=16, optim=MUON_AND_ADAM, budget_s=120, sheet_every_s=60, save_every_s=20)
    return Recipe(name="tiny", model=SIZES["tiny"], lessons=(Lesson(corpus=corpora.single_style(), size_px=64),), train=train)


def limner_0() -> Recipe:
    """Return the run of `limner-0`: stage 0, two CPU cores, one style, the things asked for most, drawn singly."""
    train = TrainConfig(batch_size=32, optim=MUON_AND_ADAM, budget_s=95 * 60, ema_decay=0.9975)
    return Recipe(name="limner-0", model=SIZES["small"], lessons=(Lesson(corpus=corpora.few(), size_px=128),), train=train)


def limner_1() -> Recipe:
    """Return the run of `limner-1`: from the weights of `limner-0` to more things, their colours, counts and places, on two cores."""
    lessons = (Lesson(corpus=corpora.everyday(), size_px=128), Lesson(begins=0.88, corpus=corpora.everyday_long(), size_px=128))
    optim = OptimConfig(muon_lr=0.014, adam_lr=7e-4)
    train = TrainConfig(batch_size=32, optim=optim, budget_s=120 * 60, ema_decay=0.9975, num_workers=0, group_size=8, start="limner-0")
    return Recipe(name="limner-1", model=SIZES["small"], lessons=lessons, train=train)


def limner_1_1() -> Recipe:
    """Return the run of `limner-1.1`: from the weights of `limner-1` to edits, beside what those drew, on two cores."""
    lessons = (Lesson(corpus=corpora.everyday(seed=1), size_px=128, share_edit=0.6),)
    optim = OptimConfig(muon_lr=0.01, adam_lr=1.2e-3)
    train = TrainConfig(batch_size=16, optim=optim, budget_s=84 * 60, ema_decay=0.9975, num_workers=0, group_size=8, start="limner-1")
    return Recipe(name="limner-1.1", model=SIZES["small"], lessons=lessons, train=train)


def limner_1_2() -> Recipe:
    """Return the run of `limner-1.2`: from the weights of `limner-1.1` to edits, with eyes, on two cores."""
    lessons = (Lesson(corpus=corpora.everyday(seed=5), size_px=128, share_edit=0.8),)
    train = TrainConfig(
        batch_size=16, optim=OptimConfig(muon_lr=0.012, adam_lr=1e-3), budget_s=98 * 60, ema_decay=0.9975, num_workers=0, group_size=8,
        start="limner-1.1", eyes="eyes-1",
    )  # fmt: skip
    return Recipe(name="limner-1.2", model=SIZES["small"], lessons=lessons, train=train)


def limner_1_5() -> Recipe:
    """Return the run of `limner-1.5`: from the weights of `limner-1` to more looks at what those draw, on two hyperthreads."""
    lessons = (
        Lesson(corpus=corpora.everyday(seed=11), size_px=128),
        Lesson(begins=0.86, corpus=corpora.everyday_long(seed=11), size_px=128),
    )
    optim = OptimConfig(muon_lr=0.012, adam_lr=6e-4)
    train = TrainConfig(batch_size=32, optim=optim, budget_s=164 * 60, ema_decay=0.998, num_workers=0, group_size=8, start="limner-1")
    return Recipe(name="limner-1.5", model=SIZES["small"], lessons=lessons, train=train)


def limner_1_6() -> Recipe:
    """Return the run of `limner-1.6`: from the weights of `limner-1.2` to more edits, on one hyperthread in bfloat16."""
    lessons = (Lesson(corpus=corpora.everyday(seed=17), size_px=128, share_edit=0.8),)
    train = TrainConfig(
        batch_size=16, optim=OptimConfig(muon_lr=0.012, adam_lr=8e-4), budget_s=88 * 60, ema_decay=0.998, num_workers=0, group_size=8,
        start="limner-1.2", eyes="eyes-1",
    )  # fmt: skip
    return Recipe(name="limner-1.6", model=SIZES["small"], lessons=lessons, train=train)


def stage_1() -> Recipe:
    """Return the first run for a GPU: the base network, every pack, composed scenes and edits among them, 128 px and then 256 px."""
    lessons = (
        Lesson(corpus=corpora.full(), size_px=128, share_edit=0.2),
        Lesson(begins=0.6, corpus=corpora.full(), size_px=256, share_edit=0.4),
    )
    optim = OptimConfig(muon_lr=0.02, adam_lr=6e-4)
    train = TrainConfig(
        batch_size=512, optim=optim, budget_s=18 * 60, num_workers=14, group_size=128, shows=4, is_compiled=True, sheet_every_s=180,
        ema_decay=0.9995,
    )  # fmt: skip
    return Recipe(name="stage-1", model=SIZES["base"], lessons=lessons, train=train)


RECIPES: dict[str, Callable[[], Recipe]] = {
    "tiny": tiny,
    "limner-0": limner_0,
    "limner-1": limner_1,
    "limner-1.1": limner_1_1,
    "limner-1.2": limner_1_2,
    "limner-1.5": limner_1_5,
    "limner-1.6": limner_1_6,
    "stage-1": stage_1,
}
