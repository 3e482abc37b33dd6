"""Rows on their way, sorted into buckets on disk: what came in any order can be taken up bucket by bucket.

Memory holds one stretch of rows a list, whatever their number; disk holds every row once, compressed. What was saved is
found again by whoever opens the folder next, so that a program that is killed goes on from there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dunning.columns.disk import sync_folder, to_disk, write_safely

STRETCH = 400_000
"""Rows of a list that are sorted at a time."""

SAVED = "saved.json"
"""What of a spool is sure to be on disk, and how far its owner was then."""

_BUCKETS = b"dunning.buckets"

Keys = NDArray[np.uint64]


class Spool:
    """Rows of lists by bucket, in a folder of its own; `take` gives those of some buckets in the order they came in.

    `done`: how far its owner was when it was last saved, in a count of his own; `whole`: nothing is added any more;
    `about`: what he had to say then. What was added later than that is not there.
    """

    def __init__(self, folder: Path, buckets: int) -> None:
        self.buckets = buckets
        self.done = 0
        self.whole = False
        self.about: Mapping[str, Any] = {}
        self.count: dict[str, int] = {}
        self._folder = folder
        self._waiting: dict[str, list[tuple[pa.Table, NDArray[np.int64]]]] = {}
        self._rows: dict[str, int] = {}
        self._files: dict[str, list[tuple[Path, dict[int, int]]]] = {}
        self._unsafe: list[Path] = []
        folder.mkdir(parents=True, exist_ok=True)
        self._open_again()

    def add(self, name: str, table: pa.Table, buckets: NDArray[np.int64]) -> None:
        """Rows of a list and the bucket of each. A list has the same columns each time."""
        if not len(table):
            return
        self._waiting.setdefault(name, []).append((table, buckets))
        self._rows[name] = self._rows.get(name, 0) + len(table)
        self.count[name] = self.count.get(name, 0) + len(table)
        if self._rows[name] >= STRETCH:
            self._sort(name)

    def save(self, done: int = 0, *, whole: bool = False, about: Mapping[str, Any] | None = None) -> None:
        """What was added is on disk, and is there when the folder is opened again; `done` as far as the owner is."""
        for name in list(self._waiting):
            self._sort(name)
        for path in self._unsafe:
            to_disk(path)
        sync_folder(self._folder)
        self._unsafe = []
        self.done, self.whole, self.about = done, whole, about or {}
        files = {name: len(found) for name, found in self._files.items()}
        said = {"buckets": self.buckets, "done": done, "whole": whole, "about": self.about}
        write_safely(self._folder / SAVED, json.dumps({**said, "files": files, "rows": self.count}))

    def names(self) -> list[str]:
        return list(self.count)

    def take(self, name: str, buckets: range) -> pa.Table | None:
        """The rows of a list in these buckets; None if there is none. All that was added has been saved."""
        found: list[pa.RecordBatch] = []
        for path, places in self._files.get(name, ()):
            if wanted := [places[bucket] for bucket in buckets if bucket in places]:
                with pa.OSFile(str(path)) as file:
                    reader = pa.ipc.open_file(file)
                    found += [reader.get_batch(place) for place in wanted]
        if not found:
            return None
        return pa.Table.from_batches(found).replace_schema_metadata().unify_dictionaries().combine_chunks()

    def _open_again(self) -> None:
        """Takes up what an earlier owner saved; whatever else he left goes."""
        mark = self._folder / SAVED
        said = json.loads(mark.read_text(encoding="utf-8")) if mark.exists() else {}
        if said.get("buckets") == self.buckets:
            self.done, self.whole, self.about, self.count = said["done"], said["whole"], said["about"], said["rows"]
            for name, count in said["files"].items():
                paths = [self._path(name, number) for number in range(count)]
                self._files[name] = [(path, _places(path)) for path in paths]
        known = {mark, *(path for found in self._files.values() for path, _ in found)}
        for stray in set(self._folder.iterdir()) - known:
            stray.unlink()

    def _path(self, name: str, number: int) -> Path:
        return self._folder / f"{name}-{number}.arrow"

    def _sort(self, name: str) -> None:
        waiting, self._rows[name] = self._waiting.pop(name), 0
        table = pa.concat_tables([table for table, _ in waiting]).unify_dictionaries().combine_chunks()
        keys = np.concatenate([keys for _, keys in waiting])
        order = np.argsort(keys, kind="stable")
        table, keys = table.take(pa.array(order)).combine_chunks(), keys[order]
        path = self._path(name, len(self._files.get(name, ())))
        turns = [0, *(np.flatnonzero(np.diff(keys)) + 1).tolist(), len(keys)]
        there = [int(keys[first]) for first in turns[:-1]]
        schema = table.schema.with_metadata({_BUCKETS: json.dumps(there)})
        options = pa.ipc.IpcWriteOptions(compression="lz4")
        with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, schema, options=options) as writer:
            for first, end in pairwise(turns):
                writer.write_batch(
                    table.slice(first, end - first).to_batches()[0].replace_schema_metadata(schema.metadata)
                )
        self._files.setdefault(name, []).append((path, _numbered(there)))
        self._unsafe.append(path)


def _places(path: Path) -> dict[int, int]:
    """Of a file of an earlier owner, which of its batches holds which bucket."""
    with pa.OSFile(str(path)) as file:
        return _numbered(json.loads(pa.ipc.open_file(file).schema.metadata[_BUCKETS]))


def _numbered(buckets: list[int]) -> dict[int, int]:
    return {bucket: place for place, bucket in enumerate(buckets)}


def hashes(values: pa.Array) -> Keys:
    """A number for each text that hangs on nothing but the text: the same on every machine, in every year."""
    if pa.types.is_dictionary(values.type):
        codes = values.indices.fill_null(len(values.dictionary)).to_numpy(zero_copy_only=False)
        found: Keys = np.append(hashes(values.dictionary), np.uint64(0))[codes]
        return found
    values = values.fill_null("") if values.null_count else values
    if not len(values):
        return np.zeros(0, np.uint64)
    _, offsets, data = values.buffers()
    bounds = np.frombuffer(offsets, np.int32)[values.offset : values.offset + len(values) + 1].astype(np.int64)
    text = np.frombuffer(data, np.uint8)[bounds[0] : bounds[-1]] if data is not None else np.zeros(0, np.uint8)
    start = bounds - bounds[0]
    lengths = np.diff(start)
    powers = _powers(int(lengths.max()) + 1)
    with np.errstate(over="ignore"):
        digits = (text.astype(np.uint64) + np.uint64(1)) * powers[np.arange(len(text)) - np.repeat(start[:-1], lengths)]
        sums = np.concatenate((np.zeros(1, np.uint64), np.cumsum(digits, dtype=np.uint64)))
        return mixed(sums[start[1:]] - sums[start[:-1]])


def together(one: Keys, other: Keys) -> Keys:
    """One number for two."""
    with np.errstate(over="ignore"):
        return mixed(one * _ODD + other)


_ODD = np.uint64(0x9E3779B97F4A7C15)


def _powers(count: int) -> Keys:
    with np.errstate(over="ignore"):
        return np.cumprod(np.concatenate((np.ones(1, np.uint64), np.full(count, _ODD))), dtype=np.uint64)


def mixed(keys: Keys) -> Keys:
    """The last steps of splitmix64: every bit counts in the lowest ones."""
    with np.errstate(over="ignore"):
        keys = (keys ^ (keys >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        keys = (keys ^ (keys >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return keys ^ (keys >> np.uint64(31))
