"""What staff may offer: relief (instalments, deferral, waiver, reduction) and incentives.

They are limits on people, checked against plans and adjustments; they change no balance here.
"""

from __future__ import annotations

from dunning.basis.finding import Text
from dunning.lang.readers.read_when import Names, read_when
from dunning.lang.text.positions import Node
from dunning.lang.words import words
from dunning.lang.words.desk import Desk, Fields
from dunning.lang.words.terms import read_count_range, read_duration, read_share, read_share_range
from dunning.model.steps import NO_TIME, Authority, Incentive, Incentives, Offer

OFFER = (
    "offer",
    "kind",
    "title",
    "when",
    "count",
    "every",
    "months",
    "waive",
    "accrual",
    "on_break",
    "tolerance",
    "needs",
    "authority",
    "source",
    "covers",
)
AUTHORITY = ("up_to", "above", "roles")
INCENTIVES = ("stacking", "rows")
INCENTIVE = ("title", "when", "then", "source", "covers")
GIFT = ("discount", "benefit")

_NEEDED = {"instalments": ("count",), "deferral": ("months",), "waiver": ("waive",), "reduction": ("waive",)}


def read_relief(desk: Desk, node: Node | None, names: Names) -> tuple[Offer, ...] | None:
    if node is None:
        return None
    offers: dict[str, Offer] = {}
    for item in desk.items(node, Text("减免", "`relief`")):
        offer = _offer(desk, item, names)
        if offer is None:
            continue
        first = offers.setdefault(offer.id, offer)
        if first is not offer and offer.at is not None and first.at is not None:
            desk.report("R107", offer.at, name=offer.id, line=first.at.line)
    return tuple(offers.values())


def _offer(desk: Desk, node: Node, names: Names) -> Offer | None:
    fields = desk.open(node, OFFER, Text("一种减免方案", "an offer"), ("offer", "kind"))
    kind = fields.maybe_word("kind", words.OFFERS)
    for key in _NEEDED.get(kind or "", ()):
        if key not in fields:
            desk.report("R102", fields.span, what=words.OFFERS[kind], key=desk.spelling(key))
    waive = fields.term("waive", read_share_range)
    if waive is not None and waive.of not in words.SHARE_OF:
        desk.report("R701", fields.at("waive"), text=fields.text("waive"), fix=f"{fields.text('waive')} of late_fee")
    tolerance = fields.term("tolerance", read_duration)
    offer = Offer(
        id=fields.text("offer"),
        kind=kind or "instalments",
        title=fields.text("title"),
        when=read_when(desk, fields.node("when"), names),
        count=fields.term("count", read_count_range),
        every=fields.term("every", read_duration),
        months=fields.term("months", read_count_range),
        waive=waive,
        accrual=fields.word("accrual", words.ACCRUAL, "normal"),
        on_break=fields.word("on_break", words.ON_BREAK, "resume"),
        tolerance=tolerance or NO_TIME,
        needs=fields.words("needs", words.NEEDS),
        authority=_authorities(desk, fields),
        source=fields.text("source"),
        covers=fields.texts("covers"),
        at=fields.at("offer"),
    )
    return offer if offer.id and kind else None


def _authorities(desk: Desk, fields: Fields) -> tuple[Authority, ...]:
    found = []
    for item in fields.items("authority"):
        inner = desk.open(item, AUTHORITY, fields.named("authority"), ("roles",))
        roles = inner.words("roles", words.ROLES, code="N205")
        up_to, above = inner.term("up_to", read_share), inner.term("above", read_share)
        if roles:
            found.append(Authority(roles, up_to, above))
    return tuple(found)


def read_incentives(desk: Desk, node: Node | None, names: Names) -> Incentives | None:
    if node is None:
        return None
    fields = desk.open(node, INCENTIVES, Text("优惠", "`incentives`"))
    rows = []
    for item in fields.items("rows"):
        row = desk.open(item, INCENTIVE, Text("一项优惠", "an incentive"), ("title", "when", "then"))
        then = row.node("then")
        gift = None if then is None else desk.open(then, GIFT, row.named("then"))
        if gift is not None and not gift.entries:
            desk.report("R702", row.at("then"))
        rows.append(
            Incentive(
                title=row.text("title"),
                when=read_when(desk, row.node("when"), names),
                discount=None if gift is None else gift.term("discount", read_share),
                benefit="" if gift is None else gift.text("benefit"),
                source=row.text("source"),
                covers=row.texts("covers"),
                at=item.span,
            )
        )
    if len(rows) > 1 and "stacking" not in fields:
        desk.report("R703", fields.key_at("rows"), count=len(rows), fix=f"{desk.spelling('stacking')}: best")
    return Incentives(fields.word("stacking", words.STACKING, "best"), tuple(rows))
