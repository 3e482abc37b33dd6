"""What an adapter must do, as tests: subclass `AdapterSuite`, give it one fixture `erp`, run pytest.

    class TestMine(AdapterSuite):
        @pytest.fixture
        def erp(self) -> Bench:
            return MyBench()

Each test says what goes wrong in the field where it fails. What the capabilities declare is tested, and what they do
not declare must be refused: nothing is skipped.
"""

from __future__ import annotations

import pytest

from dunning.testing.bench import (
    Arrived,
    At,
    Bench,
    Bounced,
    Change,
    Charged,
    Closed,
    Crashing,
    Dispatched,
    Disputed,
    Emptied,
    Erased,
    FeeBooked,
    Held,
    Invoiced,
    Kept,
    Merged,
    Moved,
    Paid,
    Point,
    Refunded,
    Released,
    Voided,
)
from dunning.testing.news import NewsTests
from dunning.testing.reading import ReadingTests
from dunning.testing.sending import SendingTests

__all__ = [
    "AdapterSuite",
    "Arrived",
    "At",
    "Bench",
    "Bounced",
    "Change",
    "Charged",
    "Closed",
    "Crashing",
    "Dispatched",
    "Disputed",
    "Emptied",
    "Erased",
    "FeeBooked",
    "Held",
    "Invoiced",
    "Kept",
    "Merged",
    "Moved",
    "Paid",
    "Point",
    "Refunded",
    "Released",
    "Voided",
]


class AdapterSuite(ReadingTests, NewsTests, SendingTests):
    """Every test of the contract. Subclass it, and give it the fixture `erp`: a new Bench each time.

    `many` is how many accounts the paging test puts: more than any page of the ERP holds. Lower it only together with
    the page size that the bench opens its adapter with.
    """

    @pytest.fixture
    def erp(self) -> Bench:
        raise NotImplementedError("the subclass gives the fixture `erp`, which returns a Bench")
