"""Every test of the suite, on the fake Odoo: over JSON-2, over JSON-RPC before and after 16, and as a snapshot."""

from __future__ import annotations

import pytest
from estate import OdooBench
from fake_odoo import FakeOdoo

from dunning.testing.conformance import AdapterSuite, Bench

HOLD = "account.move.no_overdue_reminder"


class TestJson2(AdapterSuite):
    @pytest.fixture
    def erp(self, odoo: tuple[FakeOdoo, str]) -> Bench:
        return OdooBench(*odoo, 19, holds=HOLD)


class TestJsonRpc18(AdapterSuite):
    @pytest.fixture
    def erp(self, odoo: tuple[FakeOdoo, str]) -> Bench:
        return OdooBench(*odoo, 18, holds=HOLD)


class TestJsonRpc14(AdapterSuite):
    """Receivables are found by another field before 16, and text is taken for HTML before 17."""

    @pytest.fixture
    def erp(self, odoo: tuple[FakeOdoo, str]) -> Bench:
        return OdooBench(*odoo, 14, holds=HOLD)


class TestSnapshot(AdapterSuite):
    """For a user who may not read reconciliations: only what is open today."""

    @pytest.fixture
    def erp(self, odoo: tuple[FakeOdoo, str]) -> Bench:
        bench = OdooBench(*odoo, 19, holds=HOLD, ledger="snapshot")
        bench.db.forbidden.add("account.partial.reconcile")
        return bench
