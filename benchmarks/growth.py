"""`dunning assess` on Parquet folders of ten thousand households and more: time and memory as the portfolio grows."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from measuring import Run, Section, Sizes, rate, run

import households
from dunning.columns.store import STRETCH

ON = date(2026, 11, 22)
JOBS = 2
CLI = "from dunning.cli.main import main; main()"


def measured(number: int, work: Path) -> tuple[Run, int, int]:
    """A whole run from files to files; and the bytes of both."""
    folder, out = work / "in", work / "out"
    with contextlib.redirect_stdout(io.StringIO()):
        households.main(folder, number, 1)
    asked = ["assess", str(folder), "--on", ON.isoformat(), "--out", str(out), "--jobs", str(JOBS)]
    found = run([sys.executable, "-c", CLI, *asked], {**os.environ, "NO_COLOR": "1"})
    sizes = _bytes(folder), _bytes(out)
    shutil.rmtree(folder)
    shutil.rmtree(out)
    return found, *sizes


def _bytes(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*.parquet"))


def section(work: Path, sizes: Sizes) -> Section:
    page = Section("Growth")
    page.say(
        f"`dunning assess FOLDER --jobs {JOBS}` from Parquet to Parquet, the whole answer, a new process: start, "
        "reading and writing included. Memory is the most that all processes held at once.",
    )
    rows, runs = [], {}
    for number in sizes.growth:
        found, read, written = measured(number, work)
        runs[number] = found
        rows.append(
            [
                f"{number:,}",
                rate(found.wall / number),
                f"{found.wall:.1f}",
                f"{found.processor:.1f}",
                f"{found.processor / number * 1e6:.0f}",
                f"{found.peak / 2**20:,.0f}",
                f"{read / number:.0f}",
                f"{written / number:.0f}",
            ]
        )
    heads = (
        "households",
        "/s, wall",
        "s, wall",
        "s, processors",
        "us each",
        "MiB, peak",
        "bytes read",
        "bytes written",
    )
    page.table(heads, rows)
    least, most = min(runs), max(runs)
    dearer = (runs[most].processor / most) / (runs[least].processor / least)
    page.say(
        f"From {least:,} to {most:,} households ({most // least} times as many) a household takes {dearer:.2f} times "
        "the processor time: a process starts once, and asks the law and the worklist ever less often, for it meets "
        "ever fewer who stand as nobody before. "
        f"The run takes {runs[most].peak / runs[least].peak:.2f} times the memory{_since_both(runs)}."
    )
    page.short += [
        ("from files to files, on two cores", f"{rate(runs[most].wall / most)}/s", ""),
        (f"processor time a household, {most:,} against {least:,}", f"{dearer:.2f} times", "1: linear"),
        (f"memory, {most:,} households", f"{runs[most].peak / 2**20:,.0f} MiB", "flat, under 2 GB"),
    ]
    return page


def _since_both(runs: Mapping[int, Run]) -> str:
    """How memory grows from where there is enough for both cores; a run of a stretch or less has one process."""
    shared, most = [number for number in sorted(runs) if number >= JOBS * STRETCH], max(runs)
    if len(shared) < 2:
        return ""
    more = runs[most].peak / runs[shared[0]].peak
    return f", and {more:.2f} times that of {shared[0]:,}, from where on both cores are at work"
