"""Two reports of `limner eval` against each other, picture by picture: which tasks did one snapshot and not the other, and is that chance.

    python benchmarks/paired.py BEFORE/report.json AFTER/report.json

Prompts and seeds must be the same. For each category and for all tasks: how many are right before and after, how many only before and only
after, and the chance of a difference as large if both were equal (exact two-sided sign test, McNemar 1947). Ends with 1 if a row is lower
with a chance below 5 %.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

SURE = 0.05
ALL = "all"


def main() -> None:
    """Print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    options = parser.parse_args()
    before, after = (read_answers(path) for path in (options.before, options.after))
    shared = [key for key in before if key in after]
    if not shared:
        parser.error("the reports share no task with the same seed")
    pairs: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    for key in shared:
        verdicts = (before[key], after[key])
        if all(verdict["right"] is not None and verdict.get("counts", True) for verdict in verdicts):
            pairs[key[0].split("/")[0]].append((verdicts[0]["right"], verdicts[1]["right"]))
    pairs[ALL] = [verdict for row in pairs.values() for verdict in row]
    print(f"{len(shared)} pictures of the same prompts and seeds\n")
    print("| row | count | before | after | only before | only after | chance |\n|---|---|---|---|---|---|---|")
    is_lower = [print_row(row, verdicts) for row, verdicts in pairs.items()]
    sys.exit(any(is_lower))


def read_answers(path: Path) -> dict[tuple[str, int], dict[str, Any]]:
    """Return the answers of a report by task and seed."""
    return {(answer["task"], answer["seed"]): answer for answer in json.loads(path.read_text(encoding="utf-8"))["answers"]}


def print_row(row: str, verdicts: list[tuple[bool, bool]]) -> bool:
    """Print a line; return whether the second is lower for sure."""
    before, after = (sum(verdict[side] for verdict in verdicts) for side in (0, 1))
    only_before, only_after = (sum(verdict == wanted for verdict in verdicts) for wanted in ((True, False), (False, True)))
    chance = sign_test(only_before, only_after)
    print(f"| {row} | {len(verdicts)} | {before} | {after} | {only_before} | {only_after} | {chance:.2g} |")
    return after < before and chance < SURE


def sign_test(first: int, second: int) -> float:
    """Return the chance of counts as unequal or more, if either side is as likely as the other."""
    total = first + second
    tail = sum(math.comb(total, number) for number in range(min(first, second) + 1))
    return float(min(1.0, 2 * tail / 2**total))


if __name__ == "__main__":
    main()
