"""What stands at the head of books and law packs alike: days in force, and the signature."""

from __future__ import annotations

from datetime import date

from dunning.lang.words.desk import Desk, Fields
from dunning.model.steps import Reviewed

IN_FORCE = ("since", "until")
REVIEWED = ("by", "date", "digest", "law_digest")


def read_in_force(desk: Desk, fields: Fields) -> tuple[date | None, date | None]:
    """The first and the last day; None is open."""
    node = fields.node("in_force")
    if node is None:
        return None, None
    inner = desk.open(node, IN_FORCE, fields.named("in_force"))
    since, until = inner.day("since"), inner.day("until")
    if since and until and until < since:
        desk.report("R401", inner.at("until"), since=since, until=until)
    return since, until


def read_reviewed(desk: Desk, fields: Fields) -> Reviewed | None:
    """`null` until `dunning sign` writes it."""
    node = fields.node("reviewed")
    if node is None:
        return None
    inner = desk.open(node, REVIEWED, fields.named("reviewed"))
    if not inner.text("by"):
        return None
    return Reviewed(
        by=inner.text("by"),
        on=inner.day("date"),
        digest=inner.text("digest"),
        law_digest=inner.text("law_digest"),
        at=node.span,
    )
