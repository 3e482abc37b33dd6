"""A community's own file on top of a pack: a closed list of figures, and only to the stricter side.

So a company with 200 communities does not copy 200 packs, and no community can quietly undo what the pack protects.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, TypeVar

from dunning.basis.finding import Text
from dunning.basis.money import Rate, decimal_text
from dunning.basis.span import Span
from dunning.lang.readers.read import Ground, Page, Reading, close
from dunning.lang.readers.read_contact import read_contact
from dunning.lang.readers.read_fees import dated_cap
from dunning.lang.readers.read_head import read_in_force, read_reviewed
from dunning.lang.readers.read_steps import unknown_step
from dunning.lang.readers.read_when import Names
from dunning.lang.text import positions as yaml
from dunning.lang.words import words
from dunning.lang.words.desk import Desk, Fields
from dunning.lang.words.terms import read_rate
from dunning.model.anchor import ClockRange
from dunning.model.condition import ALWAYS, All, Check, Condition, OneOf
from dunning.model.rulebook import Cap, Dated, LateFee, RuleBook
from dunning.model.steps import Channels, Contact, Limit, Step

T = TypeVar("T")

COMMUNITY = (
    "community",
    "title",
    "language",
    "version",
    "in_force",
    "based_on",
    "owner",
    "reviewed",
    "late_fee",
    "contact",
    "steps",
)
LATE_FEE = ("rate", "cap", "source")
CONTACT = ("windows", "caps")
STEP = ("role", "channels")


def read_community(page: Page, ground: Ground) -> Reading:
    """The base with what the community makes stricter; anything laxer is noted with both places."""
    desk = page.desk()
    base = ground.base
    if page.node is None or base is None:
        return close(desk, None)
    fields = desk.open(page.node, COMMUNITY, Text("小区的规则", "a community's rules"), ("community", "based_on"))
    community = fields.text("community")
    since, until = read_in_force(desk, fields)
    name = f"{base.name}@{community}"
    origins = {key: name for key in ("late_fee", "contact") if key in fields}
    book = replace(
        base,
        name=name,
        at=fields.at("community"),
        title=fields.text("title") or f"{base.title} ({community})",
        version=fields.text("version") or base.version,
        file=page.file,
        since=since or base.since,
        until=until or base.until,
        applies=_applies(base, community, fields.at("community")),
        based_on=base.name,
        community=community,
        owner=fields.text("owner") or base.owner,
        reviewed=read_reviewed(desk, fields),
        late_fees=_late_fees(desk, fields, base.late_fees),
        contact=_contact(desk, fields, base.contact),
        origins={**base.origins, **origins},
        findings=(),
    )
    return close(desk, _with_steps(desk, fields, book))


def _applies(base: RuleBook, community: str, at: Span) -> Condition | None:
    here = Check("community", OneOf((community,), (community,)), community, at)
    if base.applies is None:
        return None
    return here if base.applies == ALWAYS else All((base.applies, here))


def _laxer(desk: Desk, at: Span, what: Text, new: str, old: str, there: Span | None) -> None:
    places = ((there, Text("基础规则书里的", "in the base")),) if there else ()
    desk.report("R310", at, what=what, new=new, old=old, related=places)


# The late fee


def _late_fees(desk: Desk, fields: Fields, base: tuple[LateFee, ...]) -> tuple[LateFee, ...]:
    node = fields.node("late_fee")
    if node is None:
        return base
    inner = desk.open(node, LATE_FEE, fields.named("late_fee"))
    rate = inner.dated("rate", read_rate)
    cap = dated_cap(inner) if "cap" in inner else None
    return tuple(_terms(desk, inner, rate, cap, terms) for terms in base)


def _terms(
    desk: Desk, fields: Fields, rate: Dated[Rate] | None, cap: Dated[Cap | None] | None, base: LateFee
) -> LateFee:
    """One of the base's terms with the community's figures on it, each day's compared with the base's of that day."""
    terms = replace(base, source=fields.text("source") or base.source)
    if rate is not None:
        terms = replace(terms, rate=_over(_not_before(rate, base.rate), base.rate))
        _check_rate(desk, fields, terms.rate, base)
    if cap is not None:
        terms = replace(terms, cap=_over(cap, base.cap))
        _check_cap(desk, fields, terms.cap, base)
    return terms


def _not_before(rate: Dated[Rate], base: Dated[Rate]) -> Dated[Rate]:
    """A rate without a day is for as long as the base has one: it brings no fee to years in which the base has none."""
    (since, first), *later = rate.steps
    if since != date.min:
        return rate
    begins = base.steps[0][0]
    return Dated(((begins, first), *(step for step in later if step[0] > begins)))


def _over(new: Dated[T], base: Dated[T]) -> Dated[T]:
    """What the community says from its first day on; before it, what the base says."""
    first = new.steps[0][0]
    return Dated((*(step for step in base.steps if step[0] < first), *new.steps))


def _days(one: Dated[Any], other: Dated[Any]) -> list[date]:
    """Every day on which either changes."""
    return sorted({since for since, _ in (*one.steps, *other.steps)})


def _check_rate(desk: Desk, fields: Fields, rate: Dated[Any], terms: LateFee) -> None:
    for day in _days(rate, terms.rate):
        new, old = rate.on(day), terms.rate.on(day)
        if new is not None and (old is None or new > old):
            was = _per_mille(old) if old is not None else "0"
            _laxer(desk, fields.at("rate"), _since(fields.named("rate"), day), _per_mille(new), was, terms.at)
            return


def _check_cap(desk: Desk, fields: Fields, cap: Dated[Cap | None], terms: LateFee) -> None:
    for day in _days(cap, terms.cap):
        new, old = cap.on(day), terms.cap.on(day)
        if old is None or (new is not None and new.share <= old.share and (new.of == old.of or new.of == "overdue")):
            continue
        shown = [f"{decimal_text(each.share * 100)}% of {each.of}" if each else "none" for each in (new, old)]
        _laxer(desk, fields.at("cap"), _since(fields.named("cap"), day), shown[0], shown[1], terms.at)
        return


def _since(what: Text, day: date) -> Text:
    """A figure by its name, and the day from which it is laxer."""
    return what if day == date.min else Text(f"{what.zh} (自 {day} 起)", f"{what.en} (from {day})")


def _per_mille(rate: Rate) -> str:
    return f"{decimal_text(rate * 1000)}‰"


# The governor


def _contact(desk: Desk, fields: Fields, base: Contact) -> Contact:
    node = fields.node("contact")
    if node is None:
        return base
    inner = desk.open(node, CONTACT, fields.named("contact"))
    known = [(key, value) for key, value in inner.entries.values()]
    read = read_contact(desk, yaml.Mapping(known, node.span), Names())
    if read is None:
        return base
    for kind, days in read.windows.items():
        _check_windows(desk, inner, days, base.windows.get(kind))
    return replace(base, windows={**base.windows, **read.windows}, caps=_caps(desk, read.caps, base.caps))


def _check_windows(
    desk: Desk,
    fields: Fields,
    days: Mapping[Any, tuple[ClockRange, ...]],
    base: Mapping[Any, tuple[ClockRange, ...]] | None,
) -> None:
    """Every stretch has to lie inside one of the base's; a class the base gives no hours may be given some."""
    if base is None:
        return
    for day, stretches in days.items():
        for hours in stretches:
            if not any(_inside(hours, wider) for wider in base.get(day, ())):
                shown = "、".join(_shown(wider) for wider in base.get(day, ())) or "-"
                _laxer(desk, fields.at("windows"), words.DAYS[day], _shown(hours), shown, None)


def _inside(hours: ClockRange, wider: ClockRange) -> bool:
    ends_in = wider.until is None or (hours.until is not None and hours.until <= wider.until)
    return wider.since <= hours.since and ends_in


def _shown(hours: ClockRange) -> str:
    return f"{hours.since:%H:%M}-{hours.until:%H:%M}" if hours.until else f"{hours.since:%H:%M}-24:00"


def _caps(desk: Desk, caps: Sequence[Limit], base: tuple[Limit, ...]) -> tuple[Limit, ...]:
    """The base's caps, the same ones lowered, further ones beside them."""
    lowered = {(cap.of, cap.per, cap.when): cap for cap in caps}
    for cap in base:
        new = lowered.get((cap.of, cap.per, cap.when))
        if new is not None and new.count > cap.count and new.at is not None:
            _laxer(desk, new.at, words.LIMITED[cap.of], str(new.count), str(cap.count), cap.at)
    kept = tuple(cap for cap in base if (cap.of, cap.per, cap.when) not in lowered)
    return (*kept, *caps)


# Roles and channels of steps


def _with_steps(desk: Desk, fields: Fields, book: RuleBook) -> RuleBook:
    node = fields.node("steps")
    changed: dict[str, Step] = {}
    for key, value in desk.named(node, fields.named("steps")) if node is not None else ():
        step = book.step(key.text)
        if step is None:
            steps = {other.id: other for other in (*book.reminders, *book.ladder.steps)}
            places = {name: other.at for name, other in steps.items() if other.at}
            unknown_step(desk, key.text, key.span, {name: other.title for name, other in steps.items()}, places)
            continue
        changed[step.id] = _step(desk, desk.open(value, STEP, Text(f"步骤“{step.id}”", f"the step `{step.id}`")), step)
    ladder = replace(book.ladder, steps=tuple(changed.get(step.id, step) for step in book.ladder.steps))
    origins = {**book.origins, **{f"steps.{name}": book.name for name in changed}}
    reminders = tuple(changed.get(step.id, step) for step in book.reminders)
    return replace(book, ladder=ladder, reminders=reminders, origins=origins)


def _step(desk: Desk, fields: Fields, step: Step) -> Step:
    """A step with another role, or fewer of its channels."""
    role = fields.maybe_word("role", words.ROLES, "N205")
    channels = fields.words("channels", words.CHANNELS, code="N207")
    had = step.channels.channels if step.channels else ()
    more = [channel for channel in channels if channel not in had]
    if more and had:
        _laxer(desk, fields.at("channels"), fields.named("channels"), "、".join(channels), "、".join(had), step.at)
    mode = step.channels.mode if step.channels else "first_of"
    return replace(step, role=role or step.role, channels=Channels(mode, channels) if channels else step.channels)
