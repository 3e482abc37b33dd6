"""What the ledgers of a batch found doubtful, as findings: those `engine.owed.doubts` tells, in its order.

Arrays tell which accounts have any; words are made for those alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

import numpy as np

from dunning.basis.finding import Finding
from dunning.basis.money import decimal_text, yuan
from dunning.basis.span import Entry
from dunning.columns.ledgers import Ledgers
from dunning.columns.order import in_order
from dunning.columns.rows import Batch, Bools, Coded, Ints
from dunning.columns.terms import book_terms
from dunning.model.rulebook import LateFee, RuleBook


def findings_of(batch: Batch, money: Ledgers, book: RuleBook) -> Mapping[int, tuple[Finding, ...]]:
    """The findings of the ledgers of all accounts that have any, but those of `money.unsaid` and handed back."""
    wanted = money.told & ~money.unsaid & money.exact
    wanted[list(money.replayed)] = False
    told = _Told(batch, money, book, wanted)
    told.payments()
    told.charges()
    told.contracts()
    found = {place: tuple(findings) for place, findings in told.found.items()}
    return found | {place: findings for place, findings in money.replayed.items() if findings}


class _Told:
    def __init__(self, batch: Batch, money: Ledgers, book: RuleBook, wanted: Bools) -> None:
        self.batch = batch
        self.money = money
        self.lines = book_terms(book).lines
        self.wanted = wanted
        self.found: dict[int, list[Finding]] = {}
        self._company, self._ids = batch.coded("company"), batch.texts("id")

    def _tell(self, account: int, code: str, records: str, row: int, **args: object) -> None:
        company = str(self._company.words[self._company.codes[account]])
        name = self.batch.lists[records].texts("id").text(row) or ""
        entry = Entry(company, self._ids.text(account) or "", records, name)
        self.found.setdefault(account, []).append(Finding(code, entry, {"id": name, **args}))

    def _ordered(self, rows: Ints) -> Ints:
        """Charges as their ledgers have them: by due date, then id."""
        opened = self.money.charges
        return in_order(self.batch, rows, opened.due, opened.fell)

    def payments(self) -> None:
        """Bookings against the payer's word or the book's order."""
        owner = self.batch.lists["payments"].owner
        for row, amount in zip(*(part.tolist() for part in self.money.elsewhere), strict=True):
            account = int(owner[row])
            if self.wanted[account]:
                self._tell(account, "A401", "payments", row, amount=yuan(amount))

    def charges(self) -> None:
        """Charges that are another's to pay, and late fees booked beyond what is assessed."""
        opened, fees = self.money.charges, self.money.fees
        over = ~fees.undetermined & (fees.to_book < 0)
        rows = np.flatnonzero(opened.known & self.wanted[opened.owner] & (opened.other_debtor | over))
        for row in self._ordered(rows).tolist():
            account = int(opened.owner[row])
            if opened.other_debtor[row]:
                self._another(account, row)
            if over[row]:
                excess = -int(fees.to_book[row])
                told = {"booked": yuan(int(fees.booked[row])), "excess": yuan(excess)}
                self._tell(account, "A504", "charges", row, **told)

    def _another(self, account: int, row: int) -> None:
        begins = int(self.batch.charges.numbers("period.since").filled(-1)[row])
        since = int(self.batch.numbers("debtor.since").filled(-1)[account])
        until = int(self.batch.numbers("debtor.until").filled(-1)[account])
        if 0 < begins < since:
            told = {"begins": date.fromordinal(begins), "since": date.fromordinal(since)}
            self._tell(account, "A410", "charges", row, **told)
        elif 0 < until < begins:
            told = {"begins": date.fromordinal(begins), "until": date.fromordinal(until)}
            self._tell(account, "A411", "charges", row, **told)
        else:
            self._tell(account, "A412", "charges", row)

    def contracts(self) -> None:
        """What contracts say beyond the book, and clauses nobody was shown: once a contract, for the first charge."""
        opened, contracts = self.money.charges, self.batch.lists["contracts"]
        rows = np.flatnonzero(opened.outspoken & self.wanted[opened.owner])
        if not len(rows):
            return
        unshown = contracts.numbers("clause_shown").filled(-1) == 0
        rates, caps = contracts.coded("late_fee_rate"), contracts.coded("late_fee_cap")
        written, on = self.batch.charges.numbers("due").values, date.fromordinal(self.money.on)
        said: set[tuple[int, str]] = set()
        for row in self._ordered(rows).tolist():
            contract, account = int(opened.contract[row]), int(opened.owner[row])
            line, due = self.lines[int(opened.line[row])], date.fromordinal(int(written[row]))
            assert line is not None
            told: list[tuple[str, dict[str, object]]] = []
            if unshown[contract]:
                told.append(("A503", {}))
            rate, cap = _word(rates, contract), _word(caps, contract)
            below = _rates_below(line, rate, due, on)
            if rate is not None and below:
                told.append(("A501", {"contract": decimal_text(rate), "book": decimal_text(min(below))}))
            limit = line.cap.on(due)
            if cap is not None and limit is not None and limit.share < cap:
                told.append(("A502", {"contract": decimal_text(cap), "book": decimal_text(limit.share)}))
            for code, args in told:
                if (contract, code) not in said:
                    said.add((contract, code))
                    self._tell(account, code, "contracts", contract, **args)


def _word(column: Coded, row: int) -> Fraction | None:
    code = int(column.codes[row])
    word = column.words[code] if code >= 0 else None
    assert word is None or isinstance(word, Fraction)
    return word


def _rates_below(line: LateFee, rate: Fraction | None, due: date, on: date) -> list[Fraction]:
    """The book's rates of a charge that are lower than the contract's.

    That is the one in force on its due date and, where the day decides, those that came until the day asked about.
    """
    if rate is None:
        return []
    in_force = line.rate.on(due)
    found = [] if in_force is None else [in_force]
    if line.dated_by == "day":
        found += [each for since, each in line.rate.steps if due < since <= on]
    return [each for each in found if each < rate]
