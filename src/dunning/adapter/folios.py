"""A debtor's accounts while they are put together from an ERP's rows: a folio for each unit.

What an account cannot say plainly is told with the row where somebody can look, and rejects that account alone: which
unit money is for, what a float meant, what became of a reminder.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from dunning.adapter.notes import HEAD, Notes
from dunning.adapter.protocol import Gone, Item, Mark
from dunning.adapter.supply import place_of
from dunning.basis.finding import Finding
from dunning.basis.span import Source
from dunning.intake.records import Read, Rejected, read

__all__ = [
    "NOWHERE",
    "Columns",
    "Folio",
    "Folios",
    "Record",
    "account_of",
    "by_column",
    "debtor_of",
    "number",
    "or_gone",
]

Record = dict[str, Any]
"""A record under the field names of docs/reference/records.md."""

Columns = Mapping[str, Mapping[str, str]]
"""By list and field of ours, the ERP's own column: what a finding names, so that somebody can go and look."""

NOWHERE = "-"
"""The place of what a debtor owes or has paid without an invoice that names one."""

FEN = Decimal("0.01")
NOISE = Decimal("0.001")
"""How much of its unit a float may be off by; anything more is money."""

Row = TypeVar("Row", bound=Mapping[str, Any])


def account_of(debtor: object, place: str) -> str:
    """The id of an account, `DEBTOR/PLACE`; a slash in the debtor's is written %2F, for the first one ends it."""
    return f"{str(debtor).replace('%', '%25').replace('/', '%2F')}/{place}"


def debtor_of(account: str) -> str:
    """The debtor in an id that `account_of` gave."""
    return account.partition("/")[0].replace("%2F", "/").replace("%25", "%")


def or_gone(
    asked: Iterable[tuple[str, str]],
    items: Iterable[Item],
    *,
    why: Callable[[str, str], Gone] = lambda company, account: Gone(company, account, "deleted"),
) -> Iterator[Item]:
    """What `reread` gives: of what was read all accounts of the debtors asked for, in the companies they were asked
    for, then `why` each account asked for did not come. Ids are (company, id).
    """
    named = dict.fromkeys(asked)
    debtors = {(company, debtor_of(account)) for company, account in named}
    for item in items:
        if not isinstance(item, Mark):
            company, account = place_of(item)
            if (company, debtor_of(account)) in debtors:
                named.pop((company, account), None)
                yield item
    yield from (why(company, account) for company, account in named)


def number(value: object) -> Decimal:
    """A number that comes as one, as text or not at all (zero); NaN for what is none."""
    try:
        return Decimal(str(value or 0))
    except InvalidOperation:
        return Decimal("NaN")


def by_column(rows: Iterable[Row], column: str) -> dict[Any, list[Row]]:
    """Rows by what one of their columns has, in their order; what has none is an empty list."""
    found: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        found[row[column]].append(row)
    return found


@dataclass(slots=True, eq=False)
class Folio:
    """One account while it is put together: the records of its lists, each with the row it came from.

    `findings`: why it cannot be read, which rejects it. `currency`: of a document that is not in the company's own.
    `step`: the smallest unit of the company's currency, in yuan.
    """

    place: str
    step: Decimal = FEN
    lists: dict[str, list[tuple[Source, Record]]] = field(default_factory=lambda: defaultdict(list))
    findings: list[Finding] = field(default_factory=list)
    currency: tuple[Source, str] | None = None
    paid: dict[str, Record] = field(default_factory=dict)

    def add(self, records: str, at: Source, record: Record) -> None:
        """A record of a list, from the row `at`."""
        self.lists[records].append((at, record))

    def refuse(self, code: str, at: Source, **args: object) -> None:
        """Reject the account, with a finding at a row."""
        self.findings.append(Finding(code, at=at, args=args))

    def exact(self, amount: object, at: Source) -> Decimal:
        """An amount in yuan without the noise of floats; one that is no multiple of the unit rejects the account."""
        return _exact(self.findings, amount, at, self.step)

    def hold(self, at: Source, since: date | str) -> None:
        """Somebody ticked "do not dun" in the field `at`: contact rests."""
        self.add("holds", at, {"id": f"{at.table} {at.key} {at.column}", "kind": "contact", "since": since})

    def payment(self, name: str, on: object, at: Source) -> Record:
        """The record of a payment here: begun with nothing where it is new, for its parts are found one by one."""
        if name not in self.paid:
            self.paid[name] = {"id": name, "on": on, "amount": Decimal(0), "for": [], "settles": []}
            self.add("payments", at, self.paid[name])
        return self.paid[name]

    def pay(self, payment: Record, amount: Decimal, charges: Sequence[str] = (), *, late_fee_of: str = "") -> None:
        """Add a part to a payment: for these charges, for the late fee of one, or for nothing yet.

        What the ERP booked it to is known where there is one charge; where there are several it is not told.
        """
        payment["amount"] += amount
        payment["for"] += [charge for charge in charges if charge not in payment["for"]]
        if len(charges) == 1:
            payment["settles"].append({"charge": charges[0], "part": "principal", "amount": amount})
        elif late_fee_of and not charges:
            payment["settles"].append({"charge": late_fee_of, "part": "late_fee", "amount": amount})


class Folios:
    """The accounts of one debtor in one company, by place; `who` is the debtor's own row in the ERP."""

    def __init__(
        self, company: str, debtor: str, *, who: Source, columns: Columns, notes: Notes, step: Decimal = FEN
    ) -> None:
        self.company = company
        self.debtor = debtor
        self.who = who
        self.columns = columns
        self.notes = notes
        self.step = step
        self.findings: list[Finding] = []
        self._at: dict[str, Folio] = {}

    def __iter__(self) -> Iterator[Folio]:
        return iter(self._at.values())

    def at(self, place: object) -> Folio:
        """The account of a place, begun where there is none; of NOWHERE where no place is named."""
        name = str(place or NOWHERE)
        return self._at.setdefault(name, Folio(name, self.step))

    def lone(self) -> Folio:
        """The only account with a place; that of NOWHERE where there is none or a choice."""
        known = self._placed()
        return known[0] if len(known) == 1 else self.at(NOWHERE)

    def choose(self, amount: Decimal, at: Source, *, payment: str = "") -> Folio:
        """The account of money that names no invoice: where the rest of this payment went, or where there is no choice.

        Where there is one, all of them are rejected (P502): who has paid must not be asked again.
        """
        went = [folio for folio in self if payment in folio.paid]
        known = self._placed()
        for folios in (went, known):
            if len(folios) == 1:
                return folios[0]
        for folio in known:
            folio.refuse("P502", at, amount=amount)
        return known[0] if known else self.at(NOWHERE)

    def exact(self, amount: object, at: Source) -> Decimal:
        """As `Folio.exact`, of a row that is not of one account: it rejects all of them."""
        return _exact(self.findings, amount, at, self.step)

    def accounts(self, *, currency: tuple[Source, str], asked: datetime, **more: object) -> Iterator[Read | Rejected]:
        """Each account as `dunning.read` gives it, in an order that does not change, with what our notes say of it.

        `currency`: the company's, with where it stands; `asked`: when the source was; `more`: further fields of all.
        """
        for folio in sorted(self, key=lambda one: (one.place == NOWHERE, len(one.place), one.place)):
            self._tell_contacts(folio)
            yield self._account(folio, folio.currency or currency, {"data_as_of": asked, **more})

    def _placed(self) -> list[Folio]:
        return [folio for folio in self if folio.place != NOWHERE]

    def _tell_contacts(self, folio: Folio) -> None:
        """What was sent, by our notes. One that nobody can read rejects the account: the step may have been done."""
        for of, at, record in self.notes.contacts():
            if of == (self.company, account_of(self.debtor, folio.place)):
                folio.add("contacts", at, record)
        for note in self.notes.unread:
            said = note.text.split("\n", 1)[0].removeprefix(HEAD)[:60]
            folio.add(
                "contacts",
                note.source,
                {"id": f"{note.source.table} {note.source.key}", "at": note.at, "outcome": said},
            )

    def _account(self, folio: Folio, currency: tuple[Source, str], more: Mapping[str, object]) -> Read | Rejected:
        name = account_of(self.debtor, folio.place)
        findings = (*self.findings, *folio.findings)
        if findings:
            return Rejected(self.company, name, self.debtor, findings, self.who)

        def where(path: tuple[str | int, ...]) -> Source:
            match path:
                case (str(records), int(index), *rest) if records in folio.lists:
                    row, _ = folio.lists[records][index]
                    own = str(rest[0]) if rest else ""
                    return Source(row.table, row.key, row.column or self.columns.get(records, {}).get(own, own))
                case ("currency",):
                    return currency[0]
            return Source(self.who.table, self.who.key, str(path[-1]) if path else "")

        lists = {records: [_plain(record) for _, record in rows] for records, rows in folio.lists.items()}
        mapping = {
            "company": self.company,
            "id": name,
            "unit": folio.place,
            "currency": currency[1],
            "debtor": {"id": self.debtor},
            **more,
            **lists,
        }
        return read(mapping, where=where)


def _plain(record: Record) -> Record:
    """A payment that was booked to nothing does not settle an empty list of things."""
    return {**record, "settles": record["settles"] or None} if "settles" in record else record


def _exact(findings: list[Finding], amount: object, at: Source, step: Decimal) -> Decimal:
    raw = number(amount)
    if not raw.is_finite():
        findings.append(Finding("P505", at=at, args={"amount": amount, "unit": step.normalize()}))
        return Decimal(0)
    near = (raw / step).to_integral_value() * step
    if abs(near - raw) > step * NOISE:
        findings.append(Finding("P505", at=at, args={"amount": raw, "unit": step.normalize()}))
    return near.quantize(FEN) if step <= 1 else near
