"""The adapter does what the contract says: every test of the suite, on a real Tryton over SQLite."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import pytest
from estate import TrytonBench
from tryton import Tryton

from dunning.testing.conformance import AdapterSuite, Bench


class TestTryton(AdapterSuite):
    many: ClassVar[int] = 45  # more than two pages of 20

    @pytest.fixture
    def erp(self, sqlite_tryton: Tryton) -> Iterator[Bench]:
        bench = TrytonBench(sqlite_tryton)
        yield bench
        bench.leave()
