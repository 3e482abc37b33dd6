"""A MariaDB for the whole run, with MicroCommunity's tables in a database that tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

from dunning_sql.database import open_engine
from servers import Server, mariadb

__all__ = ["mariadb", "url"]

SCHEMA = Path(__file__).parent / "schema.sql"


@pytest.fixture(scope="session")
def url(mariadb: Server) -> str:
    address = mariadb.new_database("mysql+pymysql")
    with open_engine(address, read_only=False).begin() as db:
        for statement in SCHEMA.read_text(encoding="utf-8").split(";\n"):
            if statement.strip():
                db.exec_driver_sql(statement)
    return address
