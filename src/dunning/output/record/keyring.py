"""Two small databases beside a record: the keys that tie it to people, and the index that finds a line in it.

`keys.sqlite` is the only thing that says whose a record is: guard it, and keep it off the record's backups. Deleting a
key overwrites it. `index.sqlite` is made from the segments and can be made again; it is the lock of the one writer too.
"""

from __future__ import annotations

import hmac
import os
import secrets
import sqlite3
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Any

from dunning.basis.errors import UsageError
from dunning.basis.finding import Text
from dunning.output.record.chain import Head
from dunning.output.record.pseudonyms import canonical

KEYS = "keys.sqlite"
INDEX = "index.sqlite"


def keyed(key: bytes, *parts: str) -> str:
    """A name that nobody without the key can tie to what it stands for: 32 hex digits of HMAC-SHA256."""
    return hmac.digest(key, canonical(parts).encode(), sha256).hex()[:32]


class Keyring:
    """The keys of persons. A new key is on disk (fsync) once `commit` returns, before any line that uses it."""

    def __init__(self, folder: Path, *, make: bool = False) -> None:
        path = folder / KEYS
        if make and not path.exists():
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
        if not path.exists():
            raise UsageError(Text(f"没有钥匙文件 {path}", f"there is no key file {path}"))
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;"
            "CREATE TABLE IF NOT EXISTS keys (company TEXT, party TEXT, key BLOB, PRIMARY KEY (company, party))"
            " WITHOUT ROWID;"
        )

    def key(self, company: str, party: str) -> bytes | None:
        """A person's key, if there is one."""
        found = self._db.execute("SELECT key FROM keys WHERE company = ? AND party = ?", (company, party)).fetchone()
        return None if found is None else bytes(found[0])

    def key_or_new(self, company: str, party: str) -> bytes:
        """A person's key; a new one where there is none, kept with the next `commit`."""
        key = self.key(company, party)
        if key is None:
            key = secrets.token_bytes(32)
            if not self._db.in_transaction:
                self._db.execute("BEGIN")
            self._db.execute("INSERT INTO keys VALUES (?, ?, ?)", (company, party, key))
        return key

    def commit(self) -> None:
        if self._db.in_transaction:
            self._db.execute("COMMIT")

    def companies(self, party: str) -> list[str]:
        """The companies in which somebody has this id."""
        found = self._db.execute("SELECT company FROM keys WHERE party = ? ORDER BY company", (party,))
        return [company for (company,) in found]

    def forget(self, company: str, party: str) -> None:
        """Deletes a key and what of it is left in the file."""
        self._db.execute("DELETE FROM keys WHERE company = ? AND party = ?", (company, party))
        self._db.execute("VACUUM")
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        self._db.close()


class Index:
    """Where each decision stands, the last one of each person, and how far the chain went when it was last synced."""

    def __init__(self, folder: Path) -> None:
        self._db = sqlite3.connect(folder / INDEX, isolation_level=None, timeout=1)
        try:
            self._db.executescript(
                "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=DELETE; PRAGMA synchronous=NORMAL; BEGIN EXCLUSIVE;"
                "CREATE TABLE IF NOT EXISTS decisions (id BLOB PRIMARY KEY, segment INT, start INT) WITHOUT ROWID;"
                "CREATE TABLE IF NOT EXISTS persons (person BLOB PRIMARY KEY, day TEXT, segment INT, start INT)"
                " WITHOUT ROWID;"
                "CREATE TABLE IF NOT EXISTS head (seq INT, hash TEXT, segment INT, until INT);"
            )
        except sqlite3.OperationalError:
            self._db.close()
            what = Text(f"另一个程序正在用 {folder}", f"another program is using {folder}")
            raise UsageError(what) from None
        except sqlite3.DatabaseError:
            self._db.close()
            zh, en = (
                f"{folder / INDEX} 已损坏; 删掉它, 会重新生成",
                f"{folder / INDEX} is damaged; delete it, it is made anew",
            )
            raise UsageError(Text(zh, en)) from None

    def head(self) -> Head:
        found = self._db.execute("SELECT seq, hash, segment, until FROM head").fetchone()
        return Head() if found is None else Head(*found)

    def knows(self, decision: str) -> bool:
        found = self._db.execute("SELECT 1 FROM decisions WHERE id = ?", (bytes.fromhex(decision),))
        return found.fetchone() is not None

    def last(self, person: str) -> tuple[int, int] | None:
        """The segment and place of the line of a person's latest day."""
        found: tuple[int, int] | None = self._db.execute(
            "SELECT segment, start FROM persons WHERE person = ?", (bytes.fromhex(person),)
        ).fetchone()
        return found

    def add(self, decisions: Iterable[str], person: str, day: str, place: tuple[int, int]) -> None:
        rows = [(bytes.fromhex(id_), *place) for id_ in decisions]
        self._db.executemany("INSERT INTO decisions VALUES (?, ?, ?)", rows)
        self._db.execute(
            "INSERT INTO persons VALUES (?, ?, ?, ?) ON CONFLICT (person) DO UPDATE SET"
            " day = excluded.day, segment = excluded.segment, start = excluded.start WHERE excluded.day >= day",
            (bytes.fromhex(person), day, *place),
        )

    def commit(self, head: Head) -> None:
        """Keeps what was added; only after the segment is synced, so that the index is never ahead of the chain."""
        self._db.execute("DELETE FROM head")
        self._db.execute("INSERT INTO head VALUES (?, ?, ?, ?)", head)
        self._db.execute("COMMIT")
        self._db.execute("BEGIN EXCLUSIVE")

    def close(self) -> None:
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")
        self._db.close()


def head_of(folder: Path) -> Head | None:
    """How far the chain went by its index, without writing to it; None where there is none that can be read.

    UsageError while a writer holds it.
    """
    found = _looked_up(folder, "SELECT seq, hash, segment, until FROM head")
    return None if found is None else Head(*found)


def place_of(folder: Path, decision: str) -> tuple[int, int] | None:
    """The segment of a decision's line, and its place in it, without writing to the index; None where it has none."""
    try:
        found = _looked_up(folder, "SELECT segment, start FROM decisions WHERE id = ?", bytes.fromhex(decision))
    except ValueError:
        return None
    return None if found is None else (found[0], found[1])


def _looked_up(folder: Path, question: str, *args: Any) -> tuple[Any, ...] | None:
    path = folder / INDEX
    if not path.exists():
        return None
    db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=1)
    try:
        row: tuple[Any, ...] | None = db.execute(question, args).fetchone()
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise UsageError(Text(f"另一个程序正在写 {folder}", f"another program is writing to {folder}")) from None
        return None  # its writer was killed, and the next one puts it right
    except sqlite3.DatabaseError:
        return None
    finally:
        db.close()
    return row
