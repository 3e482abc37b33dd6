"""The servers these tests run on."""

from __future__ import annotations

from servers import mariadb, postgres

__all__ = ["mariadb", "postgres"]
