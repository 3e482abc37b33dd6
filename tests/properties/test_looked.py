"""Whoever the reader of records would say something about stands out in the arrays, and it says the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import hypothesis.strategies as st
from hypothesis import given

from dunning.columns.looked import looked_through, standing_out
from dunning.columns.packing import pack, unpack
from dunning.intake.files.writers import as_record
from dunning.intake.records import Read, Rejected, read
from dunning.intake.samples.sample import make_portfolio
from dunning.model.account import Account

SOUND = [one.account for one in map(read, make_portfolio(240, seed=2)) if isinstance(one, Read)]
RARE = [place for place, each in enumerate(SOUND) if each.adjustments or each.disputes or each.plans]

PLACES = st.sampled_from(RARE) | st.integers(0, len(SOUND) - 1)
DAY = date(2025, 6, 1)


def _spoilt(draw: st.DrawFn, account: Account) -> Account:
    """One field of one record, or of the account, given another value that it may well have."""
    lists = [name for name in ("contracts", "charges", "payments", "contacts", "consents", "parties", "late_fees",
        "disputes", "holds", "adjustments", "plans", "proceedings") if getattr(account, name)]  # fmt: skip
    name = draw(st.sampled_from(["", *lists]))
    if not name:
        return replace(account, **draw(st.sampled_from(_OF_ACCOUNT)))
    records = list(getattr(account, name))
    place = draw(st.integers(0, len(records) - 1))
    record = records[place]
    fields = [field for field in record.__dataclass_fields__ if field in _VALUES]
    field = draw(st.sampled_from(fields))
    if name == "adjustments" and draw(st.booleans()):
        field = draw(st.sampled_from(("charge", "payment")))
        records[place] = replace(record, **{field: None})
        return replace(account, adjustments=tuple(records))
    if field == "id" and draw(st.booleans()):
        records.append(record)
    else:
        value = draw(st.sampled_from(_VALUES[field]))
        records[place] = (
            record if value is None and name == "holds" and field == "since" else replace(record, **{field: value})
        )
    return replace(account, **{name: tuple(records)})


_OF_ACCOUNT: list[dict[str, Any]] = [
    {"currency": "USD"}, {"place": "CN-3301XX"}, {"place": None}, {"unknown": ("charges",)}, {"unknown": ("chargers",)},
    {"unknown": ("attributes.x", "debtor.tags")}, {"unknown": ("plans",)},
]  # fmt: skip
_VALUES: dict[str, list[Any]] = {
    "id": ["X-1", "13912345678", "330106198001011234"],
    "since": [DAY, None], "until": [DAY - timedelta(days=900), DAY, None], "due": [None, DAY],
    "period": [None, (DAY, DAY), (DAY, DAY - timedelta(days=1))],
    "charge": ["X-9"], "payment": ["X-9", None], "charges": [("X-9",), ()], "for_": [("X-9",)],
    "kind": ["refund"], "party": ["X-9"], "reversed_on": [date(2001, 1, 1), DAY], "answered": [date(2001, 1, 1)],
    "closed": [date(2001, 1, 1)], "account": ["X-9", None],
}  # fmt: skip


@st.composite
def doubtful(draw: st.DrawFn) -> list[Account]:
    found = []
    for place in draw(st.lists(PLACES, min_size=1, max_size=4, unique=True)):
        account = SOUND[place]
        for _ in range(draw(st.integers(0, 3))):
            account = _spoilt(draw, account)
        found.append(account)
    return found


def _of_a_kind(account: Account) -> Account:
    """A closed set has kinds of its own: one that was drawn for adjustments must not stand elsewhere."""
    adjusted = {name: tuple(r for r in getattr(account, name) if getattr(r, "kind", None) != "refund")
                for name in ("contracts", "consents", "parties", "disputes", "holds", "proceedings")}  # fmt: skip
    return replace(account, **adjusted)


@given(doubtful())
def test_the_arrays_are_looked_through_for_all_the_reader_looks_for(drawn: list[Account]) -> None:
    batch = pack(map(_of_a_kind, drawn))
    looked = looked_through(batch)
    for row in range(len(batch)):
        account = unpack(batch, row)
        found = read(as_record(account))
        if isinstance(found, Rejected):
            assert looked.rejected[row] == found
        else:
            assert row not in looked.rejected
            assert looked.doubts.get(row, ()) == found.findings
            assert unpack(looked, row) == found.account


def test_an_adjustment_of_nothing_stands_out() -> None:
    corrected = next(account for account in SOUND if account.adjustments)
    for change in ({"charge": None}, {"kind": "refund", "payment": None}):
        adjustments = tuple(replace(each, **change) for each in corrected.adjustments)
        assert standing_out(pack([replace(corrected, adjustments=adjustments)])).all()


def test_sound_households_hardly_stand_out() -> None:
    batch = pack([account for account in SOUND if not read(as_record(account)).findings])
    assert standing_out(batch).sum() <= 0.02 * len(batch)
