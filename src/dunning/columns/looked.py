"""Which households of a batch the reader of records would have something to say about, and what.

The arrays are looked through for everything that may be wrong or doubtful; whoever stands out is looked at as a record,
by the same lines that read every other file. So standing out for nothing costs time, and never an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dunning.basis.finding import Finding
from dunning.basis.span import Cell
from dunning.columns.fields import LISTED
from dunning.columns.links import rows_called
from dunning.columns.packing import unpack
from dunning.columns.rows import Batch, Bools, Ints, Numbers, Rows, Texts
from dunning.intake.contradictions import KNOWABLE, PLACE, Path
from dunning.intake.files.writers import as_record
from dunning.intake.records import Rejected, looked_over

Locate = Callable[[int, Path], Cell]
"""Where a value of the account in a row of the batch stands."""


def looked_through(batch: Batch, locate: Locate | None = None) -> Batch:
    """The batch with those rejected that contradict themselves, and what is doubtful about others."""
    rejected: dict[int, Rejected] = dict(batch.rejected)
    doubts: dict[int, tuple[Finding, ...]] = dict(batch.doubts)
    kept = dict(batch.kept)
    for row in np.flatnonzero(standing_out(batch)).tolist():
        account = unpack(batch, row)
        where = None if locate is None else lambda path, row=row: locate(row, path)
        found = looked_over(account, as_record(account), where=where)
        if isinstance(found, Rejected):
            rejected[row] = found
            continue
        if found.findings:
            doubts[row] = found.findings
        if found.account != account:  # a contact given twice is one
            kept[row] = found.account
    return replace(batch, rejected=rejected, doubts=doubts, kept=kept)


def standing_out(batch: Batch) -> Bools:
    """Accounts that may have contradictions or doubts; no other has any."""
    found = ~batch.coded("currency").equals("CNY")
    place = batch.coded("place")
    found |= place.where([PLACE.fullmatch(str(word)) is None for word in place.words])
    for mark in (*_of_accounts(batch), *_twice(batch), *_of_records(batch), *_of_references(batch)):
        found |= mark
    found[[*batch.kept, *batch.rejected]] = False
    return found


def _marked(batch: Batch, rows: Rows, odd: Bools) -> Bools:
    """The accounts of the rows that are odd."""
    found = np.zeros(len(batch), np.bool_)
    if odd.any():
        found[rows.owner[odd]] = True
    return found


def _before(late: Numbers, early: Numbers) -> Bools:
    """Where both are there and what should be later is earlier."""
    found = late.values < early.values
    if late.missing is not None:
        found &= ~late.missing
    if early.missing is not None:
        found &= ~early.missing
    return np.asarray(found, np.bool_)


# The account itself


def _of_accounts(batch: Batch) -> Iterator[Bools]:
    yield _before(batch.numbers("debtor.until"), batch.numbers("debtor.since"))
    yield _personal(batch.texts("debtor.id").values)
    unknown = batch.coded("unknown")
    yield unknown.where([_not_knowable(word) for word in unknown.words])
    for name in LISTED:  # a list that is given although it is said to be unknown
        said = [isinstance(word, tuple) and name in word for word in unknown.words]
        if any(said):
            yield unknown.where(said) & (batch.lists[name].counts > 0)


def _not_knowable(names: object) -> bool:
    assert isinstance(names, tuple)
    return any(name not in KNOWABLE and not name.startswith("attributes.") for name in names)


_NUMBERS = r"1[3-9][0-9]{9}|[1-9][0-9]{5}(19|20)[0-9]{9}[0-9Xx]"
"""Looks like somebody's mobile or identity card, or like a longer number: the reader tells them apart."""


def _personal(ids: pa.StringArray) -> Bools:
    found = np.zeros(len(ids), np.bool_)
    long = np.flatnonzero(pc.binary_length(ids).to_numpy(zero_copy_only=False) >= 11)
    if len(long):
        found[long] = pc.match_substring_regex(ids.take(pa.array(long)), _NUMBERS).to_numpy(zero_copy_only=False)
    return found


# Records


def _twice(batch: Batch) -> Iterator[Bools]:
    """Two records of a list with one id."""
    for name in LISTED:
        rows = batch.lists[name]
        if name != "consents" and len(rows) > 1:
            yield _marked(batch, rows, _not_once(rows.texts("id"), rows.owner))


def _not_once(ids: Texts, owner: Ints) -> Bools:
    """Most lists are in the order of their ids: only accounts whose records are not need a second look."""
    found = np.zeros(len(owner), np.bool_)
    ascending = np.asarray(pc.less(ids.values[:-1], ids.values[1:]).to_numpy(zero_copy_only=False), np.bool_)
    unsure = np.flatnonzero(~ascending & (owner[:-1] == owner[1:]))
    if not len(unsure):
        return found
    rows = np.flatnonzero(np.isin(owner, owner[unsure]))
    texts = ids.values.take(pa.array(rows))
    rows = rows[pc.not_equal(texts, "").to_numpy(zero_copy_only=False)]  # a contract may go without an id
    codes = Texts(ids.values.take(pa.array(rows))).codes
    keys = owner[rows] * np.int64(codes.max(initial=0) + 1) + codes
    order = np.argsort(keys, kind="stable")
    found[rows[order[1:]][keys[order[1:]] == keys[order[:-1]]]] = True
    return found


def _of_records(batch: Batch) -> Iterator[Bools]:
    lists = batch.lists
    charges, payments, disputes = lists["charges"], lists["payments"], lists["disputes"]
    yield _marked(batch, charges, _before(charges.numbers("period.until"), charges.numbers("period.since")))
    yield _marked(batch, charges, charges.numbers("due").absent & charges.numbers("opening.on").absent)
    for name in ("contracts", "parties", "holds", "consents"):
        yield _marked(batch, lists[name], _before(lists[name].numbers("until"), lists[name].numbers("since")))
    for field in ("closed", "answered"):
        yield _marked(batch, disputes, _before(disputes.numbers(field), disputes.numbers("opened")))
    yield _marked(batch, payments, _before(payments.numbers("reversed_on"), payments.numbers("on")))
    yield _marked(batch, lists["parties"], _personal(lists["parties"].texts("id").values))
    yield _overlapping(batch, lists["contracts"])


def _overlapping(batch: Batch, contracts: Rows) -> Bools:
    """A contract that has not ended when the next begins."""
    since, until = contracts.numbers("since"), contracts.numbers("until")
    dated = np.flatnonzero(~since.absent & (contracts.counts[contracts.owner] > 1))
    order = dated[np.lexsort((since.values[dated], contracts.owner[dated]))]
    earlier, later = order[:-1], order[1:]
    runs_on = until.absent[earlier] | (until.values[earlier] >= since.values[later])
    odd = np.zeros(len(contracts), np.bool_)
    odd[earlier[runs_on & (contracts.owner[earlier] == contracts.owner[later])]] = True
    return _marked(batch, contracts, odd)


# What records say of each other


def _of_references(batch: Batch) -> Iterator[Bools]:
    lists = batch.lists
    for name in ("payments", "plans", "proceedings", "contacts"):
        outer = lists[name]
        for inner in ("for", "settles", "charges"):
            rows = lists.get(f"{name}.{inner}")
            if rows is not None:
                odd = np.zeros(len(outer), np.bool_)
                odd[rows.owner[rows.numbers("charge_row").values < 0]] = True
                if name == "contacts":  # made from another account of the debtor, it may be about that one's charges
                    odd &= outer.texts("account").values.is_null().to_numpy(zero_copy_only=False)
                yield _marked(batch, outer, odd)
    for name in ("late_fees", "disputes", "adjustments"):
        yield _marked(batch, lists[name], _named(lists[name], "charge") & _lost(lists[name], "charge"))
    adjustments = lists["adjustments"]
    yield _marked(batch, adjustments, _named(adjustments, "payment") & _lost(adjustments, "payment"))
    refund = adjustments.coded("kind").equals("refund")
    named = np.where(refund, _named(adjustments, "payment"), _named(adjustments, "charge"))
    yield _marked(batch, adjustments, ~named)
    for name in ("contacts", "consents"):
        yield _marked(batch, lists[name], _strangers(batch, lists[name]))


def _named(rows: Rows, field: str) -> Bools:
    return np.asarray(rows.texts(field).values.is_valid().to_numpy(zero_copy_only=False), np.bool_)


def _lost(rows: Rows, field: str) -> Bools:
    return rows.numbers(f"{field}_row").values < 0


def _strangers(batch: Batch, rows: Rows) -> Bools:
    """Records of a party who is neither the debtor nor one of the parties."""
    party = rows.texts("party").values
    debtors = batch.texts("debtor.id").values.take(pa.array(rows.owner))
    found = pc.not_equal(party, debtors).fill_null(False).to_numpy(zero_copy_only=False).copy()  # noqa: FBT003
    others = np.flatnonzero(found)
    if len(others):
        parties = batch.lists["parties"]
        known = rows_called(party.take(pa.array(others)), rows.owner[others], parties.texts("id"), parties.owner)
        found[others[known >= 0]] = False
    return np.asarray(found, np.bool_)
