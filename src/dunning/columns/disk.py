"""Files that a killed program leaves whole or not at all, and that are on disk when it is said so."""

from __future__ import annotations

import os
from pathlib import Path as File


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
