"""A rule book: the text of one file, on its base and its law, to a RuleBook or to all that is wrong with it.

Sections are read by their own modules, in an order that lets names be known before they are used; here they are put
together, and what the base brings is joined in: a section the file does not write is the base's; tables, facts and
actions are joined by id; a step stands where `use` puts it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from dunning.basis.calendar import Calendar
from dunning.basis.finding import Finding, Text, has_errors
from dunning.engine.known.catalogue import CATALOGUE
from dunning.lang.readers.read_contact import (
    read_actions,
    read_contact,
    read_declined,
    read_pauses,
    read_promises,
    read_targets,
    retired_names,
)
from dunning.lang.readers.read_facts import read_facts
from dunning.lang.readers.read_fees import read_chased, read_late_fees, read_payments
from dunning.lang.readers.read_head import read_in_force, read_reviewed
from dunning.lang.readers.read_offers import read_incentives, read_relief
from dunning.lang.readers.read_steps import Stand, all_steps, check_waits, name_steps, read_ladder, read_reminders
from dunning.lang.readers.read_tables import add_table, in_evaluation_order, read_heads, read_rows, take_tables
from dunning.lang.readers.read_when import APPLIES, Name, Names, read_when
from dunning.lang.text import positions as yaml
from dunning.lang.text.keys import english
from dunning.lang.text.names import did_you_mean
from dunning.lang.text.positions import Node, Scalar
from dunning.lang.words.desk import Desk, Fields
from dunning.lang.words.meaning import digest, digest_of_book
from dunning.lang.words.terms import read_anchor
from dunning.model.anchor import Anchor
from dunning.model.condition import Condition, facts_of
from dunning.model.law import LawPack
from dunning.model.rulebook import RuleBook, Table
from dunning.model.steps import By, Ladder, Retired, Step, Template, Track

BOOK = (
    "rulebook",
    "title",
    "language",
    "version",
    "in_force",
    "applies",
    "then",
    "based_on",
    "law",
    "owner",
    "reviewed",
    "late_fee",
    "payments",
    "items",
    "facts",
    "impossible",
    "tables",
    "contact",
    "reminders",
    "promises",
    "pauses",
    "ladder",
    "relief",
    "incentives",
    "targets",
    "actions",
    "declined",
    "dropped",
    "renamed",
)
TRACK = ("from", "to", "then")
LANGUAGE = "1"

_BOOK = Text("规则书", "a rule book")


@dataclass(frozen=True, slots=True)
class Page:
    """One file, taken apart but not yet read. `taken` are its keys, once it has been."""

    file: str
    node: yaml.Mapping | None
    lines: Sequence[str]
    findings: tuple[Finding, ...] = ()
    taken: list[Scalar] = field(default_factory=list, compare=False)

    def get(self, key: str) -> Node | None:
        """A top-level entry by its English key."""
        entries = self.node.entries if self.node else []
        return next((value for name, value in entries if english(name.text)[0] == key), None)

    def scalar(self, key: str) -> str:
        """A top-level text by its English key; empty if absent."""
        node = self.get(key)
        return node.text.strip() if isinstance(node, Scalar) and not node.is_null else ""

    def desk(self) -> Desk:
        """A fresh desk for this file, with the findings of its YAML."""
        return Desk(self.file, self.lines, list(self.findings), taken=self.taken)


def open_page(text: str | bytes, file: str) -> Page:
    """The file as YAML with places. Never raises."""
    node, findings = yaml.compose(text, file)
    shown = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    lines = shown.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return Page(file, node if isinstance(node, yaml.Mapping) else None, lines, tuple(findings))


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading a book gave: the book unless there were errors, and every finding."""

    book: RuleBook | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Ground:
    """What a book stands on: its calendar, its law, its base, and the templates there are.

    `names`: those of all templates, where the folder keeps them itself, so that another name is a mistake.
    """

    calendar: Calendar
    laws: tuple[LawPack, ...] = ()
    base: RuleBook | None = None
    templates: Mapping[str, Template] = field(default_factory=dict)
    names: Collection[str] | None = None


def read_book(page: Page, ground: Ground) -> Reading:
    """The book of a page, or its findings; never raises for what stands in the file."""
    desk = page.desk()
    if page.node is None:
        return close(desk, None)
    fields = desk.open(page.node, BOOK, _BOOK, ("rulebook",))
    return close(desk, _assemble(desk, fields, page, ground))


def close(desk: Desk, book: RuleBook | None) -> Reading:
    """Ends the reading of a file: without errors, the book with its digests and warnings."""
    findings = tuple(desk.results())
    if book is None or has_errors(findings):
        return Reading(None, findings)
    meaning = digest_of_book(book)
    law_digest = digest([pack.digest for pack in book.laws])
    whole = digest([meaning, law_digest, book.calendar.digest])
    return Reading(replace(book, meaning=meaning, law_digest=law_digest, digest=whole, findings=findings), findings)


# One book


def _assemble(desk: Desk, fields: Fields, page: Page, ground: Ground) -> RuleBook:
    name = fields.text("rulebook")
    if fields.text("language", LANGUAGE) != LANGUAGE:
        desk.report("R402", fields.at("language"), text=fields.text("language"), known=LANGUAGE)
    base = ground.base or RuleBook(name="", title="", version="", calendar=ground.calendar)
    gone = _gone(fields)
    names = _names_of(base, gone)
    facts = {**base.facts, **read_facts(desk, fields.node("facts"), names)}
    actions = {**base.actions, **read_actions(desk, fields.node("actions"))}
    tables = _tables(desk, fields, names, base, gone, name)
    base_steps = {step.id: step for step in all_steps(base.reminders, base.ladder).values() if step.id not in gone}
    stand = Stand(names, actions, name, base_steps, ground.names)
    reminders, ladder = _steps(desk, fields, stand, base, gone)
    steps = all_steps(reminders, ladder)
    check_waits(desk, steps, stand)
    retired = _retired(desk, fields, steps, tables)
    since, until = read_in_force(desk, fields)
    applies, track = _applies(desk, fields, names)
    late_fees = read_late_fees(desk, fields.node("late_fee"))
    pauses = read_pauses(desk, fields.node("pauses"), stand)
    relief = read_relief(desk, fields.node("relief"), names)
    targets = read_targets(desk, fields.node("targets"))
    declined = read_declined(desk, fields.node("declined"))
    impossible = _impossible(desk, fields, names)
    return RuleBook(
        name=name,
        at=fields.at("rulebook"),
        title=fields.text("title", name),
        version=fields.text("version"),
        calendar=ground.calendar,
        file=page.file,
        since=since,
        until=until,
        applies=applies,
        track=track,
        based_on=fields.text("based_on"),
        law=fields.text("law") or base.law,
        laws=ground.laws,
        owner=fields.text("owner"),
        reviewed=read_reviewed(desk, fields),
        late_fees=base.late_fees if late_fees is None else late_fees,
        payments=read_payments(desk, fields.node("payments")) or base.payments,
        chased=read_chased(desk, fields.node("items")) or base.chased,
        facts=facts,
        impossible=(*base.impossible, *impossible),
        tables=tables,
        contact=read_contact(desk, fields.node("contact"), names) or base.contact,
        reminders=reminders,
        ladder=ladder,
        promises=read_promises(desk, fields.node("promises")) or base.promises,
        pauses=base.pauses if pauses is None else pauses,
        relief=base.relief if relief is None else relief,
        incentives=read_incentives(desk, fields.node("incentives"), names) or base.incentives,
        targets=base.targets if targets is None else targets,
        actions=actions,
        declined=base.declined if declined is None else (*base.declined, *declined),
        retired=(*base.retired, *retired),
        templates=_templates(steps, tables, ground),
        origins=_origins(fields, base, name, tables, steps),
    )


def _templates(steps: Mapping[str, Step], tables: Mapping[str, Table], ground: Ground) -> dict[str, Template]:
    """The templates that steps name, themselves or by a table, as far as they are there."""
    named: set[str] = set()
    for step in steps.values():
        if isinstance(step.template, By):
            named.update(tables[step.template.table].output.words if step.template.table in tables else ())
        elif step.template:
            named.add(step.template)
    return {name: ground.templates[name] for name in sorted(named) if name in ground.templates}


def _names_of(base: RuleBook, gone: Mapping[str, Scalar]) -> Names:
    names = Names()
    for fact in base.facts.values():
        names.add(Name(fact.id, fact.type, fact.title, kind="own"))
    for table in base.tables.values():
        if table.id not in gone:
            add_table(names, table)
    return names


def _tables(
    desk: Desk, fields: Fields, names: Names, base: RuleBook, gone: Mapping[str, Scalar], pack: str
) -> dict[str, Table]:
    """The base's tables but for those dropped, then the file's own; one with the same id takes its place."""
    taken = {name: table for name, table in base.tables.items() if name not in gone}
    node = take_tables(desk, fields.node("tables"), taken, bool(base.name))
    heads = read_heads(desk, node, names, pack)
    tables = {**taken, **read_rows(desk, heads, names)}
    for table in tables.values():
        for row in table.rows:
            for fact in facts_of(row.when):
                bare = fact.removeprefix("worst(").removesuffix(")")
                if bare in gone and bare in base.tables and bare not in tables:
                    desk.report("R304", gone[bare].span, name=bare, user=table.title)
    return in_evaluation_order(desk, tables)


def _steps(
    desk: Desk, fields: Fields, stand: Stand, base: RuleBook, gone: Mapping[str, Scalar]
) -> tuple[tuple[Step, ...], Ladder]:
    """Reminders: the base's, then the file's. The ladder: in the file's order, the base's rungs placed or dropped."""
    reminder_nodes = fields.items("reminders")
    ladder_node = fields.node("ladder")
    rungs = _rungs(ladder_node)
    name_steps(desk, (reminder_nodes, rungs), stand)
    own = read_reminders(desk, reminder_nodes, stand)
    ladder = read_ladder(desk, ladder_node, stand, base.ladder if base.name else None)
    written = {step.id for step in own}
    kept = tuple(step for step in base.reminders if step.id not in gone and step.id not in written)
    if ladder is None:
        rest = tuple(step for step in base.ladder.steps if step.id not in gone and step.id not in written)
        return (*kept, *own), replace(base.ladder, steps=rest)
    placed = {step.id for step in (*ladder.steps, *own)}
    for step in base.ladder.steps:
        if step.id not in placed and step.id not in gone:
            places = ((step.at, Text("基础规则书里的这一步", "the step in the base")),) if step.at else ()
            fix = f"- use: {step.id}"
            desk.report("R302", fields.key_at("ladder"), step=step.id, title=step.title, fix=fix, related=places)
    on_ladder = {step.id for step in ladder.steps}
    return (*(step for step in kept if step.id not in on_ladder), *own), ladder


def _rungs(ladder: Node | None) -> list[Node]:
    entries = ladder.entries if isinstance(ladder, yaml.Mapping) else []
    steps = next((value for key, value in entries if english(key.text)[0] == "steps"), None)
    return steps.items if isinstance(steps, yaml.Sequence) else []


# What is no longer there


def _gone(fields: Fields) -> dict[str, Scalar]:
    """The names under `dropped`, each with its place."""
    node = fields.node("dropped")
    entries = node.entries if isinstance(node, yaml.Mapping) else []
    return {key.text: key for key, _ in entries}


def _retired(desk: Desk, fields: Fields, steps: Mapping[str, Step], tables: Mapping[str, Table]) -> list[Retired]:
    """`dropped` with its reason, `renamed` with the name it has now."""
    found = []
    known = {**steps, **tables}
    for key, reason, _ in retired_names(desk, fields.node("dropped"), Text("取消", "`dropped`")):
        if key.text in known:
            desk.report("R305", key.span, name=key.text)
        found.append(Retired(key.text, reason=reason, at=key.span))
    for key, now, at in retired_names(desk, fields.node("renamed"), Text("改名", "`renamed`")):
        if key.text in known:
            desk.report("R305", key.span, name=key.text)
        if now not in known:
            guess = desk.nearest(now, known)
            hint = did_you_mean(guess)
            desk.report("N204", at, name=now, hint=hint, fix=guess or "")
        found.append(Retired(key.text, now=now, at=key.span))
    return found


# The head


def _applies(desk: Desk, fields: Fields, names: Names) -> tuple[Condition | None, Track | None]:
    """Whom the book is for; with `from`, `to` and `then` it is a track."""
    node = fields.node("applies")
    then = fields.node("then")
    if node is None:
        if then is not None:
            desk.report("R404", then.span)
        return None, None
    if not isinstance(node, yaml.Mapping):
        return read_when(desk, node, names, APPLIES), None
    track = [(key, value) for key, value in node.entries if english(key.text)[0] in TRACK]
    rest = [(key, value) for key, value in node.entries if english(key.text)[0] not in TRACK]
    condition = read_when(desk, yaml.Mapping(rest, node.span, node.flow), names, APPLIES)
    if not track and then is None:
        return condition, None
    inner = desk.open(yaml.Mapping(track, node.span, node.flow), TRACK, fields.named("applies"))
    follows = inner.text("then") or fields.text("then")
    since, until = (_track_day(inner, key) for key in ("from", "to"))
    if not follows or (since is None and until is None):
        desk.report("R404", node.span)
    return condition, Track(since=since, until=until, then=follows, at=node.span)


def _track_day(fields: Fields, key: str) -> Anchor | None:
    anchor = fields.term(key, read_anchor)
    if anchor is not None and anchor.event != "handover":
        fields.desk.report("R405", fields.at(key), event=anchor.event)
    return anchor


def _impossible(desk: Desk, fields: Fields, names: Names) -> list[Condition]:
    """Households that cannot exist, for the analysis."""
    found = []
    for item in fields.items("impossible"):
        condition = read_when(desk, item, names)
        if not facts_of(condition):
            desk.report("R306", item.span)
            continue
        found.append(condition)
    return found


def _origins(
    fields: Fields, base: RuleBook, name: str, tables: Mapping[str, Table], steps: Mapping[str, Step]
) -> dict[str, str]:
    """The book each section, fact, table and step was written in."""
    sections = {key: name for key in fields.entries if key in BOOK[BOOK.index("late_fee") :]}
    own_facts = {f"facts.{key}": name for key in _keys_of(fields, "facts") if key not in CATALOGUE}
    return {
        **{key: pack for key, pack in base.origins.items() if not key.startswith(("tables.", "steps."))},
        **sections,
        **own_facts,
        **{f"tables.{table.id}": table.pack or name for table in tables.values()},
        **{f"steps.{step.id}": step.pack or name for step in steps.values()},
    }


def _keys_of(fields: Fields, key: str) -> list[str]:
    node = fields.node(key)
    return [name.text for name, _ in node.entries] if isinstance(node, yaml.Mapping) else []
