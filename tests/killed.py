"""A run that is killed at its n-th step on disk: `python tests/killed.py FOLDER OUT N`; N 0: it is left alone.

A step is a name given, or something made sure to be on disk; killed as the power cut kills, with nothing tidied up.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import date
from pathlib import Path
from typing import Any

from dunning.columns import store
from dunning.columns.run import Task, run
from dunning.lang.folder import load_folder

ON = date(2026, 11, 22)


def killed_at(step: int) -> None:
    """Every fsync and every rename counts."""
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


if __name__ == "__main__":
    folder, out, step = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    store.STRETCH = 40
    if step:
        killed_at(step)
    run(Task(folder, out, load_folder, ON, (30, 90), objects=True))
