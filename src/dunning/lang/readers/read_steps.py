"""Steps: reminders and the ladder, with the names they speak of.

A step that waits for a misspelt step waits for ever, so every name is looked up; what a base wrote is taken by `use`
and may be changed key by key beside it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from dunning.basis.finding import Text
from dunning.basis.span import Span
from dunning.lang.readers.read_when import ACCOUNT, CHARGE, Name, Names, read_when
from dunning.lang.text import positions as yaml
from dunning.lang.text.keys import english
from dunning.lang.text.names import NOTHING, did_you_mean
from dunning.lang.text.positions import Node, Scalar
from dunning.lang.words import words
from dunning.lang.words.desk import Desk, Fields, inside, lookup
from dunning.lang.words.terms import read_anchor, read_count, read_duration, read_window
from dunning.model.action import ACTIONS, Action
from dunning.model.anchor import Anchor, AnchorWindow, Duration, Window
from dunning.model.steps import A_MONTH, ApprovalRule, By, Channels, Gives, Ladder, Repeat, Step

STEP = (
    "step",
    "use",
    "title",
    "action",
    "at",
    "of",
    "when",
    "after",
    "repeat",
    "channels",
    "to",
    "role",
    "needs",
    "record",
    "approval",
    "gives",
    "proof",
    "template",
    "tone",
    "late",
    "priority",
    "once_per",
    "source",
    "covers",
)
LADDER = ("catch_up", "min_gap", "steps", "at_end")
REPEAT = ("every", "times", "until")
CHANNELS = ("first_of", "all_of")
APPROVAL = ("roles", "valid")
GIVES = ("deadline", "at_least", "from")
BY = ("by",)

_HERE = Text("它在这里", "it is here")
_OF_STEPS = ("done", "delivered", "failed", "expired")


@dataclass(slots=True)
class Stand:
    """What steps are read against: names, the book's actions, the base's steps, and every step there will be."""

    names: Names
    actions: Mapping[str, Action]
    pack: str
    base: Mapping[str, Step] = field(default_factory=dict)
    templates: Collection[str] | None = None  # None: kept elsewhere, so that any name may be one
    steps: dict[str, Text] = field(default_factory=dict)
    places: dict[str, Span] = field(default_factory=dict)
    awaited: list[tuple[Anchor, Span]] = field(default_factory=list)  # of the step being read
    waits: list[tuple[Step, Anchor, Span]] = field(default_factory=list)  # of all: who waits, for what, where

    def action(self, name: str) -> Action | None:
        return self.actions.get(name) or ACTIONS.get(name)


# Names first


def name_steps(desk: Desk, lists: Sequence[Sequence[Node]], stand: Stand) -> None:
    """The ids of all steps of the file, so that `after` may speak of a later one; an id used twice is noted."""
    for node in (node for nodes in lists for node in nodes):
        key = _id_of(node)
        if key is None or not key.text:
            continue
        if (first := stand.places.get(key.text)) is not None:
            desk.report("R107", key.span, name=key.text, line=first.line, related=((first, _HERE),))
            continue
        if not desk.is_id(key):
            continue
        stand.places[key.text] = key.span
        title = _title_of(node)
        stand.steps[key.text] = Text(title, title)
    for name, step in stand.base.items():
        stand.steps.setdefault(name, step.title)
        if step.at is not None:
            stand.places.setdefault(name, step.at)


def _id_of(node: Node) -> Scalar | None:
    if not isinstance(node, yaml.Mapping):
        return None
    values = (value for key, value in node.entries if english(key.text)[0] in ("step", "use"))
    return next((value for value in values if isinstance(value, Scalar)), None)


def _title_of(node: Node) -> str:
    entries = node.entries if isinstance(node, yaml.Mapping) else []
    values = (value for key, value in entries if english(key.text)[0] == "title")
    return next((value.text for value in values if isinstance(value, Scalar)), "")


# Lists of steps


def read_reminders(desk: Desk, nodes: Sequence[Node], stand: Stand) -> tuple[Step, ...]:
    """Contacts of their own, anchored on events; too late is dropped."""
    steps = []
    for node in nodes:
        step = read_step(desk, node, stand, "drop")
        if step is None:
            continue
        if step.window is None and step.at is not None and not _says(node, "at"):
            desk.report("R602", step.at, step=step.id)
        steps.append(step)
    return tuple(steps)


def _says(node: Node, wanted: str) -> bool:
    """Whether a key is there at all, readable or not: what cannot be read has its own finding."""
    return isinstance(node, yaml.Mapping) and any(english(key.text)[0] == wanted for key, _ in node.entries)


def read_ladder(desk: Desk, node: Node | None, stand: Stand, base: Ladder | None) -> Ladder | None:
    """The rungs in the order of the file."""
    if node is None:
        return None
    fields = desk.open(node, LADDER, Text("阶梯", "`ladder`"))
    read = (read_step(desk, item, stand, "keep") for item in fields.items("steps"))
    at_end = fields.text("at_end") or None
    if at_end and stand.action(at_end) is None:
        _unknown_action(desk, at_end, fields.at("at_end"), stand)
    usual = base or Ladder()
    min_gap = fields.term("min_gap", days_or_hours)
    return Ladder(
        steps=tuple(step for step in read if step is not None),
        catch_up=fields.word("catch_up", words.CATCH_UP, usual.catch_up),
        min_gap=min_gap or usual.min_gap,
        at_end=at_end or usual.at_end,
        at=fields.span,
    )


def days_or_hours(text: str, at: Span) -> tuple[Duration | None, list[Any]]:
    return read_duration(text, at, units=("d", "h"))


# One step


def read_step(desk: Desk, node: Node, stand: Stand, late: Literal["keep", "drop"]) -> Step | None:
    """A step, or a base's step taken by `use` with the keys beside it changed."""
    what = Text("一个步骤", "a step")
    fields = desk.open(node, STEP, what)
    if not fields.entries:
        return None
    taken = _taken(desk, fields, stand)
    if taken is None and "use" in fields:
        return None
    if taken is None:
        for key in ("step", "action"):
            if fields.node(key) is None:
                desk.report("R102", fields.span, what=what, key=desk.spelling(key))
    stand.awaited.clear()
    given = _given(desk, fields, stand, taken)
    if taken is not None:
        return _waiting(stand, replace(taken, **given))
    name, action = fields.text("step"), given.get("action", "")
    if not name or not action:
        return None
    known = stand.action(action)
    title = given.pop("title", known.title if known else Text(name, name))
    step = Step(id=name, title=title, late=given.pop("late", late), at=fields.at("step"), pack=stand.pack, **given)
    return _waiting(stand, step)


def _waiting(stand: Stand, step: Step) -> Step:
    stand.waits += [(step, anchor, at) for anchor, at in stand.awaited]
    return step


def _taken(desk: Desk, fields: Fields, stand: Stand) -> Step | None:
    if "use" not in fields:
        return None
    name = fields.text("use")
    if "step" in fields:
        desk.report("R301", fields.key_at("step"))
    found = stand.base.get(name)
    if found is None:
        unknown_step(
            desk, name, fields.at("use"), {other: step.title for other, step in stand.base.items()}, stand.places
        )
    return found


def _given(desk: Desk, fields: Fields, stand: Stand, taken: Step | None) -> dict[str, Any]:
    """What the file says of the step, by field; only keys that are written."""
    of = fields.word("of", words.OF, taken.of if taken else "account")
    scope = CHARGE if of == "charge" else ACCOUNT
    readers: dict[str, tuple[str, Any]] = {
        "title": ("title", fields.title),
        "action": ("action", lambda: _action(desk, fields, stand)),
        "of": ("of", lambda: of),
        "at": ("window", lambda: _window(desk, fields, stand)),
        "when": ("when", lambda: read_when(desk, fields.node("when"), stand.names, scope)),
        "after": ("after", lambda: _after(desk, fields, stand)),
        "repeat": ("repeat", lambda: _repeat(desk, fields, stand, scope is CHARGE)),
        "channels": ("channels", lambda: _channels(desk, fields)),
        "to": ("to", lambda: fields.word("to", words.RECIPIENTS, "debtor")),
        "role": ("role", lambda: _value_or_table(desk, fields, "role", words.ROLES, stand, of, "N205")),
        "needs": ("needs", lambda: fields.words("needs", words.NEEDS)),
        "record": ("record", lambda: fields.words("record", words.RECORDED)),
        "approval": ("approval", lambda: _approval(desk, fields)),
        "gives": ("gives", lambda: _gives(desk, fields)),
        "proof": ("proof", lambda: fields.maybe_word("proof", words.PROOFS)),
        "template": ("template", lambda: _template(desk, fields, stand, of)),
        "tone": ("tone", lambda: _value_or_table(desk, fields, "tone", words.TONES, stand, of)),
        "late": ("late", lambda: fields.word("late", words.LATE, "keep")),
        "priority": ("priority", lambda: fields.term("priority", read_count)),
        "once_per": ("once_per", lambda: fields.maybe_word("once_per", words.OCCASIONS)),
        "source": ("source", lambda: fields.text("source")),
        "covers": ("covers", lambda: fields.texts("covers")),
    }
    given = {name: read() for key, (name, read) in readers.items() if fields.node(key) is not None}
    return {**given, "action_at": fields.at("action")} if "action" in given else given


def _action(desk: Desk, fields: Fields, stand: Stand) -> str:
    name = fields.text("action")
    if stand.action(name) is not None:
        return name
    titles = {action.title.zh: action.id for action in (*ACTIONS.values(), *stand.actions.values())}
    if name in titles:
        return titles[name]
    _unknown_action(desk, name, fields.at("action"), stand)
    return ""


def _unknown_action(desk: Desk, name: str, at: Span, stand: Stand) -> None:
    known = {**ACTIONS, **stand.actions}
    titles = {action.title.zh: action.id for action in known.values()}
    guess = desk.nearest(name, [*known, *titles])
    meant = known.get(titles.get(guess, guess)) if guess else None
    hint = did_you_mean(meant.id, meant.title) if meant else NOTHING
    desk.report("N206", at, name=name, hint=hint, fix=meant.id if meant else "")


def unknown_step(desk: Desk, name: str, at: Span, known: Mapping[str, Text], places: Mapping[str, Span]) -> None:
    """A step that is not there, with the nearest one and its place."""
    guess = desk.nearest(name, known)
    hint = did_you_mean(guess, known[guess]) if guess else NOTHING
    related = ((places[guess], _HERE),) if guess and guess in places else ()
    desk.report("N204", at, name=name, hint=hint, fix=guess or "", related=related)


# Anchors


def _window(desk: Desk, fields: Fields, stand: Stand) -> Window | None:
    window = fields.term("at", read_window)
    if isinstance(window, AnchorWindow):
        for anchor in (window.first, window.last):
            if anchor is not None:
                check_anchor(desk, anchor, inside(fields.at("at"), fields.text("at"), anchor.of), stand)
    return window


def _after(desk: Desk, fields: Fields, stand: Stand) -> tuple[Anchor, ...]:
    node = fields.node("after")
    nodes = node.items if isinstance(node, yaml.Sequence) else [node] if node is not None else []
    anchors = []
    for item in nodes:
        anchor = desk.term(item, fields.named("after"), read_anchor)
        if anchor is not None:
            at = inside(item.span, item.text if isinstance(item, Scalar) else "", anchor.of)
            check_anchor(desk, anchor, at, stand)
            stand.awaited.append((anchor, at))
            anchors.append(anchor)
    return tuple(anchors)


def check_anchor(desk: Desk, anchor: Anchor, at: Span, stand: Stand) -> None:
    """The step or outcome in the brackets has to exist."""
    if anchor.event in _OF_STEPS and anchor.of not in stand.steps:
        unknown_step(desk, anchor.of, at, stand.steps, stand.places)
    if anchor.event == "contact" and anchor.of not in words.OUTCOMES:
        desk.unknown_word(anchor.of, at, words.OUTCOMES, Text("联系结果", "the outcome of a contact"))


def check_waits(desk: Desk, steps: Mapping[str, Step], stand: Stand) -> None:
    """A step may wait for a deadline only of a step that gives one, and not for itself."""
    for step, anchor, at in stand.waits:
        awaited = steps.get(anchor.of) if anchor.event in _OF_STEPS else None
        if awaited is None:
            continue
        if anchor.event == "expired" and awaited.gives is None:
            places = ((awaited.at, _HERE),) if awaited.at else ()
            desk.report("R603", at, step=awaited.id, title=awaited.title, related=places)
        if awaited.id == step.id:
            desk.report("R604", at, step=step.id)


# Parts of a step


def _repeat(desk: Desk, fields: Fields, stand: Stand, per_charge: bool) -> Repeat | None:
    node = fields.node("repeat")
    if node is None:
        return None
    inner = desk.open(node, REPEAT, fields.named("repeat"), ("every",))
    every = inner.term("every", read_duration)
    until = inner.node("until")
    condition = None if until is None else read_when(desk, until, stand.names, CHARGE if per_charge else ACCOUNT)
    if every is None:
        return None
    if not every.count:
        desk.report("R110", inner.at("every"), what=inner.named("every"), text=inner.text("every"))
    return Repeat(every, inner.count("times"), condition)


def _channels(desk: Desk, fields: Fields) -> Channels | None:
    """`{first_of: [..]}`, `{all_of: [..]}`; a single channel by itself."""
    node = fields.node("channels")
    if isinstance(node, Scalar):
        return Channels("first_of", fields.words("channels", words.CHANNELS, code="N207"))
    if not isinstance(node, yaml.Mapping):
        desk.report("R605", fields.at("channels"))
        return None
    inner = desk.open(node, CHANNELS, fields.named("channels"))
    if len(inner.entries) != 1:
        desk.report("R605", fields.at("channels"))
        return None
    mode: Literal["first_of", "all_of"] = "first_of" if "first_of" in inner else "all_of"
    channels = inner.words(mode, words.CHANNELS, code="N207")
    return Channels(mode, channels) if channels else None


def _approval(desk: Desk, fields: Fields) -> ApprovalRule | None:
    node = fields.node("approval")
    if not isinstance(node, yaml.Mapping):
        roles = fields.words("approval", words.ROLES, code="N205")
        return ApprovalRule(roles) if roles else None
    inner = desk.open(node, APPROVAL, fields.named("approval"), ("roles",))
    roles = inner.words("roles", words.ROLES, code="N205")
    valid = inner.term("valid", read_duration)
    return ApprovalRule(roles, valid or A_MONTH) if roles else None


def _gives(desk: Desk, fields: Fields) -> Gives | None:
    node = fields.node("gives")
    if node is None:
        return None
    inner = desk.open(node, GIVES, fields.named("gives"), ("deadline",))
    deadline = inner.term("deadline", read_duration)
    at_least = inner.term("at_least", read_duration)
    start = inner.word("from", words.GIVEN_FROM, "delivered")
    return None if deadline is None else Gives(deadline, at_least, start)


def _value_or_table(
    desk: Desk, fields: Fields, key: str, known: Mapping[Any, Text] | None, stand: Stand, of: str, code: str = "R104"
) -> Any:
    """A word, or `{by: TABLE}`: the table has to answer such words."""
    node = fields.node(key)
    if not isinstance(node, yaml.Mapping):
        return fields.text(key) if known is None else fields.maybe_word(key, known, code)
    inner = desk.open(node, BY, fields.named(key), ("by",))
    by = inner.node("by")
    if by is None:
        return None
    name = inner.text("by")
    tables = stand.names.tables()
    table = tables.get(name) or next((other for other in tables.values() if other.title.zh == name), None)
    if table is None:
        guess = desk.nearest(name, tables)
        desk.report(
            "N203",
            by.span,
            name=name,
            hint=did_you_mean(guess, tables[guess].title) if guess else NOTHING,
            fix=guess or "",
        )
        return None
    if table.of == "charge" and of != "charge":
        desk.report("R206", by.span, name=table.id, title=table.title, fix="")
        return None
    _check_answers(desk, table, known, fields.named(key), by.span)
    return By(table.id)


def _template(desk: Desk, fields: Fields, stand: Stand, of: str) -> str | By | None:
    """The name of a template, or a table that answers such names; each has to have its file."""
    template: str | By | None = _value_or_table(desk, fields, "template", None, stand, of)
    if stand.templates is None or not template:
        return template
    answers = stand.names.tables()[template.table].type.values if isinstance(template, By) else {str(template): NOTHING}
    for name in answers or ():
        if name not in stand.templates and name != "none":
            guess = desk.nearest(name, stand.templates)
            fix = guess if guess and isinstance(template, str) else ""
            desk.report("N212", fields.at("template"), name=name, hint=did_you_mean(guess), fix=fix)
    return template


def _check_answers(desk: Desk, table: Name, known: Mapping[Any, Text] | None, what: Text, at: Span) -> None:
    answers = [word for word in table.type.values or () if word != "none"]
    if table.type.kind != "choice":
        desk.report("R606", at, table=table.title, what=what, word=Text("数", "numbers"))
        return
    odd = [word for word in answers if known is not None and lookup(word, known) is None]
    if odd:
        desk.report("R606", at, table=table.title, what=what, word="、".join(odd))


def all_steps(reminders: Sequence[Step], ladder: Ladder) -> dict[str, Step]:
    """Every step by id."""
    return {step.id: step for step in (*reminders, *ladder.steps)}
