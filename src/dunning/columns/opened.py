"""The charges of a batch before any payment: what each is for, when it falls due, and the terms its late fee follows.

The first half of the definition in docs/design/fee-math.md, as far as records other than money settle it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np

from dunning.columns.rows import Batch, Bools, Ints
from dunning.columns.terms import (
    FAR,
    NO_FEE,
    BookTerms,
    Terms,
    TermsTable,
    book_terms,
    fits,
    outdone,
    places_of,
    shares,
    table_of,
    turns_before,
)
from dunning.model.account import Item
from dunning.model.rulebook import RuleBook

REASONS = (
    "", "object", "no_due_date", "no_working_day", "too_large", "only", "plan", "refund", "credit_note",
)  # fmt: skip
"""Why a household is handed back: it is held as an object, a charge without due date, a due date beyond the calendar,
an amount or rate beyond 64 bits, a payment for some items only, an instalment plan, a refund that credit does not
cover, a fee booked beyond what a credit note left.
"""

WHY = ("", "not_due", "grace", "no_clause", "clause_unknown", "no_rate_before", "item_bears_none", "opening")
"""Where a fee comes from, as FeeState says it."""

ACCRUES = WHY.index("")
NO_CLAUSE = WHY.index("no_clause")
CLAUSE_UNKNOWN = WHY.index("clause_unknown")
BEARS_NONE = WHY.index("item_bears_none")
OPENING = WHY.index("opening")


@dataclass(frozen=True, slots=True)
class Rests:
    """Days that do not count, as sets: those of set i are `start[i]` up to `start[i + 1]`, apart and ascending."""

    start: Ints
    first: Ints
    last: Ints


@dataclass(frozen=True, slots=True)
class Opened:
    """One row a charge. Days are ordinals, amounts fen.

    `known`: it is known by the day asked about. `due` -1: an opening balance without one, which `fell` due on its own
    day; `payable`: the first day on which money can settle it by the book's order. `gate` is the end of grace, `first`
    the day from which it may accrue, `rate_from` the first day of which the rate is known. `terms` are places in
    `table`; `why` where its fee comes from, as far as the charge itself settles that. `rest` is its set of days that do
    not count, -1 none. `fixed`: a fee carried over.
    """

    owner: Ints
    known: Bools
    due: Ints
    fell: Ints
    payable: Ints
    since: Ints  # the day an opening balance is known from
    provisional: Bools
    principal: Ints
    credited: Bools  # a credit note took from it
    released: Ints  # the day of the last credit note
    contract: Ints  # the row of the contract in force on the due date, -1 none
    other_debtor: Bools
    costs: Bools
    chased: Bools
    line: Ints
    terms: Ints
    table: TermsTable
    why: Ints
    bears: Bools
    gate: Ints
    first: Ints
    rate_from: Ints
    fixed: Ints
    counted: Bools
    lapses: Bools
    rest: Ints
    rests: Rests
    reason: Ints  # by account: place in REASONS
    outspoken: Bools  # its contract says more than the book, perhaps, or was not shown
    told: Bools  # by account: there may be a finding
    unsaid: Bools  # by account: one that only `replay` can tell


def opened(batch: Batch, book: RuleBook, on: int) -> Opened:
    """The charges as known at the end of the day `on`, before any payment."""
    said = book_terms(book)
    charges = batch.charges
    owner = charges.owner
    reason = np.where(batch.as_objects, REASONS.index("object"), 0)
    opening, begins = charges.numbers("opening.on"), charges.numbers("period.since").filled(-1)
    carried = ~opening.absent
    since = opening.values
    known = since <= on
    written = charges.numbers("due").filled(-1)
    dated = written > 0
    lost = owner.compress(~(dated | carried))
    reason[lost[reason[lost] == 0]] = REASONS.index("no_due_date")

    principal, credited, released, over = _less_notes(batch, on)
    items = charges.coded("item")
    lines = [said.line_of(cast("Item", word)) for word in items.words]
    line = np.array([*lines, 0], np.int64)[items.codes]
    contract = in_force(batch, owner, written, on)
    other = _others(batch, begins)

    days, at = places_of(written[dated])
    rolled = [said.rolled(day) for day in days.tolist()]
    rolling = np.array([each is None or each.rest_day_due == "roll_forward" for each in said.lines])
    due, provisional = written.copy(), np.zeros(len(owner), np.bool_)
    if len(days):
        moves = rolling[line[dated]]
        due[dated] = np.where(moves, np.array([day for day, _ in rolled], np.int64)[at], written[dated])
        provisional[dated] = moves & np.array([guessed for _, guessed in rolled])[at]
    beyond = np.flatnonzero(due < -1)
    if len(beyond):
        reason[owner[beyond]], due[beyond] = REASONS.index("no_working_day"), written[beyond]

    turn = np.zeros(len(owner), np.int64)
    if len(days):
        behind = np.array([turns_before(turns, days) for turns in said.turns])
        turn[dated] = behind[line[dated], at]
    fell = np.where(dated, due, since)
    narrowed = _Narrowed(batch, contract)
    why = np.where(narrowed.clause == 1, ACCRUES, np.where(narrowed.clause == 0, NO_CLAUSE, CLAUSE_UNKNOWN))
    why[(line == 0) | ~dated] = BEARS_NONE
    why[carried] = OPENING
    bears = (why == ACCRUES) | (why == CLAUSE_UNKNOWN)
    terms, table, large = narrowed.terms(said, np.where(bears, line, 0), np.where(bears, turn, 0), why == ACCRUES)
    if large is not None:
        reason[owner[large & (reason[owner] == 0)]] = REASONS.index("too_large")
    rate_from = np.where(why == CLAUSE_UNKNOWN, FAR, table.known_from[terms])
    rest, rests = _holds(batch, on)
    told = np.zeros(len(batch), np.bool_)
    outspoken = known & dated & (line > 0) & (narrowed.clause == 1) & narrowed.outspoken(said, line)
    told[owner.compress(known & (other | over | outspoken))] = True
    unsaid = np.zeros(len(batch), np.bool_)
    unsaid[owner.compress(known & over)] = True
    chased = np.array([*(word in book.chased for word in items.words), False])[items.codes]
    return Opened(
        owner=owner,
        known=known,
        due=np.where(dated, due, -1),
        fell=fell,
        payable=np.maximum(fell, since),
        since=since,
        provisional=provisional,
        principal=principal,
        credited=credited,
        released=released,
        contract=contract,
        other_debtor=other,
        costs=items.equals("costs"),
        chased=chased & ~other,
        line=line,
        terms=terms,
        table=table,
        why=why,
        bears=bears,
        gate=fell + table.grace[terms],
        first=fell + table.first[terms],
        rate_from=rate_from,
        fixed=charges.numbers("opening.late_fee").values,
        counted=np.array([each is None or each.payment_day == "counted" for each in said.lines])[line],
        lapses=np.array([each is not None and each.after_principal == "waive" for each in said.lines])[line],
        rest=rest[owner],
        rests=rests,
        reason=reason,
        outspoken=outspoken,
        told=told,
        unsaid=unsaid,
    )


def _less_notes(batch: Batch, on: int) -> tuple[Ints, Bools, Ints, Bools]:
    """What credit notes leave of each amount; whether there were any, the day of the last, where it was too much."""
    amount = batch.charges.numbers("amount").values
    credited, released = np.zeros(len(amount), np.bool_), np.zeros(len(amount), np.int64)
    notes = batch.lists["adjustments"]
    day, row = notes.numbers("on").values, notes.numbers("charge_row").values
    of = np.flatnonzero(notes.coded("kind").equals("credit_note") & (day <= on) & (row >= 0))
    if not len(of):
        return amount, credited, released, credited
    noted = np.zeros(len(amount), np.int64)
    np.add.at(noted, row[of], notes.numbers("amount").values[of])
    np.maximum.at(released, row[of], day[of])
    credited[row[of]] = True
    return np.maximum(0, amount - noted), credited, released, noted > amount


def in_force(batch: Batch, owner: Ints, days: Ints, on: int) -> Ints:
    """The row of the contract of each of some accounts in force on a day (below 1: none), begun by the day `on`; or -1.

    Of several it is the one that began last, of those by id.
    """
    contracts = batch.lists["contracts"]
    found = np.full(len(owner), -1, np.int64)
    if not len(contracts):
        return found
    since, until = contracts.numbers("since").filled(1), contracts.numbers("until").filled(FAR)
    first, counts = contracts.start[owner], contracts.counts[owner]
    at = np.arange(len(owner))
    for nth in range(int(counts.max(initial=0))):
        at = at[counts[at] > nth]
        row = first[at] + nth
        day = days[at]
        fit = (since[row] <= np.minimum(day, on)) & (until[row] >= day)
        if not nth and len(at) == len(owner):
            found = np.where(fit, row, -1)
            continue
        if nth:
            before = found[at]
            later = since[row] > since[before]
            same = np.flatnonzero(fit & (before >= 0) & (since[row] == since[before]))
            for place in same.tolist():  # hardly ever
                ids = contracts.texts("id")
                later[place] = (ids.text(int(row[place])) or "") > (ids.text(int(before[place])) or "")
            fit &= (before < 0) | later
        found[at[fit]] = row[fit]
    return found


def _others(batch: Batch, begins: Ints) -> Bools:
    """Charges of a time that is another's, or for a unit not yet sold or delivered (物业管理条例41)."""
    owner = batch.charges.owner
    unsold = batch.coded("debtor.kind").equals("person") & batch.coded("occupancy").among({"unsold", "undelivered"})
    since, until = batch.numbers("debtor.since").filled(0), batch.numbers("debtor.until").filled(FAR)
    found = unsold[owner]
    if since.max(initial=0) > 0:
        found |= (begins > 0) & (begins < since[owner])
    if until.min(initial=FAR) < FAR:
        found |= begins > until[owner]
    return found


def _holds(batch: Batch, on: int) -> tuple[Ints, Rests]:
    """The set of days that do not count of each account, -1 none (step 5: holds of accrual, both ends included)."""
    holds = batch.lists["holds"]
    rest = np.full(len(batch), -1, np.int64)
    since = holds.numbers("since").values
    of = np.flatnonzero((since <= on) & ~holds.coded("kind").equals("contact"))
    until = holds.numbers("until").filled(FAR)
    of = of[until[of] >= since[of]]
    if not len(of):
        return rest, Rests(np.zeros(1, np.int64), of, of)
    of = of[np.lexsort((since[of], holds.owner[of]))]
    household, first, last = holds.owner[of], since[of], until[of]
    # Stretches of one account that touch are one: a stretch begins where none before it reaches.
    reach = last + household * np.int64(2 * FAR)
    reach = np.maximum.accumulate(reach) - household * np.int64(2 * FAR)
    begins = np.ones(len(of), np.bool_)
    begins[1:] = (household[1:] != household[:-1]) | (first[1:] > reach[:-1] + 1)
    place = np.flatnonzero(begins)
    ends = np.append(place[1:] - 1, len(of) - 1)
    accounts, counts = np.unique(household[place], return_counts=True)
    rest[accounts] = np.arange(len(accounts))
    start = np.concatenate(([0], np.cumsum(counts)))
    return rest, Rests(start, first[place], reach[ends])


class _Narrowed:
    """What the contract of each charge says of late fees. `clause`: 1 there is one, 0 there is none, -1 unknown."""

    def __init__(self, batch: Batch, contract: Ints) -> None:
        contracts = batch.lists["contracts"]
        self.rate, self.cap = contracts.coded("late_fee_rate"), contracts.coded("late_fee_cap")
        self.contract = contract
        self.silent = not len(contracts) or (int(self.rate.codes.max()) < 0 and int(self.cap.codes.max()) < 0)
        self.clause = np.append(contracts.numbers("late_fee_clause").filled(-1), -1)[contract]
        self.unshown = np.append(contracts.numbers("clause_shown").filled(-1) == 0, False)[contract]

    def said(self) -> tuple[Ints, Ints]:
        """The codes of rate and cap, from 1; 0 where the contract says nothing."""
        if self.silent:
            return np.zeros(len(self.contract), np.int64), np.zeros(len(self.contract), np.int64)
        rate = np.append(self.rate.codes, np.int32(-1))[self.contract] + np.int64(1)
        cap = np.append(self.cap.codes, np.int32(-1))[self.contract] + np.int64(1)
        return rate, cap

    def terms(self, said: BookTerms, line: Ints, turn: Ints, agreed: Bools) -> tuple[Ints, TermsTable, Bools | None]:
        """The place of each charge's terms, the table of them, and which charges' terms are beyond it."""
        rates, caps = shares(self.rate.words), shares(self.cap.words)
        rate, cap = self.said()
        turns = 1 + max(len(each) for each in said.turns)
        key = line * turns + turn
        if not self.silent:
            key = (key * len(rates) + np.where(agreed, rate, 0)) * len(caps) + np.where(agreed, cap, 0)
        keys, at = places_of(key)
        wide = (1, 1) if self.silent else (len(rates), len(caps))
        sets: list[Terms] = []
        for each in keys.tolist():
            rest, cap_code = divmod(each, wide[1])
            rest, rate_code = divmod(rest, wide[0])
            place, turned = divmod(rest, turns)
            sets.append(said.terms(place, turned, rates[rate_code], caps[cap_code]))
        fit = [fits(each) for each in sets]
        large = None if all(fit) else ~np.array(fit)[at]
        kept = [each if fit[place] else NO_FEE for place, each in enumerate(sets)] or [NO_FEE]
        return at, table_of(kept), large

    def outspoken(self, said: BookTerms, line: Ints) -> Bools:
        """Contracts with a clause nobody was shown, or that may say more than the book."""
        if self.silent:
            return self.unshown
        rates, caps = shares(self.rate.words), shares(self.cap.words)
        more_rate = np.array([[outdone(each, rate, None) for rate in rates] for each in said.lines])
        more_cap = np.array([[outdone(each, None, cap) for cap in caps] for each in said.lines])
        rate, cap = self.said()
        return np.asarray(self.unshown | more_rate[line, rate] | more_cap[line, cap])
