"""Money in a book: `late_fee`, `payments`, `items`.

Rates, caps, grace and rounding may be dated; the names and what each means are those of docs/design/fee-math.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from dunning.basis.finding import Finding, Text
from dunning.basis.money import Fen, Rounding
from dunning.basis.span import Span
from dunning.lang.text import positions as yaml
from dunning.lang.text.positions import Node, Scalar
from dunning.lang.words import words
from dunning.lang.words.desk import Desk, Fields, lookup
from dunning.lang.words.terms import read_cap, read_duration, read_money, read_rate
from dunning.model.account import Item
from dunning.model.rulebook import Cap, Dated, LateFee, Payments

LATE_FEE = (
    "items",
    "rate",
    "dated_by",
    "cap",
    "payment_day",
    "grace",
    "after_grace",
    "after_principal",
    "rounding",
    "rest_day_due",
    "source",
    "covers",
)
PAYMENTS = ("across_charges", "within_charge", "source_split", "chase_from")
ITEMS = ("chased",)

_BEARS_NONE: frozenset[Item] = frozenset({"deposit", "costs", "utility"})


_NONE: tuple[tuple[date, Cap | None], ...] = ((date.min, None),)


@dataclass(frozen=True, slots=True)
class _NoCap:
    """A cap that is written to be none; apart from one that cannot be read."""


def read_late_fees(desk: Desk, node: Node | None) -> tuple[LateFee, ...] | None:
    """One set of terms, or a list of them, each for its items; no item twice. An empty list: no item bears a fee."""
    if node is None:
        return None
    nodes = node.items if isinstance(node, yaml.Sequence) else [node]
    read = [terms for item in nodes if (terms := _read_terms(desk, item)) is not None]
    seen: dict[Item, LateFee] = {}
    for terms in read:
        for item in terms.items:
            other = seen.setdefault(item, terms)
            if other is not terms and terms.at is not None and other.at is not None:
                there = Text(f"另一处在第 {other.at.line} 行", f"the other is on line {other.at.line}")
                desk.report("R501", terms.at, item=words.ITEMS[item], line=other.at.line, related=((other.at, there),))
    return tuple(read)


def _read_terms(desk: Desk, node: Node) -> LateFee | None:
    what = Text("违约金", "`late_fee`")
    fields = desk.open(node, LATE_FEE, what, ("rate", "items"))
    rate = fields.dated("rate", read_rate)
    items: tuple[Item, ...] = fields.words("items", words.ITEMS)
    node_of_items = fields.node("items")
    if isinstance(node_of_items, yaml.Sequence) and not node_of_items.items:
        desk.report("R115", fields.at("items"), what=fields.named("items"))
    for named in node_of_items.items if isinstance(node_of_items, yaml.Sequence) else [node_of_items]:
        item = lookup(named.text, words.ITEMS) if isinstance(named, Scalar) else None
        if item in _BEARS_NONE and named is not None:
            desk.report("R502", named.span, item=words.ITEMS[item])
    cap = dated_cap(fields)
    grace = fields.dated("grace", _days)
    rounding = _dated_rounding(fields)
    if rate is None or not items:
        return None
    return LateFee(
        items=items,
        rate=rate,
        cap=cap,
        dated_by=fields.word("dated_by", words.DATED_BY, "day"),
        payment_day=fields.word("payment_day", words.PAYMENT_DAY, "counted"),
        grace=grace or Dated.always(0),
        after_grace=fields.word("after_grace", words.AFTER_GRACE, "from_due"),
        after_principal=fields.word("after_principal", words.AFTER_PRINCIPAL, "keep"),
        rounding=rounding,
        rest_day_due=fields.word("rest_day_due", words.REST_DAY_DUE, "roll_forward"),
        source=fields.text("source"),
        covers=fields.texts("covers"),
        at=fields.span,
    )


def _dated_rounding(fields: Fields) -> Dated[Rounding]:
    node, what = fields.node("rounding"), fields.named("rounding")
    usual: Dated[Rounding] = Dated.always("half_up")
    if node is None:
        return usual
    return fields.desk.dated(node, lambda value: fields.desk.word(value, words.ROUNDING, what), what) or usual


def _cap(text: str, at: Span) -> tuple[Cap | _NoCap | None, list[Finding]]:
    return (_NoCap(), []) if text in ("none", "无", "null", "") else read_cap(text, at)


def dated_cap(fields: Fields) -> Dated[Cap | None]:
    """`5% of charge`, `5% of overdue`, 账单的5%; `none`, from a day on, ends it."""
    read: Dated[Cap | _NoCap] | None = fields.dated("cap", _cap)
    steps = read.steps if read else ()
    return Dated(tuple((since, None if isinstance(cap, _NoCap) else cap) for since, cap in steps) or _NONE)


def _days(text: str, at: Span) -> tuple[int | None, list[Finding]]:
    duration, findings = read_duration(text, at, units=("d",))
    return (duration.count if duration else None), findings


def read_payments(desk: Desk, node: Node | None) -> Payments | None:
    if node is None:
        return None
    fields = desk.open(node, PAYMENTS, Text("付款", "`payments`"))
    within = fields.words("within_charge", words.PARTS, ("principal", "late_fee"))
    if len(within) != 2 and fields.node("within_charge") is not None:
        desk.report("R505", fields.at("within_charge"), fix="[principal, late_fee]")
        within = ("principal", "late_fee")
    return Payments(
        across_charges=fields.word("across_charges", words.ACROSS_CHARGES, "earliest_due"),
        within_charge=within,
        source_split=fields.word("source_split", words.SOURCE_SPLIT, "follow"),
        chase_from=_chase_from(fields),
    )


def _chase_from(fields: Fields) -> Fen:
    amount = fields.term("chase_from", read_money)
    if amount is not None and amount < 1:
        fields.desk.report("R506", fields.at("chase_from"), fix="0.01元")
        return 1
    return 1 if amount is None else amount


def read_chased(desk: Desk, node: Node | None) -> tuple[Item, ...] | None:
    """The items that arrears and demands speak of."""
    if node is None:
        return None
    fields = desk.open(node, ITEMS, Text("费项", "`items`"), ("chased",))
    chased = fields.node("chased")
    if isinstance(chased, yaml.Sequence) and not chased.items:
        desk.report("R115", chased.span, what=fields.named("chased"))
    return fields.words("chased", words.ITEMS, ("property_fee",))
