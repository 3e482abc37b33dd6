"""Rows on their way, sorted into buckets on disk: what came in any order can be taken up bucket by bucket.

Memory holds one stretch of rows a list, whatever their number; disk holds every row once, compressed.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

STRETCH = 400_000
"""Rows of a list that are sorted at a time."""

Keys = NDArray[np.uint64]


class Spool:
    """Rows of lists by bucket, in a folder of its own; `take` gives those of some buckets in the order they came in."""

    def __init__(self, folder: Path, buckets: int) -> None:
        self.buckets = buckets
        self._folder = folder
        self._waiting: dict[str, list[tuple[pa.Table, NDArray[np.int64]]]] = {}
        self._rows: dict[str, int] = {}
        self._files: dict[str, list[tuple[pa.ipc.RecordBatchFileReader, dict[int, int]]]] = {}
        self.count: dict[str, int] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def add(self, name: str, table: pa.Table, buckets: NDArray[np.int64]) -> None:
        """Rows of a list and the bucket of each. A list has the same columns each time."""
        if not len(table):
            return
        self._waiting.setdefault(name, []).append((table, buckets))
        self._rows[name] = self._rows.get(name, 0) + len(table)
        self.count[name] = self.count.get(name, 0) + len(table)
        if self._rows[name] >= STRETCH:
            self._sort(name)

    def close(self) -> None:
        """Everything that was added can be taken; nothing is added any more."""
        for name in list(self._waiting):
            self._sort(name)

    def names(self) -> list[str]:
        return list(self.count)

    def take(self, name: str, buckets: range) -> pa.Table | None:
        """The rows of a list in these buckets; None if there is none."""
        found = [
            reader.get_batch(places[bucket])
            for reader, places in self._files.get(name, ())
            for bucket in buckets
            if bucket in places
        ]
        if not found:
            return None
        return pa.Table.from_batches(found).unify_dictionaries().combine_chunks()

    def _sort(self, name: str) -> None:
        waiting, self._rows[name] = self._waiting.pop(name), 0
        table = pa.concat_tables([table for table, _ in waiting]).unify_dictionaries().combine_chunks()
        keys = np.concatenate([keys for _, keys in waiting])
        order = np.argsort(keys, kind="stable")
        table, keys = table.take(pa.array(order)).combine_chunks(), keys[order]
        path = self._folder / f"{name}-{len(self._files.get(name, ()))}.arrow"
        places: dict[int, int] = {}
        options = pa.ipc.IpcWriteOptions(compression="lz4")
        with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema, options=options) as writer:
            turns = [0, *(np.flatnonzero(np.diff(keys)) + 1).tolist(), len(keys)]
            for number, (first, end) in enumerate(pairwise(turns)):
                places[int(keys[first])] = number
                writer.write_batch(table.slice(first, end - first).to_batches()[0])
        self._files.setdefault(name, []).append((pa.ipc.open_file(pa.OSFile(str(path))), places))


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
