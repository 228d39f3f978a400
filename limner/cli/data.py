"""`limner data`: bring the packages of the corpus to this machine and build its parts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from PIL import Image
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from limner.data.corpus import Corpus, sample_sheet
from limner.data.dictionary import build_dictionary
from limner.data.editing.editor import Editor
from limner.data.editing.pair import OPERATIONS
from limner.data.editing.sheet import pair_sheet
from limner.data.packing.build import build_parts, plan_parts
from limner.data.packing.fetch import fetch_packages, is_intact
from limner.data.packing.pack import read_manifest
from limner.data.packing.packages import Package, default_corpus_dir, read_catalogue
from limner.data.recipes import RECIPES
from limner.errors import DownloadFailed, InvalidField, UnwritableOutput
from limner.model.prompts.dictionary import LOCALES

app = typer.Typer(help="Fetch and build the corpus that models are trained on.", no_args_is_help=True, add_completion=False)

CorpusDir = Annotated[
    Path | None,
    typer.Option("--corpus-dir", help="Folder for packages and parts; $LIMNER_CORPUS_DIR or ~/.cache/limner/data where left out."),
]


@app.command()
def fetch(corpus_dir: CorpusDir = None) -> None:
    """Bring icon sets, clip art, avatars, fonts and word lists from npm and Debian, checked against pinned digests."""
    packages_dir = (corpus_dir or default_corpus_dir()) / "packages"
    packages = read_catalogue().list_packages()
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("packages", total=sum(package.size_bytes for package in packages))

        def advance(package: Package) -> None:
            progress.update(task, advance=package.size_bytes, description=package.spec)

        fetch_packages([package for package in packages if package.registry == "npm"], packages_dir, advance)
        try:
            fetch_packages([package for package in packages if package.registry == "debian"], packages_dir, advance)
        except DownloadFailed as error:
            console.print(f"note: {error} The clip art is left out; everything else is here.")
        progress.update(task, description="packages")
    typer.echo(f"{sum(is_intact(packages_dir / package.file_name, package) for package in packages)} packages in {packages_dir}")


@app.command()
def build(corpus_dir: CorpusDir = None) -> None:
    """Turn the fetched packages into parts of at most 25 MB, each usable alone."""
    root = corpus_dir or default_corpus_dir()
    plans = plan_parts(read_catalogue())
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("parts", total=len(plans) + 1)
        notes = build_parts(root / "packages", root / "parts", lambda name: progress.update(task, advance=1, description=name))
        progress.update(task, description="parts")
    for note in notes:
        console.print(f"note: {note}")
    parts = read_manifest(root / "parts")
    size_mb = sum(entry["size_bytes"] for entry in parts.values()) / 1e6
    typer.echo(f"{len(parts)} parts, {size_mb:.1f} MB, in {root / 'parts'}")


@app.command()
def dictionary(
    out: Annotated[
        Path, typer.Argument(help="Where the file goes; the package's own is limner/model/prompts/dictionary.zip.", show_default=False)
    ],
    corpus_dir: CorpusDir = None,
) -> None:
    """Make the words of other languages that prompts are understood with, from the fetched packages."""
    content = build_dictionary((corpus_dir or default_corpus_dir()) / "packages", read_catalogue())
    try:
        out.write_bytes(content)
    except OSError as error:
        raise UnwritableOutput(f"{str(out)!r} cannot be written: {error.strerror}; choose another file") from error
    typer.echo(f"{len(LOCALES)} languages, {len(content) / 1e6:.2f} MB, in {out}")


@app.command()
def sample(
    out: Annotated[Path, typer.Argument(help="Where the page goes, as PNG.", show_default=False)],
    recipe: Annotated[str, typer.Option(help=f"One of {', '.join(RECIPES)}.")] = "core",
    count: Annotated[int, typer.Option(min=1, max=400, help="How many examples.")] = 48,
    start: Annotated[int, typer.Option(min=0, help="Number of the first example.")] = 0,
    corpus_dir: CorpusDir = None,
) -> None:
    """Draw a page of what training reads: pictures over their captions."""
    corpus = _open_corpus(recipe, corpus_dir)
    _save(sample_sheet(corpus, count, start=start), out)
    typer.echo(f"{count} examples of {recipe!r} in {out}; {len(corpus.assets)} drawings, corpus {corpus.digest[:19]}")


@app.command()
def edits(
    out: Annotated[Path, typer.Argument(help="Where the page goes, as PNG.", show_default=False)],
    recipe: Annotated[str, typer.Option(help=f"One of {', '.join(RECIPES)}.")] = "everyday",
    operation: Annotated[str | None, typer.Option(help=f"Only this: {', '.join(OPERATIONS)}. All where left out.")] = None,
    count: Annotated[int, typer.Option(min=1, max=400, help="How many pairs.")] = 48,
    start: Annotated[int, typer.Option(min=0, help="Number of the first pair.")] = 0,
    corpus_dir: CorpusDir = None,
) -> None:
    """Draw a page of what training in editing reads: source, mask, references and result over the instruction."""
    if operation is not None and operation not in OPERATIONS:
        raise InvalidField("operation", f"operation {operation!r} is not known; use one of {', '.join(OPERATIONS)}")
    editor = Editor(_open_corpus(recipe, corpus_dir))
    wanted = next((name for name in OPERATIONS if name == operation), None)
    _save(pair_sheet([editor.pair(index, operation=wanted) for index in range(start, start + count)]), out)
    typer.echo(f"{count} pairs of {recipe!r} in {out}")


def _open_corpus(recipe: str, corpus_dir: Path | None) -> Corpus:
    if recipe not in RECIPES:
        raise InvalidField("recipe", f"recipe {recipe!r} is not known; use one of {', '.join(RECIPES)}")
    root = corpus_dir or default_corpus_dir()
    with Progress(TextColumn("drawings"), BarColumn(), MofNCompleteColumn(), console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("drawings", total=None)
        return Corpus.open(
            root / "parts",
            RECIPES[recipe](),
            128,
            root / "cache",
            report=lambda done, total: progress.update(task, completed=done, total=total),
        )


def _save(page: Image.Image, out: Path) -> None:
    try:
        page.save(out, format="PNG")
    except OSError as error:
        raise UnwritableOutput(f"{str(out)!r} cannot be written: {error.strerror}; choose another file") from error
