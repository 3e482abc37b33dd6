"""One fake Odoo for all tests, served on loopback."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fake_odoo import FakeOdoo

from serving import serving


@pytest.fixture(scope="session")
def odoo() -> Iterator[tuple[FakeOdoo, str]]:
    fake = FakeOdoo()
    with serving(fake.app) as url:
        yield fake, url
