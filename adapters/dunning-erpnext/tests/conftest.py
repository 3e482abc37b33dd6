"""One fake ERPNext for all tests, served on loopback."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fake_frappe import FakeFrappe

from serving import serving


@pytest.fixture(scope="session")
def frappe() -> Iterator[tuple[FakeFrappe, str]]:
    fake = FakeFrappe()
    with serving(fake.app) as url:
        yield fake, url
