"""Addresses of databases: what is wrong with one is told before anything is connected."""

from __future__ import annotations

import sys

import pytest

from dunning import UsageError
from dunning.adapter import DependencyMissingError
from dunning_sql.database import open_engine


def test_a_driver_that_is_not_installed_is_told_with_the_line_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "pymysql", None)  # as if it had never been installed

    with pytest.raises(DependencyMissingError, match="pip install PyMySQL"):
        open_engine("mysql://reader@127.0.0.1/erp")


def test_what_is_no_address_is_told() -> None:
    with pytest.raises(UsageError, match="no address of a database"):
        open_engine("erp.example")
