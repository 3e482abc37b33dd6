"""Files that a killed program leaves whole or not at all, and that are on disk when it is said so."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path as File

from dunning.basis.errors import UsageError
from dunning.basis.finding import Text


@contextmanager
def alone_in(folder: File) -> Iterator[None]:
    """Nobody else who asks this works in the folder meanwhile. UsageError if somebody does; who was killed does not."""
    new = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY)
    try:
        _lock(handle, folder)
        yield
    finally:
        os.close(handle)
        if new and not any(folder.iterdir()):
            folder.rmdir()


def _lock(handle: int, folder: File) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        zh, en = (
            f"另一个 dunning 正在写 {folder}; 等它做完",
            f"another dunning is at work in {folder}; wait until it is done",
        )
        raise UsageError(Text(zh, en)) from None


def write_safely(path: File, text: str) -> None:
    """The whole text or none of it, and on disk when this returns."""
    draft = path.with_name(path.name + ".tmp")
    with draft.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    sync_folder(path.parent)


def to_disk(file: File) -> None:
    """What is in a file is on disk."""
    handle = os.open(file, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_folder(folder: File) -> None:
    """Names given in a folder are on disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
