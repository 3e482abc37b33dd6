"""What stands at the head of books and law packs alike: days in force, and the signature."""

from __future__ import annotations

from datetime import date

from dunning.basis.finding import Text
from dunning.lang.text.positions import Node
from dunning.lang.words import words
from dunning.lang.words.desk import Desk, Fields
from dunning.model.signature import Reviewed, SectionReview

IN_FORCE = ("since", "until")
REVIEWED = ("by", "date", "digest", "law_digest", "sections")
SECTION = ("section", "role", "by", "date", "digest")


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
    sections = tuple(_section(desk, item) for item in inner.items("sections"))
    if not inner.text("by") and not sections:
        return None
    return Reviewed(
        by=inner.text("by"),
        on=inner.day("date"),
        digest=inner.text("digest"),
        law_digest=inner.text("law_digest"),
        sections=sections,
        at=fields.key_at("reviewed"),
    )


def _section(desk: Desk, node: Node) -> SectionReview:
    fields = desk.open(node, SECTION, Text("一段的签字", "the signature of a section"), ("section", "by"))
    return SectionReview(
        section=fields.text("section"),
        role=fields.maybe_word("role", words.ROLES, "N205"),
        by=fields.text("by"),
        on=fields.day("date"),
        digest=fields.text("digest"),
        at=node.span,
    )
