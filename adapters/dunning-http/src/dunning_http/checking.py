"""Rule files checked on request: a copy of the rules with the drafts laid over it, in a process of its own.

A process can be stopped when its time is up, and takes with it what reading keeps in memory. Drafts are only looked at;
nothing of them is ever loaded.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dunning_http.shelf import SUFFIXES
from dunning_http.work import Clock

FILE = (
    r"^(?:folder\.yaml|(?:packs|communities|cases|calendars|law|law/[A-Za-z0-9_\-]{1,50})/[\w\-][\w.\-]{0,100}\.ya?ml)$"
)
"""The rule files a draft may stand for: the folders of a rules folder, and no way out of it."""


class Checks:
    """`at_once` folders are checked at a time, each within `seconds`, waiting included."""

    def __init__(self, at_once: int, seconds: float) -> None:
        self._room = asyncio.Semaphore(at_once)
        self._seconds = seconds

    async def of(self, folder: Path, drafts: Mapping[str, str]) -> list[dict[str, Any]]:
        """Every finding of a rules folder with the drafts in it; Problem 503 when it takes too long."""
        try:
            async with asyncio.timeout(self._seconds), self._room:
                return await _checked(folder, drafts)
        except TimeoutError:
            raise Clock(self._seconds).problem() from None


async def _checked(folder: Path, drafts: Mapping[str, str]) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory(prefix="dunning-check-") as name:
        copy = Path(name) / "rules"
        await asyncio.to_thread(_lay_out, folder, copy, drafts)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", "dunning_http.findings", cwd=copy, stdout=asyncio.subprocess.PIPE
        )
        try:
            out, _ = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    if process.returncode != 0:
        raise RuntimeError(f"the check ended with {process.returncode}")
    found: list[dict[str, Any]] = json.loads(out)
    return found


def _lay_out(folder: Path, copy: Path, drafts: Mapping[str, str]) -> None:
    def others(_: str, names: list[str]) -> list[str]:
        return [
            name for name in names if name.startswith(".") or (Path(name).suffix and Path(name).suffix not in SUFFIXES)
        ]

    shutil.copytree(folder, copy, ignore=others)
    for name, text in drafts.items():
        path = copy / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
