"""`limner generate`: prompts in, picture files out; everything that can be refused is refused before anything is drawn."""

from __future__ import annotations

from typing import Annotated

import typer

from limner.cli.drawing.filling import (
    AltTextOption,
    BackgroundOption,
    CompressionOption,
    CountOption,
    FormatOption,
    JsonOption,
    ModelOption,
    OutputOption,
    PartialsOption,
    QualityOption,
    QuietOption,
    SeedOption,
    SizeOption,
    fill_all,
)
from limner.cli.drawing.orders import OutputOptions, plan_orders, read_prompts
from limner.engine.library import find_snapshot
from limner.engine.resolve import GenerateOptions

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

PromptArgument = Annotated[str | None, typer.Argument(metavar="PROMPT", help="What to draw, in quotes; - reads it from standard input.")]
PromptsOption = Annotated[
    str | None, typer.Option("--prompts", metavar="FILE", help="Read prompts from a file, one a line; - is standard input.")
]


@app.command(
    context_settings={"allow_extra_args": True}, epilog="For example: limner generate 'a sticker of a sleepy fox' -o fox.png --n 4 --seed 7"
)
def generate(
    context: typer.Context,
    prompt: PromptArgument = None,
    output: OutputOption = None,
    prompts: PromptsOption = None,
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
    """Draw pictures from words.

    The picture's file carries its prompt, seed and snapshot, so that it can be drawn again.
    """
    texts = read_prompts([] if prompt is None else [prompt, *context.args], prompts)
    options = GenerateOptions(model=model, size=size, n=n, seed=seed, quality=quality, background=background, num_partials=partials)
    wanted = OutputOptions(
        output=output, prompts_file=prompts, format=format, compression=compression, as_json=as_json, has_alt_text=alt_text
    )
    orders = plan_orders(texts, options, wanted, find_snapshot=find_snapshot)
    fill_all(orders, as_json=as_json, is_quiet=quiet)
