"""`limner edit`: pictures and an instruction in, changed pictures out; every turn is kept, and can be undone to the byte."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.text import Text

from limner.cli.console import live_bar, to_stderr
from limner.cli.drawing.filling import (
    AltTextOption,
    BackgroundOption,
    CompressionOption,
    CountOption,
    FidelityOption,
    FormatOption,
    JsonOption,
    ModelOption,
    PartialsOption,
    PicturesArgument,
    QualityOption,
    QuietOption,
    Reporting,
    SeedOption,
    fill,
    name_output,
    write_out,
)
from limner.cli.drawing.orders import OutputOptions
from limner.cli.drawing.turns import EditJob, EditWords, plan_undo, read_words
from limner.engine.resolve_edit import EditOptions
from limner.errors import IncompatibleFields
from limner.media.regions import is_region

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

OutputOption = Annotated[
    str | None,
    typer.Option(
        "-o",
        "--output",
        metavar="FILE",
        help="Where to write, - is standard output; without it IMAGE itself is changed, and --undo takes that back.",
    ),
]
MaskOption = Annotated[
    str | None,
    typer.Option(
        "--mask",
        metavar="FILE|REGION",
        help="What may change; the rest stays to the byte. A mask picture, or box:LEFT,TOP,WIDTH,HEIGHT, polygon:X,Y X,Y ..., words:THING.",
    ),
]
MaskModeOption = Annotated[
    str, typer.Option(metavar="MODE", help="What the mask picture marks: alpha, what is transparent may change; luma, what is white may.")
]
OutpaintOption = Annotated[
    str | None,
    typer.Option(metavar="MARGINS", help="Make the canvas larger: left=128,right=25%, all=20%, 1536x1024 or 1536x1024+LEFT+TOP."),
]
SizeOption = Annotated[
    str,
    typer.Option(metavar="SIZE", help="As of limner generate; auto is the picture's own with a mask, else the nearest of three in shape."),
]
ChainOption = Annotated[
    bool, typer.Option("--chain", metavar="", help="One IMAGE and several instructions, each of which edits the result of the one before.")
]
UndoOption = Annotated[
    bool,
    typer.Option("--undo", metavar="", help="Bring back the file, to the byte, as it was before its last turn: IMAGE --undo, or --undo 3."),
]
NoHistoryOption = Annotated[
    bool, typer.Option("--no-history", metavar="", help="Keep and read no turns in .limner/turns; then -o is needed.")
]


@app.command(
    epilog="For example: limner edit room.png 'a red sofa' --mask 'box:10%,50%,40%,40%'. A mask picture has the size of IMAGE. "
    "Further images are used beside the first: limner edit dog.png hat.png 'put the hat of image 2 on the dog'."
)
def edit(
    context: typer.Context,
    words: PicturesArgument = None,
    output: OutputOption = None,
    mask: MaskOption = None,
    mask_mode: MaskModeOption = "alpha",
    outpaint: OutpaintOption = None,
    chain: ChainOption = False,
    undo: UndoOption = False,
    no_history: NoHistoryOption = False,
    fidelity: FidelityOption = "low",
    size: SizeOption = "auto",
    n: CountOption = 1,
    seed: SeedOption = None,
    quality: QualityOption = "auto",
    background: BackgroundOption = "auto",
    format: FormatOption = None,
    compression: CompressionOption = None,
    partials: PartialsOption = 0,
    model: ModelOption = "limner",
    alt_text: AltTextOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Change pictures as an instruction says.

    What a mask or a region does not mark comes back byte for byte. The file carries what it was made from.
    """
    reporting = Reporting(to_stderr(), as_json, quiet)
    if undo:
        _undo(context, words or [], output, reporting)
        return
    region = mask if mask is not None and is_region(mask) else None
    options = EditOptions(
        model=model, size=size, n=n, seed=seed, quality=quality, background=background, num_partials=partials,
        input_fidelity=fidelity, canvas=outpaint, region=region,
    )  # fmt: skip
    wanted = OutputOptions(output=output, format=format, compression=compression, as_json=as_json, has_alt_text=alt_text)
    names, instructions = read_words(words or [], "edit", is_chain=chain)
    is_kept = not no_history
    job = EditJob(EditWords(names, instructions, options, wanted, mask_name=None if region else mask, mask_mode=mask_mode, is_kept=is_kept))
    with live_bar(reporting.console, num_pictures=job.num_pictures, quiet=quiet) as bar:
        for order in job.orders():
            fill(order, bar, reporting, job.keep)


def _undo(context: typer.Context, words: list[str], output: str | None, reporting: Reporting) -> None:
    """Write the file as it was so many turns ago."""
    others = [name for name in _said(context) if name not in {"words", "undo", "output", "as_json", "quiet"}]
    if others:
        raise IncompatibleFields("undo", f"--undo draws nothing, so --{others[0].replace('_', '-')} says nothing; leave one of them out")
    undo = plan_undo(words, OutputOptions(output=output, format=None, compression=None, as_json=reporting.as_json))
    write_out(undo.path, undo.content)
    if reporting.as_json:
        typer.echo(json.dumps(undo.describe()))
    if not reporting.is_quiet:
        turns = "1 turn" if undo.count == 1 else f"{undo.count} turns"
        reporting.console.print(
            Text.assemble(("✓ ", "green"), (name_output(undo.path), "bold"), (f"  {turns} undone", "dim")), soft_wrap=True
        )


def _said(context: typer.Context) -> list[str]:
    """Return the names of the options that stood on the command line."""
    sources = {name: context.get_parameter_source(name) for name in context.params}
    return [name for name, source in sources.items() if source is not None and source.name == "COMMANDLINE"]
