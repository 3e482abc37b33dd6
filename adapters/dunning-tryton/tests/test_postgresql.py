"""The same suite with Tryton on PostgreSQL, which has clocks, locks and an order of rows of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import pytest
from estate import TrytonBench
from tryton import Tryton

from dunning.testing.conformance import AdapterSuite, Bench


class TestTrytonOnPostgreSQL(AdapterSuite):
    many: ClassVar[int] = 45

    @pytest.fixture
    def erp(self, postgresql_tryton: Tryton) -> Iterator[Bench]:
        bench = TrytonBench(postgresql_tryton)
        yield bench
        bench.leave()
