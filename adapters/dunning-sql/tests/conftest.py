"""The servers these tests run on, and a database in each that tests may share."""

from __future__ import annotations

import in_a_hurry  # noqa: F401  # listens from now on
import pytest

from servers import Server, mariadb, postgres

__all__ = ["mariadb", "on_mariadb", "on_postgres", "postgres"]


@pytest.fixture(scope="session")
def on_postgres(postgres: Server) -> str:
    return postgres.new_database("postgresql+psycopg")


@pytest.fixture(scope="session")
def on_mariadb(mariadb: Server) -> str:
    return mariadb.new_database("mysql+pymysql")
