"""Edits to look at: before, after and truth of every case with its instruction, the failures beside the successes."""

from __future__ import annotations

import base64
import html
import io
import textwrap
from collections.abc import Iterator, Mapping, Sequence

from PIL import Image

from limner.engine.protocol import Pixels
from limner.evals.edits.tasks import EditTask
from limner.evals.report.page import Thumbnail
from limner.evals.report.report import Answer
from limner.evals.report.rows import Row
from limner.evals.tasks import CATEGORIES

SIDE_PX, QUALITY = 80, 30
MAX_PROMPT_CHARS = 150
Answers = Mapping[str, Sequence[Answer]]


def make_sheets(tasks: Sequence[EditTask], answers: Answers, rows: Sequence[Row], thumbnail: Thumbnail) -> str:
    """Return a section of HTML for each category; `answers` are those of `EditRun.work`."""
    return "\n".join(_sections(tasks, answers, {row.name: row for row in rows}, thumbnail))


def _sections(tasks: Sequence[EditTask], answers: Answers, rows: Mapping[str, Row], thumbnail: Thumbnail) -> Iterator[str]:
    for name in dict.fromkeys(task.category for task in tasks):
        own = [task for task in tasks if task.category == name]
        figures = "".join(_figure(task, answers[task.key], thumbnail) for task in own)
        told = f"{row.right} of {row.count} right" if (row := rows.get(name)) and row.count else "not scored"
        title = html.escape(CATEGORIES[name].title)
        yield f'<section><h2>Edit: {title}<small>{told}; before, after, truth</small></h2><div class="edits">{figures}</div></section>'


def _figure(task: EditTask, answers: Sequence[Answer], thumbnail: Thumbnail) -> str:
    case, verdict = task.case, answers[-1].verdict
    mark, state = {True: ("✓", "right"), False: ("✗", "wrong"), None: ("", "")}[verdict.right]
    shown = answers[-1:] if task.is_chain else answers
    befores = [_image(_small(picture), "before" if place == 0 else "beside it") for place, picture in enumerate(case.images)]
    afters = [_image(thumbnail(answer.picture, SIDE_PX, QUALITY), "after", "after") for answer in shown]
    truths = [] if task.is_chain else [_image(_small(case.truth), "truth")]
    clear = " clear" if case.background == "transparent" else ""
    asked = textwrap.shorten(task.prompt, MAX_PROMPT_CHARS, placeholder=" …")
    masked = " (with a mask)" if case.free is not None else ""
    seen = f"<span>{html.escape(verdict.seen)}</span>" if verdict.seen else ""
    caption = f"{f'<em>{mark}</em> ' if mark else ''}{html.escape(asked)}{masked}{seen}"
    return f'<figure class="{state}{clear}"><div>{"".join((*befores, *afters, *truths))}</div><figcaption>{caption}</figcaption></figure>'


def _image(file: bytes, name: str, kind: str = "") -> str:
    mark = f' class="{kind}"' if kind else ""
    return f'<img{mark} src="data:image/webp;base64,{base64.b64encode(file).decode()}" alt="{name}" loading="lazy">'


def _small(pixels: Pixels) -> bytes:
    image = Image.fromarray(pixels)
    image.thumbnail((SIDE_PX, SIDE_PX), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    image.save(file, "webp", quality=QUALITY, alpha_quality=40, method=4)
    return file.getvalue()
