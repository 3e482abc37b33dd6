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


async def check(folder: Path, drafts: Mapping[str, str], seconds: float) -> list[dict[str, Any]]:
    """Every finding of a rules folder with the drafts in it; Problem 503 when it takes too long."""
    with tempfile.TemporaryDirectory(prefix="dunning-check-") as name:
        copy = Path(name) / "rules"
        await asyncio.to_thread(_lay_out, folder, copy, drafts)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", "dunning_http.findings", cwd=copy, stdout=asyncio.subprocess.PIPE
        )
        try:
            async with asyncio.timeout(seconds):
                out, _ = await process.communicate()
        except TimeoutError:
            raise Clock(seconds).problem() from None
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
