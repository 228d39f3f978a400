"""`limner describe`: picture files in, one line out for each: what is seen in it."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from limner.cli.drawing.filling import JsonOption
from limner.cli.drawing.turns import read_file
from limner.engine.inputs import read_inputs
from limner.engine.library import shared_describer
from limner.engine.protocol import MAX_INPUT_IMAGES

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

FilesArgument = Annotated[list[str], typer.Argument(metavar="IMAGE...", help="PNG, JPEG or WebP files; - is standard input.")]


@app.command(
    epilog="For example: limner describe fox.png. It knows some three hundred things as this model draws them; docs/describing.md."
)
def describe(files: FilesArgument, as_json: JsonOption = False) -> None:
    """Say what pictures show, in one sentence each that serves as alternative text.

    All of it is seen in the pixels. What is not there for sure is not said.
    """
    describer = shared_describer()
    describer.prepare()
    for start in range(0, len(files), MAX_INPUT_IMAGES):
        names = files[start : start + MAX_INPUT_IMAGES]
        inputs = read_inputs([read_file(name, has_history=False)[0] for name in names])
        for name, pixels in zip(names, inputs.pixels, strict=True):
            description = describer.describe(pixels)
            if as_json:
                typer.echo(json.dumps({"path": name} | description.to_dict()))
            else:
                typer.echo(description.alt_text if len(files) == 1 else f"{name}: {description.alt_text}")
