"""What an older run left in a folder of results: a worklist of another day beside today's answers is done by mistake.

Only files that a run of ours wrote are taken away, and which those are its `summary.json` tells; nobody else's are.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

from dunning.basis.errors import UsageError
from dunning.basis.finding import Text

SUMMARY = "summary.json"
RUN = "run.json"
"""What a folder with the results of a run in columns has; they are of one run, and go on where it was stopped."""

RESULTS = frozenset(
    {
        *("assessments.jsonl", "assessments.csv", "assessments.xlsx", "charges.csv", "worklist.csv", "rejected.jsonl"),
        *("deliveries.jsonl", "dropped.jsonl", "gone.jsonl"),
    }
)
"""Every file a run can write. Not receipts.jsonl, which is no result: it says what waits to be delivered."""


class Leftovers(NamedTuple):
    """Files of an older run that this one does not write again, and the day that run was about."""

    files: tuple[Path, ...]
    on: str

    def remove(self) -> None:
        for file in self.files:
            file.unlink(missing_ok=True)

    def told(self) -> Text | None:
        """Which files go, and of which day they are; None where there is none."""
        whole = [file.name for file in self.files if file.suffix != ".part"]
        if not whole:
            return None
        zh, en = "、".join(whole), ", ".join(whole)
        return Text(f"去掉了上次 ({self.on}) 的结果: {zh}", f"removed, of the run before ({self.on}): {en}")


def leftovers(out: Path, writes: Collection[str]) -> Leftovers:
    """What is to go from the folder `out` when a run that `writes` these files is done.

    UsageError if a file has the name of a result, would stay, and no run of ours wrote it: nobody can tell its day; and
    where there are results in columns and this run writes others.
    """
    if RUN not in writes and (out / RUN).is_file():
        raise UsageError(
            Text(
                f"{out} 里是按列算的结果; 换一个文件夹, 或先删掉它",
                f"{out} has results in columns; name another folder or delete it",
            )
        )
    there = sorted(out / name for name in RESULTS - set(writes) if (out / name).is_file())
    parts = tuple(sorted(out / f"{name}.part" for name in RESULTS if (out / f"{name}.part").is_file()))
    day = _day_of(out / SUMMARY)
    if there and not day:
        zh, en = "、".join(file.name for file in there), ", ".join(file.name for file in there)
        raise UsageError(
            Text(
                f"{out} 里有 {zh}, 不知是哪天的结果; 先拿走, 或用 --out 另写一个文件夹",
                f"{out} has {en}, and nobody knows of which day; take it away, or name another folder with --out",
            )
        )
    return Leftovers((*there, *parts), day)


def _day_of(summary: Path) -> str:
    """The day of the run that wrote a summary; empty if there is none, or it is somebody else's."""
    try:
        told = json.loads(summary.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    ours = isinstance(told, dict) and "households" in told and isinstance(told.get("on"), str)
    return str(told["on"]) if ours else ""
