"""`limner models`: which snapshots are here, what they are called, and what each can draw."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Annotated, Any

import typer
from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from limner.cli.console import to_stdout
from limner.engine.library import open_catalogue
from limner.engine.resolve import AUTO_QUALITY, BACKGROUNDS, MAX_IMAGES, QUALITIES
from limner.engine.weights import UPSAMPLERS, Catalogue, Sampling
from limner.model.layout import MAX_RATIO, MAX_SIDE_PX, MIN_SIDE_PX, NAMED_SIZES, SIDE_STEP_PX, Size, grid_for

SIZES = {"min_side_px": MIN_SIDE_PX, "max_side_px": MAX_SIDE_PX, "side_step_px": SIDE_STEP_PX, "max_ratio": MAX_RATIO, "named": NAMED_SIZES}
LANCZOS = "lanczos"
NUM_DIGEST_CHARS = 12

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@dataclass(frozen=True, kw_only=True)
class SnapshotFacts:
    """What is known of one snapshot; `qualities` is empty when its files are not here.

    `enlarged_with` is "lanczos" or the name of the upsampler that the snapshot was released with, and `enlarged_far_with` of the one that
    draws more than twice the sides; `reads_pictures` tells how it edits, and
    `editor` is the snapshot that edits in its place for the models that stand for it, "" for none.
    """

    name: str
    is_default: bool
    is_here: bool
    names: tuple[str, ...]
    digest: str
    size_bytes: int
    released: str
    enlarged_with: str
    enlarged_far_with: str
    reads_pictures: bool
    editor: str
    qualities: Mapping[str, Sampling]


@app.command()
def models(as_json: Annotated[bool, typer.Option("--json", metavar="", help="Print JSON on standard output.")] = False) -> None:
    """List the models, their snapshots and what each can draw.

    A snapshot never changes; a model is a name that points at one.
    """
    catalogue = open_catalogue()
    snapshots = [describe_snapshot(catalogue, name) for name in catalogue.snapshots]
    if as_json:
        typer.echo(json.dumps(_as_json(catalogue, snapshots), indent=2, ensure_ascii=False))
        return
    console = to_stdout()
    for facts in snapshots:
        console.print(_block(facts))


def describe_snapshot(catalogue: Catalogue, name: str) -> SnapshotFacts:
    """Gather what the catalogue and the snapshot's own manifest say.

    Raises:
        DamagedFile: the manifest is not the one that the catalogue lists.
    """
    entry = catalogue.snapshots[name]
    is_here = name in catalogue.names()
    part = catalogue.snapshot(name) if is_here else None
    upsampler, far = (catalogue.companion(part, role) if part else None for role in UPSAMPLERS)
    enlarged_with = LANCZOS if upsampler is None else upsampler.folder.name
    return SnapshotFacts(
        name=name,
        is_default=name == catalogue.default,
        is_here=is_here,
        names=tuple(sorted(model for model, snapshot in catalogue.models.items() if snapshot == name)),
        digest=entry["digest"],
        size_bytes=entry["size_bytes"],
        released=entry["released"],
        enlarged_with=enlarged_with,
        enlarged_far_with=enlarged_with if far is None else far.folder.name,
        reads_pictures=part is not None and part.abilities.reads_pictures,
        editor=catalogue.editors.get(name, ""),
        qualities={quality: part.sampling(quality) for quality in QUALITIES} if part else {},
    )


def _as_json(catalogue: Catalogue, snapshots: list[SnapshotFacts]) -> dict[str, Any]:
    can = {"sizes": SIZES, "backgrounds": BACKGROUNDS, "max_images": MAX_IMAGES}
    return {"default": catalogue.default, "models": dict(catalogue.models), "snapshots": [asdict(facts) | can for facts in snapshots]}


def _block(facts: SnapshotFacts) -> Group:
    """Return one snapshot for the terminal: a heading, and a table of what it is and does."""
    heading = Text.assemble((facts.name, "bold cyan"), ("  the default" if facts.is_default else "", "green"))
    table = Table.grid(padding=(0, 3))
    table.add_column(style="dim", no_wrap=True)
    table.add_column()
    table.add_row("names", ", ".join(facts.names) or "none but its own")
    table.add_row("released", f"{facts.released}, {facts.size_bytes / 1e6:.1f} MB, {facts.digest[: len('sha256:') + NUM_DIGEST_CHARS]}")
    if not facts.is_here:
        table.add_row("files", Text("not here: install the release of limner that shipped it", "yellow"))
        return Group(heading, Padding(table, (0, 0, 1, 2)))
    table.add_row("draws", f"pictures from words, {' or '.join(BACKGROUNDS)}, 1 to {MAX_IMAGES} at a time")
    table.add_row("edits", _describe_editing(facts))
    table.add_row("sizes", f"{MIN_SIDE_PX} to {MAX_SIDE_PX} px a side in steps of {SIDE_STEP_PX}, ratio up to {MAX_RATIO}:1")
    for quality, sampling in facts.qualities.items():
        table.add_row(quality, _describe_sampling(quality, sampling, facts))
    return Group(heading, Padding(table, (0, 0, 1, 2)))


def _describe_editing(facts: SnapshotFacts) -> str:
    own = "reads up to 16 images, and tells what of the first stays" if facts.reads_pictures else "starts from what images show"
    return f"{own}; for {', '.join(facts.names)} {facts.editor} edits" if facts.editor and facts.names else own


def _describe_sampling(quality: str, sampling: Sampling, facts: SnapshotFacts) -> Text:
    drawn = grid_for(Size(MIN_SIDE_PX, MIN_SIDE_PX), sampling.num_patches).size
    means = "Lanczos" if facts.enlarged_with == LANCZOS else " or ".join(dict.fromkeys((facts.enlarged_with, facts.enlarged_far_with)))
    text = f"{sampling.num_steps} steps at {drawn.width}×{drawn.height} px, then enlarged with {means}"
    return Text.assemble(text, ("  used for auto" if quality == AUTO_QUALITY else "", "green"))
