"""One Tryton for the whole run: each test's bench has parties of its own in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tryton import Tryton, on_postgresql, on_sqlite

from servers import Server, postgres

__all__ = ["postgres"]


@pytest.fixture(scope="session")
def sqlite_tryton(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tryton]:
    yield from on_sqlite(tmp_path_factory.mktemp("tryton"))


@pytest.fixture(scope="session")
def postgresql_tryton(postgres: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tryton]:
    folder: Path = tmp_path_factory.mktemp("tryton-postgresql")
    yield from on_postgresql(folder, postgres.new_database("postgresql"))
