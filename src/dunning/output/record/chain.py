"""Lines that are only ever added, each carrying the hash of the one before: what was written cannot quietly change.

A record is a folder of segments `000001.jsonl`, `000002.jsonl` ... Each line is one JSON object that begins with its
number `seq` and the hash `prev` of the line before, and ends with `hash`, the SHA-256 of all that stands before it in
the line. So every line can be checked alone, and every line vouches for all before it.

What is promised: a chunk of lines is handed to the operating system in one write, so a killed process loses no line
that was written, and tears at most the last one. Every `SYNC_EVERY` lines, and when the writer is closed, the segment
is synced to disk (fsync), so that a power cut costs at most the lines since; the run that wrote them has not ended,
and its results have not got their names. A torn last line was never recorded: the next writer cuts it off and writes a
line `healed` that says how many bytes it had.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from dunning.basis.errors import UsageError
from dunning.basis.finding import Text

SEGMENT_BYTES = 64 * 1024 * 1024
SYNC_EVERY = 4096
START = "0" * 64
"""What the first line has for the hash before it."""

_TAIL = len(',"hash":""}') + 64


class Head(NamedTuple):
    """How far a chain goes: the last line's number and hash, its segment, and where that line ends in it."""

    seq: int = 0
    hash: str = START
    segment: int = 1
    end: int = 0


class Line(NamedTuple):
    """A line as it stands: `data` None if it is no record, `whole` False if it does not fit its own hash."""

    segment: int
    row: int
    start: int
    end: int
    data: dict[str, Any] | None
    whole: bool
    torn: bool = False  # the last line of a segment, without its newline


def segment_path(folder: Path, number: int) -> Path:
    return folder / f"{number:06}.jsonl"


def segments(folder: Path) -> list[int]:
    """The numbers of the segments there are, ascending."""
    return sorted(int(path.stem) for path in folder.glob("[0-9]" * 6 + ".jsonl"))


def sealed(seq: int, prev: str, body: str) -> tuple[bytes, str]:
    """The line of a body (the inside of a JSON object), and its hash."""
    text = f'{{"seq":{seq},"prev":"{prev}",{body}'.encode()
    own = sha256(text).hexdigest()
    return text + f',"hash":"{own}"}}\n'.encode(), own


def parsed(raw: bytes) -> tuple[dict[str, Any] | None, bool]:
    """What a line says, and whether it fits its own hash."""
    text = raw.rstrip(b"\n")
    try:
        data = json.loads(text)
    except ValueError:
        return None, False
    if not isinstance(data, dict) or type(data.get("seq")) is not int or not isinstance(data.get("hash"), str):
        return None, False
    sound = text[-_TAIL:] == f',"hash":"{data["hash"]}"}}'.encode()
    return data, sound and sha256(text[:-_TAIL]).hexdigest() == data["hash"]


def lines(folder: Path, *, segment: int = 1, start: int = 0) -> Iterator[Line]:
    """Every line from a place on, one at a time."""
    for number in segments(folder):
        if number < segment:
            continue
        with segment_path(folder, number).open("rb") as file:
            at = start if number == segment else 0
            file.seek(at)
            for row, raw in enumerate(file, 1):
                data, whole = parsed(raw)
                torn = not raw.endswith(b"\n")
                yield Line(number, row, at, at + len(raw), data, whole, torn)
                at += len(raw)


def line_at(folder: Path, segment: int, start: int) -> Line:
    """The line that begins at a place."""
    return next(lines(folder, segment=segment, start=start))


class Writer:
    """Adds lines at the end of a chain. `head` is where the chain ends, as `recovered` found it."""

    def __init__(self, folder: Path, head: Head) -> None:
        self._folder = folder
        self.head = head
        self._pending: dict[int, list[bytes]] = {}  # by segment
        self._file: int | None = None
        self._segment = 0
        self._unsynced = 0

    def add(self, body: str) -> tuple[int, int]:
        """Takes a line; the segment and place it will have. It is written with the next `flush`, not before."""
        head = self.head
        segment, start = (head.segment, head.end) if head.end < SEGMENT_BYTES else (head.segment + 1, 0)
        line, own = sealed(head.seq + 1, head.hash, body)
        self.head = Head(head.seq + 1, own, segment, start + len(line))
        self._pending.setdefault(segment, []).append(line)
        return segment, start

    def flush(self) -> bool:
        """Hands what was taken to the operating system, one write a segment; whether it is time to sync."""
        for segment, taken in self._pending.items():
            data = memoryview(b"".join(taken))
            file = self._open(segment)
            while data:
                data = data[os.write(file, data) :]
            self._unsynced += len(taken)
        self._pending.clear()
        return self._unsynced >= SYNC_EVERY

    def sync(self) -> None:
        """What was flushed outlives a power cut."""
        if self._file is not None and self._unsynced:
            os.fsync(self._file)
        self._unsynced = 0

    def close(self) -> None:
        self.flush()
        self.sync()
        self._close()

    def _open(self, segment: int) -> int:
        """The file of a segment; the one before it is full, and synced."""
        if self._file is not None and segment != self._segment:
            self.sync()
            self._close()
        if self._file is None:
            path = segment_path(self._folder, segment)
            new = not path.exists()
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o644)
            self._segment = segment
            if new:
                sync_folder(self._folder)
        return self._file

    def _close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


def sync_folder(folder: Path) -> None:
    """The name of a new file outlives a power cut; where folders cannot be opened, the system sees to it."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class Healed(NamedTuple):
    """The torn last line that was cut off."""

    segment: int
    row: int
    bytes: int
    sha256: str


def cut_off(folder: Path, line: Line) -> Healed:
    """Takes a torn line away; what was in it was never recorded."""
    path = segment_path(folder, line.segment)
    with path.open("r+b") as file:
        file.seek(line.start)
        torn = file.read()
        file.truncate(line.start)
        file.flush()
        os.fsync(file.fileno())
    return Healed(line.segment, line.row, len(torn), sha256(torn).hexdigest())


def end_line(folder: Path, head: Head) -> Head:
    """Gives a last line that is whole the newline it lacks; the head after it."""
    with segment_path(folder, head.segment).open("ab") as file:
        file.write(b"\n")
        file.flush()
        os.fsync(file.fileno())
    return head._replace(end=head.end + 1)


# Checking


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with a chain: `kind` is changed, missing, moved, repeated, torn or rewritten."""

    kind: str
    message: Text


@dataclass(slots=True)
class Check:
    """What verifying found; `count` sound lines, and the head to compare with one kept elsewhere."""

    count: int
    head: Head
    faults: list[Fault]


def verify(folder: Path, *, known: Head | None = None) -> Check:
    """Reads a chain from its first line to its last and tells every fault by its name; never raises for what it reads.

    `known` is how far the chain went by its index: lines after it are fine, lines up to it may not be missing.
    """
    faults: list[Fault] = []
    gaps: list[tuple[int, int]] = []  # numbers not yet met, first and last
    before: tuple[int, str] | None = (0, START)  # number and hash of the line before, if it is sound
    greatest, count, last = 0, 0, Head()
    row_of: dict[int, int] = {}
    for line in lines(folder):
        row_of[line.segment] = row = row_of.get(line.segment, 0) + 1
        where = f"{line.segment:06}.jsonl:{row}"
        if line.torn and not line.whole:
            faults.append(_fault("torn", where, "最后一行没有写完 (写的时候被中断), 下次记录时会修好",
                                 "the last line is torn (killed while writing); the next run heals it"))  # fmt: skip
            continue
        if line.data is None or not line.whole:
            faults.append(_fault("changed", where, "这一行被改过: 与它自己的哈希不符",
                                 "this line was changed: it does not fit its own hash"))  # fmt: skip
            seq = greatest + 1
            if line.data is not None and line.data["seq"] in (seq, *(gap[0] for gap in gaps)):
                seq = line.data["seq"]
            greatest, before = max(greatest, seq), None
            gaps = _without(gaps, seq)
            continue
        seq, own = line.data["seq"], line.data["hash"]
        if seq == greatest + 1:
            if before is not None and before[0] == seq - 1 and line.data.get("prev") != before[1]:
                zh, en = f"第{seq}条不接着它前面的一条, 前面的被换过", f"record {seq} does not follow the one before"
                faults.append(_fault("rewritten", where, zh, f"{en}: that one was replaced"))
        elif seq > greatest:
            gaps.append((greatest + 1, seq - 1))
        elif any(first <= seq <= final for first, final in gaps):
            gaps = _without(gaps, seq)
            faults.append(_fault("moved", where, f"第{seq}条不在原来的位置: 顺序被改过",
                                 f"record {seq} is not where it was: the order was changed"))  # fmt: skip
        else:
            faults.append(_fault("repeated", where, f"第{seq}条出现了两次", f"record {seq} is there twice"))
        if known is not None and seq == known.seq and own != known.hash:
            zh, en = f"第{seq}条与索引里的哈希不符", f"record {seq} has another hash than the index kept"
            faults.append(_fault("rewritten", where, f"{zh}: 链被重写过", f"{en}: the chain was rewritten"))
        if seq > greatest:
            last = Head(seq, own, line.segment, line.end)
        greatest, before, count = max(greatest, seq), (seq, own), count + 1
    faults += [_missing(first, final) for first, final in gaps]
    if known is not None and known.seq > greatest:
        faults.append(_missing(greatest + 1, known.seq))
    return Check(count, last, faults)


def _without(gaps: list[tuple[int, int]], seq: int) -> list[tuple[int, int]]:
    """The gaps less one number."""
    left = []
    for first, last in gaps:
        if first <= seq <= last:
            left += [part for part in ((first, seq - 1), (seq + 1, last)) if part[0] <= part[1]]
        else:
            left.append((first, last))
    return left


def _missing(first: int, last: int) -> Fault:
    zh = f"缺第{first}条" if first == last else f"缺第{first}到{last}条"
    en = f"record {first} is missing" if first == last else f"records {first} to {last} are missing"
    return Fault("missing", Text(zh, en))


def _fault(kind: str, where: str, zh: str, en: str) -> Fault:
    return Fault(kind, Text(f"{where}: {zh}", f"{where}: {en}"))


def recovered(folder: Path, head: Head) -> Iterator[Line]:
    """The sound lines after `head`, for an index to catch up with; UsageError where the chain is not sound.

    The last one may be torn; it is yielded as such.
    """
    there = segments(folder)
    if head.seq:
        path = segment_path(folder, head.segment)
        if head.segment not in there or path.stat().st_size < head.end:
            raise _unsound(folder, f"{head.segment:06}.jsonl")
    before = head
    for line in lines(folder, segment=head.segment, start=head.end):
        if line.torn and not line.whole and line.segment == there[-1]:
            yield line
            return
        data = line.data or {}
        if not line.whole or (data.get("seq"), data.get("prev")) != (before.seq + 1, before.hash):
            raise _unsound(folder, f"{line.segment:06}.jsonl")
        before = Head(data["seq"], data["hash"], line.segment, line.end)
        yield line


def _unsound(folder: Path, where: str) -> UsageError:
    zh = f"{where} 被改过或不完整, 不能接着记; dunning verify {folder} 会说出哪里不对"
    en = f"{where} was changed or is not whole, so nothing is added; `dunning verify {folder}` says where"
    return UsageError(Text(zh, en))
