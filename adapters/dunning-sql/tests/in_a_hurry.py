"""SQLite without waiting for the disk: tests kill processes, not power."""

from __future__ import annotations

import sqlite3
from typing import Any

import sqlalchemy as sa


def hurry(connection: Any, _: object) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous = OFF")


sa.event.listen(sa.Engine, "connect", hurry)
