"""A report as one page that stands alone: scores with their intervals, then every picture with its prompt, right or wrong."""

from __future__ import annotations

import base64
import html
import textwrap
from collections.abc import Callable, Iterator
from functools import cache
from importlib import resources
from string import Template

from limner.errors import UnwritableOutput
from limner.evals.prompts.plan import all_tasks
from limner.evals.report.report import CAVEAT, NAME, Answer, Report
from limner.evals.report.rows import WHOLES, Row, is_part
from limner.evals.shelf import Shelf
from limner.evals.tasks import CATEGORIES, Task

MAX_PROMPT_CHARS = 140
MINUS = "\N{MINUS SIGN}"
SHEET_PX, SHEET_QUALITY = 104, 42
FIRST_PX, FIRST_QUALITY = 256, 70
FACTS = {
    "snapshot": "snapshot",
    "generator": "drawn by",
    "form": "form",
    "size": "size",
    "quality": "quality",
    "seed": "seed",
    "date": "date",
    "machine": "machine",
    "pictures": "pictures",
    "seconds_per_picture": "seconds per picture, median",
    "edit_pictures": "edits",
    "editor": "edited by",
    "seconds_per_edit": "seconds per edit, median",
    "judge": "judge",
    "readers": "readers",
    "prompts": "prompts",
    "edits": "cases of edits",
    "edits_into": "cases of compositions into a source",
    "snapshot_digest": "digest of the snapshot",
    "editor_digest": "digest of the editor",
}
Thumbnail = Callable[[str, int, int], bytes]


def write_page(report: Report, shelf: Shelf, more: str = "") -> None:
    """Write `report.html` into the run's folder, with `more` sections of HTML at its end.

    Raises:
        UnwritableOutput: the file cannot be written.
    """
    path = shelf.folder / "report.html"
    try:
        path.write_text(make_page(report, shelf.thumbnail, more), "utf-8")
    except OSError as error:
        raise UnwritableOutput(f"cannot write {str(path)!r} ({error.strerror}); name another folder with --out") from error


def make_page(report: Report, thumbnail: Thumbnail, more: str = "") -> str:
    """Return the page, `more` sections of HTML at its end; `thumbnail` gives a picture by its name, as WebP of a side and a quality."""
    template = Template(resources.files("limner.evals.report").joinpath("page.html").read_text("utf-8"))
    against = report.facts.get("against")
    return template.substitute(
        title=html.escape(f"{NAME}: {report.made_by}"),
        lead=html.escape(_lead(report)),
        facts="".join(_fact(title, report.facts.get(name)) for name, title in FACTS.items()),
        firsts=_firsts(report, thumbnail),
        before=f"<th>{html.escape(str(against))}</th>" if against else "",
        rows="\n".join(_row(row, has_previous=bool(against)) for row in report.rows),
        key=_key(against),
        sheets="\n".join((*_sheets(report, thumbnail), more)),
        caveat=html.escape(CAVEAT),
    )


def _lead(report: Report) -> str:
    row = next((row for row in report.rows if row.name == "following"), None)
    edits = next((row for row in report.rows if row.name == "edit-all"), None)
    if edits is not None and edits.score is not None and row is None:
        return f"Does {edits.score:.0%} of the edits that it is asked for. Fixed edits, drawn once each, none left out."
    if row is None or row.score is None:
        return "Fixed prompts, drawn once each, none left out."
    return f"Follows {row.score:.0%} of the prompts of six categories. Fixed prompts, drawn once each, none left out."


def _fact(title: str, value: object) -> str:
    if value is None:
        return ""
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    digest = "sha256:"
    shown = text[: len(digest) + 12] if text.startswith(digest) else text
    return f'<div><dt>{html.escape(title)}</dt><dd title="{html.escape(text)}">{html.escape(shown)}</dd></div>'


def _key(against: object) -> str:
    before = f"the ring is {html.escape(str(against))}, " if against else ""
    return f"The bar is the score with its 95 % interval, {before}the thin line is the goal."


def _row(row: Row, *, has_previous: bool) -> str:
    kind = "whole" if row.name in WHOLES else "part" if is_part(row.name) else ""
    note = "; ".join(part for part in (row.note, f"{row.left_out} left out" if row.left_out else "") if part)
    met = {True: "met", False: "unmet", None: ""}[row.reaches_goal]
    cells = [
        f"{html.escape(row.title)}{f'<small>{html.escape(note)}</small>' if note else ''}",
        _bar(row),
        f'<span class="score {met}">{show_score(row, row.score)}</span><small>{show_interval(row)}</small>',
        f"{row.right} / {row.count}" if row.count else "–",
        *([show_score(row, row.previous[1] if row.previous else None)] if has_previous else []),
        show_score(row, row.goal),
    ]
    return (
        f'<tr class="{kind}">'
        + "".join(f"<td{' class=bar' if place == 1 else ''}>{cell}</td>" for place, cell in enumerate(cells))
        + "</tr>"
    )


def show_score(row: Row, share: float | None) -> str:
    """Return a share in per cent, or a difference in points; a dash for none."""
    if share is None:
        return "–"
    text = f"{100 * share:+.1f} points" if row.name == "long-against-plain" else f"{100 * share:.1f} %"
    return text.replace("-", MINUS)


def show_interval(row: Row) -> str:
    """Return the ends of the 95 % interval, "" where there is no score."""
    if row.score is None or row.low is None or row.high is None:
        return ""
    return f"{100 * row.low:.0f} to {100 * row.high:.0f}".replace("-", MINUS)


def _bar(row: Row) -> str:
    if row.score is None or row.low is None or row.high is None or row.name == "long-against-plain":
        return ""
    marks = [f'<i style="left:{100 * row.low:.1f}%;width:{100 * (row.high - row.low):.1f}%"></i>']
    marks += [f'<u style="left:{100 * row.goal:.1f}%"></u>'] if row.goal is not None else []
    marks += [f'<s style="left:{100 * row.previous[1]:.1f}%"></s>'] if row.previous else []
    return f'<div class="track">{"".join(marks)}<b style="left:{100 * row.score:.1f}%"></b></div>'


def _firsts(report: Report, thumbnail: Thumbnail) -> str:
    answers = [answer for answer in report.answers if answer.verdict.task.startswith("seeds/")]
    if not answers:
        return ""
    figures = "".join(_figure(answer, thumbnail, FIRST_PX, FIRST_QUALITY) for answer in answers)
    return f'<section><h2>The three first prompts</h2><div class="firsts">{figures}</div></section>'


def _sheets(report: Report, thumbnail: Thumbnail) -> Iterator[str]:
    rows = {row.name: row for row in report.rows}
    for name, category in CATEGORIES.items():
        answers = [answer for answer in report.answers if answer.verdict.task.startswith(f"{name}/")]
        if not answers or name == "seeds" or category.group == "edits":
            continue
        row = rows.get(name)
        told = f"{row.right} of {row.count} right" if row and row.count else "not scored"
        figures = "".join(_figure(answer, thumbnail, SHEET_PX, SHEET_QUALITY) for answer in answers)
        title = html.escape(category.title[0].upper() + category.title[1:])
        yield f'<section><h2>{title}<small>{told}</small></h2><div class="sheet">{figures}</div></section>'


def _figure(answer: Answer, thumbnail: Thumbnail, side_px: int, quality: int) -> str:
    verdict = answer.verdict
    mark, state = {True: ("✓", "right"), False: ("✗", "wrong"), None: ("", "")}[verdict.right]
    task = _tasks()[verdict.task]
    clear = " clear" if task.background == "transparent" else ""
    source = base64.b64encode(thumbnail(answer.picture, side_px, quality)).decode()
    shown = f"… {_tasks()[task.twin].prompt} …" if task.category == "long" else answer.prompt
    shown = textwrap.shorten(shown, MAX_PROMPT_CHARS, placeholder=" …")
    seen = f"<span>saw: {html.escape(verdict.seen)}</span>" if verdict.seen and verdict.right is False else ""
    caption = f"{f'<em>{mark}</em> ' if mark else ''}{html.escape(shown)}{seen}"
    image = f'<img src="data:image/webp;base64,{source}" alt="" loading="lazy">'
    return f'<figure class="{state}{clear}">{image}<figcaption>{caption}</figcaption></figure>'


@cache
def _tasks() -> dict[str, Task]:
    return {task.key: task for task in all_tasks()}
