"""The adapter does what the contract says, on a real MariaDB with MicroCommunity's tables."""

from __future__ import annotations

from pathlib import Path

import pytest
from estate import MicroCommunityBench

from dunning.testing.conformance import AdapterSuite, Bench

LARGEST = 99_999_999  # a month is DECIMAL(10,4)


class TestMicroCommunity(AdapterSuite):
    largest = LARGEST

    @pytest.fixture
    def erp(self, url: str, tmp_path: Path) -> Bench:
        return MicroCommunityBench(url, tmp_path / "dunning.db")


class TestInSmallPages(AdapterSuite):
    many = 45
    largest = LARGEST

    @pytest.fixture
    def erp(self, url: str, tmp_path: Path) -> Bench:
        return MicroCommunityBench(url, tmp_path / "dunning.db", page="4")
