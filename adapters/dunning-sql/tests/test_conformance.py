"""The adapter does what the contract says, on each of the databases it is meant for."""

from __future__ import annotations

from pathlib import Path

import pytest
from wuye import WuyeBench

from dunning.testing.conformance import AdapterSuite, Bench


class TestOnSqlite(AdapterSuite):
    @pytest.fixture
    def erp(self, tmp_path: Path) -> Bench:
        return WuyeBench(f"sqlite:///{tmp_path}/wuye.db", f"{tmp_path}/dunning.db")


class TestOnSqliteInSmallPages(AdapterSuite):
    many = 45

    @pytest.fixture
    def erp(self, tmp_path: Path) -> Bench:
        return WuyeBench(f"sqlite:///{tmp_path}/wuye.db", f"{tmp_path}/dunning.db", page="4")


class TestOnPostgres(AdapterSuite):
    """The store in PostgreSQL as well, beside the ERP's tables."""

    @pytest.fixture
    def erp(self, on_postgres: str) -> Bench:
        return WuyeBench(on_postgres, on_postgres, page="100")


class TestOnMariadb(AdapterSuite):
    @pytest.fixture
    def erp(self, on_mariadb: str, tmp_path: Path) -> Bench:
        return WuyeBench(on_mariadb, f"{tmp_path}/dunning.db", page="100")
