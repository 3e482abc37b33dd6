"""Work that is killed at its n-th step on disk: `python tests/killed.py run|files|parquet FROM OUT N`; N 0: left alone.

A step is a name given, something taken away, or something made sure to be on disk; killed as the power cut kills, with
nothing tidied up.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from datetime import date
from pathlib import Path
from typing import Any

from dunning.columns import convert, sink, spool, store
from dunning.columns.convert import convert_parquet, convert_portfolio
from dunning.columns.run import Task, run
from dunning.columns.sink import Converted, Tick
from dunning.intake.files.tables import open_portfolio
from dunning.lang.folder import load_folder

ON = date(2026, 11, 22)
SMALL = [
    (spool, "STRETCH", 90), (store, "STRETCH", 40), (store, "PART", 24), (convert, "PART", 24), (sink, "GROUPS", 7),
    (convert, "ROWS", 30), (convert, "SAVE_ROWS", 100), (sink, "SAVE", 20),
]  # fmt: skip
"""So that a hundred accounts go through every turn."""


def killed_at(step: int) -> None:
    """Every fsync, every rename and every folder taken away counts."""
    left = [step]

    def counted(real: Any) -> Any:
        def count(*args: Any, **named: Any) -> Any:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*args, **named)

        return count

    os.fsync = counted(os.fsync)  # type: ignore[assignment]
    Path.replace = counted(Path.replace)  # type: ignore[method-assign]
    Path.rename = counted(Path.rename)  # type: ignore[method-assign]
    shutil.rmtree = counted(shutil.rmtree)


def converted(what: str, source: Path, out: Path, tick: Tick | None = None) -> Converted:
    """A file, or a folder of Parquet files, converted."""
    of = {"files": source.name}
    if what == "parquet":
        return convert_parquet(source, out, of=of, tick=tick)
    with open_portfolio(source) as portfolio:
        return convert_portfolio(portfolio, out, of=of, tick=tick)


if __name__ == "__main__":
    what, source, out, step = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])
    if step:
        killed_at(step)
    if what == "run":
        store.STRETCH = 40
        run(Task(source, out, load_folder, ON, (30, 90), objects=True))
    else:
        for module, name, value in SMALL:
            setattr(module, name, value)
        converted(what, source, out)
