"""`make bench`: everything that is measured, in one go, written as docs/benchmarks.md; ratios first.

    python benchmarks/run.py --date 2026-11-22 [--quick] [--up-to 1000000] [--out docs/benchmarks.md]

`--date` is the day that the page says. The whole takes some ten minutes of two quiet cores and four gigabytes of
disk, half of it for ten million households; `--up-to` leaves runs of more out. `--quick` takes one minute, on so few
that its figures mean nothing. Ends with 1 if answers of ours were wrong.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from dataclasses import replace
from io import StringIO
from pathlib import Path

import deciding
import formula
import growth
import ways
from measuring import FULL, QUICK, Section, Sizes, load, machine

import households

ROOT = Path(__file__).parent.parent


def sections(sizes: Sizes, work: Path) -> list[Section]:
    """Everything measured; each part says when it begins."""
    folder = work / "drawn"
    with redirect_stdout(StringIO()):
        households.main(folder, sizes.households, 1)
    parts: Sequence[tuple[str, Callable[[], Section]]] = (
        ("columns against assess", lambda: ways.section(folder, sizes)),
        ("the decision table", lambda: deciding.section(sizes)),
        ("the late fee", lambda: formula.section(sizes)),
        ("growth", lambda: growth.section(work, sizes)),
    )
    found = []
    for name, part in parts:
        print(f"{name} ...", file=sys.stderr, flush=True)
        found.append(part())
    return found


def page(found: Sequence[Section], sizes: Sizes, day: str, busy: tuple[str, str], minutes: float) -> str:
    head = Section("Benchmarks")
    head.say(
        "# Benchmarks",
        f"Written by `make bench` on {day} in {minutes:.0f} minutes; not to be edited. `benchmarks/` has the programs.",
    )
    if sizes.households == QUICK.households:
        head.say("**A quick run, on so few households that the figures mean nothing.**")
    head.lines += [f"- {line}" for line in machine()]
    head.say(
        f"- Processes that wanted a processor (load) at the beginning {busy[0]}, at the end {busy[1]}. Where that is "
        "more than a run uses itself, wall times say little; processor times and ratios are to be trusted."
    )
    head.say("## In short")
    head.table(("", "measured", "expected"), [line for each in found for line in each.short])
    wrong = sum(each.different for each in found)
    head.say(
        "Every answer of ours that is compared below was as it must be."
        if not wrong
        else f"**{wrong} answers of ours were not as they must be: see below.**"
    )
    body = [f"## {each.title}\n\n" + "\n".join(each.lines) for each in found]
    return "\n".join(["\n".join(head.lines), *body]).rstrip() + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--date", required=True)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--up-to", type=int, default=FULL.growth[-1])
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "benchmarks.md")
    asked = parser.parse_args()
    sizes = QUICK if asked.quick else FULL
    sizes = replace(sizes, growth=tuple(number for number in sizes.growth if number <= asked.up_to))
    before, began = load(), time.monotonic()
    with tempfile.TemporaryDirectory() as work:
        found = sections(sizes, Path(work))
    minutes = (time.monotonic() - began) / 60
    asked.out.write_text(page(found, sizes, asked.date, (before, load()), minutes), encoding="utf-8")
    print(f"{asked.out} written, {minutes:.1f} minutes", file=sys.stderr)
    return 1 if any(each.different for each in found) else 0


if __name__ == "__main__":
    sys.exit(main())
