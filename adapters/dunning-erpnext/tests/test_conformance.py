"""Every test of the suite, on the fake ERPNext: over REST v1 and v2."""

from __future__ import annotations

import pytest
from estate import ErpNextBench
from fake_frappe import FakeFrappe

from dunning.testing.conformance import AdapterSuite, Bench

HOLD = "Customer.custom_hold"


class TestV1(AdapterSuite):
    @pytest.fixture
    def erp(self, frappe: tuple[FakeFrappe, str]) -> Bench:
        return ErpNextBench(*frappe, 14, holds=HOLD)


class TestV2(AdapterSuite):
    @pytest.fixture
    def erp(self, frappe: tuple[FakeFrappe, str]) -> Bench:
        return ErpNextBench(*frappe, 15, holds=HOLD)
