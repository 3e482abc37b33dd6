"""The template does what the contract says: every test of the suite, on the imaginary ERP."""

from __future__ import annotations

from pathlib import Path

import pytest
from estate import EstateBench

from dunning.testing.conformance import AdapterSuite, Bench
from dunning_template import open_estate


class TestTemplate(AdapterSuite):
    @pytest.fixture
    def erp(self, tmp_path: Path) -> Bench:
        return EstateBench(tmp_path, open_estate)
