"""How many steps a snapshot needs: its benchmark scores by the number of steps, and the fewest as good as the most within its interval.

    python benchmarks/steps.py SNAPSHOT OUT_FOLDER --steps 4 8 16 50 [--only following named-seen] [--full]

The same prompts and seeds for each number; only the sampler of a copied manifest differs. Killed, it goes on where it was.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from limner.engine.weights import weights_folder


def main() -> None:
    """Score each number of steps, the most first, and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("snapshot")
    parser.add_argument("out", type=Path)
    parser.add_argument("--steps", type=int, nargs="+", default=[4, 8, 16, 50])
    parser.add_argument("--only", nargs="+", default=["following", "named-seen"])
    parser.add_argument("--full", action="store_true")
    options = parser.parse_args()
    reports = {steps: score(options.snapshot, steps, options) for steps in sorted(options.steps, reverse=True)}
    names = [row["name"] for row in next(iter(reports.values())).values() if row["count"] or row["name"] == "following"]
    print(f"| steps | {' | '.join(names)} |\n|---|{'---|' * len(names)}")
    for steps, rows in reports.items():
        print(f"| {steps} | {' | '.join(show(rows[name]) for name in names)} |")
    most = next(iter(reports))
    good = [steps for steps, rows in reports.items() if all(rows[name]["score"] >= reports[most][name]["low"] for name in options.only)]
    print(f"\nfewest within the interval of {most} in {', '.join(options.only)}: {min(good)}")


def score(snapshot: str, steps: int, options: argparse.Namespace) -> dict[str, Any]:
    """Run the benchmark with so many steps; return the rows of its report by name."""
    out = options.out.resolve() / str(steps)
    weights = out / "weights"
    if not weights.exists():
        copy_weights(weights_folder(), weights, snapshot, steps)
    only = [word for name in options.only for word in ("--only", name)]
    command = [sys.executable, "-m", "limner", "eval", "--model", snapshot, "--out", str(out / "eval"), *only]
    environment = {**os.environ, "LIMNER_WEIGHTS_DIR": str(weights)}
    subprocess.run([*command, *([] if options.full else ["--quick"])], env=environment, check=True, stdout=subprocess.DEVNULL)
    return {row["name"]: row for row in json.loads((out / "eval" / "report.json").read_text())["rows"]}


def copy_weights(source: Path, folder: Path, snapshot: str, steps: int) -> None:
    """Link a weights folder in which a snapshot takes so many steps at medium."""
    (folder / snapshot).mkdir(parents=True)
    for part in source.iterdir():
        if part.name not in (snapshot, "snapshots.json"):
            (folder / part.name).symlink_to(part)
    for file in (source / snapshot).iterdir():
        (folder / snapshot / file.name).symlink_to(file)
    manifest = json.loads((source / snapshot / "manifest.json").read_text())
    manifest["sampler"]["medium"]["num_steps"] = steps
    content = json.dumps(manifest).encode()
    (folder / snapshot / "manifest.json").unlink()
    (folder / snapshot / "manifest.json").write_bytes(content)
    listed = json.loads((source / "snapshots.json").read_text())
    listed["snapshots"][snapshot]["digest"] = f"sha256:{hashlib.sha256(content).hexdigest()}"
    (folder / "snapshots.json").write_text(json.dumps(listed))


def show(row: dict[str, Any]) -> str:
    """Return a score with its interval, in percent."""
    return f"{row['score']:.1%} ({row['low']:.0%} to {row['high']:.0%})"


if __name__ == "__main__":
    main()
