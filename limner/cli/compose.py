"""`limner compose`: several pictures and words in, a new picture of what they show out."""

from __future__ import annotations

import typer

from limner.cli.drawing.filling import (
    AltTextOption,
    BackgroundOption,
    CompressionOption,
    CountOption,
    FidelityOption,
    FormatOption,
    JsonOption,
    ModelOption,
    OutputOption,
    PartialsOption,
    PicturesArgument,
    QualityOption,
    QuietOption,
    SeedOption,
    SizeOption,
    fill_all,
)
from limner.cli.drawing.orders import Order, OutputOptions, first_path, settle_format, settle_paths
from limner.cli.drawing.turns import read_file, read_words
from limner.engine.inputs import read_inputs
from limner.engine.library import find_editor
from limner.engine.resolve_edit import EditOptions, resolve_composition

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command(epilog="For example: limner compose dog.png hat.png 'the dog of image 1 wears the hat of image 2' -o dog-with-hat.png")
def compose(
    words: PicturesArgument = None,
    output: OutputOption = None,
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
    """Draw a new picture of what several pictures show.

    None of them is the one that is changed; that is limner edit.
    """
    options = EditOptions(
        model=model, size=size, n=n, seed=seed, quality=quality, background=background, num_partials=partials,
        input_fidelity=fidelity,
    )  # fmt: skip
    wanted = OutputOptions(output=output, format=format, compression=compression, as_json=as_json, has_alt_text=alt_text)
    names, (prompt,) = read_words(words or [], "compose")
    order = plan_composition(names, prompt, options, wanted)
    fill_all([order], as_json=as_json, is_quiet=quiet)


def plan_composition(names: list[str], prompt: str, options: EditOptions, wanted: OutputOptions) -> Order:
    """Read the images and settle what will be drawn, and where it will lie.

    Raises:
        RequestError: something cannot be read, drawn, encoded or written as asked.
        DamagedFile: the history of an image's folder cannot be read.
    """
    first = first_path([prompt], wanted)
    output_format, options = settle_format(first, options, wanted)
    paths = settle_paths(first, options.n, options, wanted)
    inputs = read_inputs([read_file(name, has_history=True)[0] for name in names])
    request = resolve_composition(prompt, options, inputs.pixels, find_snapshot=find_editor)
    return Order(
        request=request,
        paths=paths,
        format=output_format,
        compression=wanted.compression,
        origin=inputs.joint_origin,
        has_alt_text=wanted.has_alt_text,
    )
