"""What a book may not ask for: forbidden effects anywhere in it, hours, numbers, periods and rates against the law.

Looked at when a book is loaded, over all its days and all places it may be for: a book that asks for more than the law
allows does not load, and nothing is silently clamped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple

from dunning.basis.finding import Finding, Text
from dunning.basis.money import decimal_text
from dunning.basis.span import Place, Span
from dunning.engine.law.guard import Asked, all_steps, as_done, find_action, law_of, speaks_of
from dunning.engine.law.verdict import limit_says
from dunning.model.action import ACTIONS, DENIALS, EFFECTS, TELLING, Action, Effect
from dunning.model.anchor import ClockRange, Duration
from dunning.model.condition import facts_of
from dunning.model.law import HARD, Article, Gate, LawPack, LegalLimit, Limited, Prohibition
from dunning.model.rulebook import RuleBook
from dunning.model.statutes import COUNTRY, Law, in_hours, lineage, rank, within
from dunning.model.steps import Limit, Step


def unlawful(book: RuleBook) -> list[Finding]:
    """Everything in a book that law or house policy does not allow, with both places: the rule and the article."""
    return [
        *_effects(book), *_titles(book), *_hours(book), *_periods(book), *_numbers(book), *_rates(book), *_cited(book),
    ]  # fmt: skip


# What the book does


class _Deed(NamedTuple):
    """One thing a book does or may do: a step, an action of its own, or what follows the last rung."""

    action: Action
    title: Text
    at: Span | None
    step: Step | None = None

    @property
    def action_at(self) -> Span | None:
        """Where the action itself is written."""
        return self.step.action_at if self.step is not None and self.step.action_at else self.at


def _deeds(book: RuleBook) -> Iterator[_Deed]:
    for step in all_steps(book):
        yield _Deed(as_done(find_action(step.action, book), step), step.title, step.at, step)
    for action in book.actions.values():
        yield _Deed(find_action(action.id, book), action.title, action.at)
    if book.ladder.at_end:
        action = find_action(book.ladder.at_end, book)
        yield _Deed(action, action.title, book.ladder.at)


class _Against(NamedTuple):
    """A prohibition of one pack, with those of its articles that hold on a day of the book."""

    rule: Prohibition
    pack: LawPack
    articles: tuple[Article, ...]

    @property
    def hard(self) -> bool:
        return self.rule.verdict in HARD and any(article.read for article in self.articles)

    @property
    def order(self) -> tuple[Any, ...]:
        """The first is the one to name: what holds everywhere, what is sure, the highest layer."""
        article = self.articles[0]
        return COUNTRY not in self.pack.places, not self.hard, -HARD.index(self._word), rank(article.layer), article.id

    @property
    def _word(self) -> Any:
        return self.rule.verdict if self.rule.verdict in HARD else HARD[0]


def _effects(book: RuleBook) -> Iterator[Finding]:
    law = law_of(book)
    for deed in _deeds(book):
        against = sorted(_struck(book, law, deed), key=lambda each: each.order)
        hard = [each for each in against if each.hard]
        if hard:
            yield _refused(book, deed, hard)
        elif against:
            yield _doubtful(deed, against[0])


def _struck(book: RuleBook, law: Law, deed: _Deed) -> Iterator[_Against]:
    """The prohibitions that strike some household of the book on some day, whatever an exception may do for others."""
    asked = Asked(deed.action, book, None, deed.step)
    for pack in law.packs:
        if not reaches(pack, asked):
            continue
        for rule in pack.prohibitions:
            articles = _on_days_of(book, law, rule.articles)
            excepted = rule.unless is not None and asked.truth(rule.unless) is not False
            if articles and speaks_of(rule, deed.action) and not excepted and asked.truth(rule.for_) is not False:
                yield _Against(rule, pack, articles)


def reaches(pack: LawPack, asked: Asked) -> bool:
    """Whether some account of the book may lie where the pack holds."""
    return asked.places is None or any(one in lineage(place) for place in asked.places for one in pack.places)


def _on_days_of(book: RuleBook, law: Law, names: Iterable[str]) -> tuple[Article, ...]:
    """The articles that are in force on at least one day of the book, those read first, then by layer."""
    since, until = book.since or date.min, book.until or date.max
    found = (law.articles[name] for name in names if name in law.articles)
    held = [one for one in found if (one.since or date.min) <= until and (one.until or date.max) >= since]
    return tuple(sorted(held, key=lambda article: (not article.read, rank(article.layer), article.id)))


def _refused(book: RuleBook, deed: _Deed, against: list[_Against]) -> Finding:
    first = against[0]
    article = first.articles[0]
    everywhere = COUNTRY in first.pack.places
    code = ("L401" if first.rule.verdict == "prohibited" else "L402") if everywhere else "L403"
    args = {
        "what": _what(deed, first.rule),
        "cite": article.cite,
        "says": article.says,
        "place": first.pack.title,
        "elsewhere": _elsewhere([each for each in against if COUNTRY not in each.pack.places and each is not first]),
        "ways": _lawful_ways(book),
    }
    return Finding(code, deed.action_at, args, related=pointing_at(article.at, Text("条文在这里", "the article")))


def _doubtful(deed: _Deed, against: _Against) -> Finding:
    article = against.articles[0]
    args = {"what": _what(deed, against.rule), "cite": article.cite, "says": article.says}
    return Finding("L404", deed.action_at, args, related=pointing_at(article.at, Text("条文在这里", "the article")))


def _what(deed: _Deed, rule: Prohibition) -> Text:
    """What is forbidden of it: a known sanction by its name, else its effects that the rule names."""
    if deed.action.id in ACTIONS:
        return deed.action.title
    told = [EFFECTS[effect] for effect in deed.action.effects if effect in rule.effects]
    if not told:
        return deed.action.title
    return Text("、".join(text.zh for text in told), ", ".join(text.en for text in told))


def _elsewhere(local: list[_Against]) -> Text:
    """Where local law says so as well, and what it costs there."""
    if not local:
        return Text("", "")
    named = [each.pack.title for each in local]
    fines = [each.rule.penalty.says for each in local if each.rule.penalty is not None]
    if len(named) <= 2:
        costs = Text("".join(f", {fine.zh}" for fine in fines), "".join(f", {fine.en}" for fine in fines))
        return Text(f"; {'、'.join(named)}另有规定{costs.zh}", f"; {', '.join(named)} say so as well{costs.en}")
    return Text(
        f"; {named[0]}等{len(named)}个地方另有规定, 其中{len(fines)}个定有罚款",
        f"; so say {len(named)} places as well, {len(fines)} of them with a fine",
    )


_WAYS = ("formal_demand", "mediate", "apply_payment_order", "arbitrate", "sue", "apply_enforcement")


def _lawful_ways(book: RuleBook) -> Text:
    """What may be done instead: the book's own steps towards a court, else those there are."""
    own = [step for step in book.ladder.steps if step.action in _WAYS]
    titles = [step.title for step in own] or [ACTIONS[name].title for name in ("formal_demand", "mediate", "sue")]
    line = own[0].at.line if own and own[0].at else 0
    told = Text(" → ".join(title.zh for title in titles), " → ".join(title.en for title in titles))
    return Text(f"{told.zh} (见 {line} 行起)", f"{told.en} (from line {line})") if line else told


def pointing_at(at: Span | None, word: Text) -> tuple[tuple[Place, Text], ...]:
    return ((at, word),) if at is not None else ()


# What titles give away


def _titles(book: RuleBook) -> Iterator[Finding]:
    """A title that tells of an effect the action does not own to, and a step for which nobody's approval is asked."""
    for deed in _deeds(book):
        told = _told(deed)
        if told is not None and deed.step is None:
            args = {"name": deed.action.id, "title": deed.title, "word": told[0], "effect": EFFECTS[told[1]]}
            fix = f"effects: [{', '.join(dict.fromkeys((*deed.action.effects, told[1])))}]"
            yield Finding("L405", deed.at, args, fix=fix)
        elif told is not None:
            yield Finding("L406", deed.at, {"title": deed.title, "word": told[0], "effect": EFFECTS[told[1]]})
        if deed.step is not None and deed.step.approval is None:
            yield from _unapproved(book, deed)


def _told(deed: _Deed) -> tuple[str, Effect] | None:
    """The first word of the title that tells of an effect the action does not own to."""
    title = deed.title.zh
    for word, effect in TELLING.items():
        before, found, _ = title.partition(word)
        if found and effect not in deed.action.effects and not before.endswith(DENIALS):
            return word, effect
    return None


def _unapproved(book: RuleBook, deed: _Deed) -> Iterator[Finding]:
    law = law_of(book)
    gates = [gate for pack in law.packs for gate in pack.gates if speaks_of(gate, deed.action)]
    for gate in gates:
        articles = _on_days_of(book, law, gate.articles)
        if articles and _asks_approval(gate):
            related = pointing_at(articles[0].at, Text("条文在这里", "the article"))
            args = {"title": deed.title, "cite": articles[0].cite}
            yield Finding("L421", deed.at, args, fix="approval: [legal]", related=related)
            return


def _asks_approval(gate: Gate) -> bool:
    return "approvals" in facts_of(gate.requires)


# Hours, periods, numbers, rates


def limits_of(book: RuleBook, *of: Limited) -> Iterator[tuple[LegalLimit, Article]]:
    """The limits that bind some household of the book on some day, each with its article."""
    law = law_of(book)
    asked = Asked(ACTIONS["send_notice"], book, None)
    for pack in law.packs:
        for limit in pack.limits if reaches(pack, asked) else ():
            articles = _on_days_of(book, law, limit.articles)
            if limit.of in of and articles and articles[0].read and asked.truth(limit.for_) is not False:
                yield limit, articles[0]


def exceeding(code: str, at: Span | None, limit: LegalLimit, article: Article, **args: Any) -> Finding:
    told = {**args, "limit": limit_says(limit, article.layer), "cite": article.cite}
    return Finding(code, at, told, related=pointing_at(article.at, Text("条文在这里", "the article")))


def _hours(book: RuleBook) -> Iterator[Finding]:
    """Windows that reach beyond the hours the law leaves."""
    limits = [(limit, article) for limit, article in limits_of(book, "contact_hours") if limit.between is not None]
    for name, days in book.contact.windows.items():
        for hours in dict.fromkeys(hours for stretches in days.values() for hours in stretches):
            for limit, article in limits:
                if limit.between is not None and not within(hours, limit.between):
                    yield exceeding("L411", book.contact.at, limit, article, of=_CLASSES[name], hours=_clock(hours))


_CLASSES = {
    "phone": Text("电话", "calls"), "visit": Text("上门", "visits"), "message": Text("消息", "messages"),
    "post": Text("信函", "letters"),
}  # fmt: skip


def _clock(hours: ClockRange) -> str:
    until = "24:00" if hours.until is None else f"{hours.until:%H:%M}"
    return f"{hours.since:%H:%M}-{until}"


def _periods(book: RuleBook) -> Iterator[Finding]:
    """Demands that give less time than they must, and answers promised later than they must come."""
    for step in all_steps(book):
        if step.gives is None or step.action != "formal_demand":
            continue
        given = [length for length in (step.gives.deadline, step.gives.at_least) if length is not None]
        surely = max(given, key=lambda length: in_hours(length)[0])
        for limit, article in limits_of(book, "reasonable_period"):
            least = limit.at_least
            if isinstance(least, Duration) and not _at_least(surely, least):
                yield exceeding("L412", step.at, limit, article, step=step.title, given=_shown(surely))
    for pause in book.pauses:
        for limit, article in limits_of(book, "answer"):
            given_here, most = pause.answer_within, limit.at_most
            if given_here is not None and isinstance(most, Duration) and not _at_least(most, given_here):
                yield exceeding("L416", pause.at, limit, article, given=_shown(given_here))


def _at_least(length: Duration, other: Duration) -> bool:
    """Whether one is surely as long as another: lengths of one unit by count, of others by the fewest hours."""
    if length.unit == other.unit:
        return length.count >= other.count
    return in_hours(length)[0] >= in_hours(other)[0]


_UNITS = {
    "d": Text("天", " days"), "wd": Text("个工作日", " working days"), "mo": Text("个月", " months"),
    "y": Text("年", " years"), "h": Text("小时", " hours"),
}  # fmt: skip


def _shown(length: Duration) -> Text:
    unit = _UNITS[length.unit]
    return Text(f"{length.count}{unit.zh}", f"{length.count}{unit.en}")


_COUNTED: dict[Limited, frozenset[str]] = {
    "calls": frozenset({"phone", "ai_voice"}),
    "visits": frozenset({"visit"}),
    "messages": frozenset({"message", "sms", "wechat", "app", "email"}),
    "contacts": frozenset({"any", "phone", "ai_voice", "visit", "message", "sms", "wechat", "app", "email"}),
}


def _numbers(book: RuleBook) -> Iterator[Finding]:
    """Caps above the law's, and quotas that could only be met by breaking them."""
    for limit, article in limits_of(book, *_COUNTED):
        for cap in book.contact.caps:
            if cap.of in _COUNTED[limit.of] and _more(cap, limit) and (limit.of != "contacts" or cap.of == "any"):
                yield exceeding("L413", cap.at, limit, article, count=cap.count, per=_shown(cap.per))
        for quota in book.contact.quotas:
            if quota.of in _COUNTED[limit.of] and _more(quota, limit):
                yield exceeding("L417", quota.at, limit, article, count=quota.count, per=_shown(quota.per))


def _more(wanted: Limit, limit: LegalLimit) -> bool:
    """Whether so many in its stretch are more than the law leaves for a stretch as long."""
    if not isinstance(limit.at_most, int) or limit.per is None:
        return False
    ours, theirs = in_hours(wanted.per)[0], in_hours(limit.per)[0]
    stretches = max(1, -(-ours // theirs))
    return wanted.count > limit.at_most * stretches


def _rates(book: RuleBook) -> Iterator[Finding]:
    """Late fees above what the law leaves."""
    for terms in book.late_fees:
        for limit, article in limits_of(book, "late_fee_rate"):
            for _, rate in terms.rate.steps:
                if isinstance(limit.at_most, Fraction) and rate > limit.at_most:
                    yield exceeding("L414", terms.at, limit, article, rate=f"{decimal_text(rate * 1000)}‰")
        for limit, article in limits_of(book, "late_fee_cap"):
            for _, cap in terms.cap.steps:
                if isinstance(limit.at_most, Fraction) and (cap is None or cap.share > limit.at_most):
                    none = Text("没有上限", "none at all")
                    shown = none if cap is None else Text(*[f"{decimal_text(cap.share * 100)}%"] * 2)
                    yield exceeding("L415", terms.at, limit, article, cap=shown)


# Citations


_CITED = re.compile(r"\b[A-Z][A-Z0-9]*(?:-[A-Za-z0-9.]+)+\b", re.ASCII)


def _cited(book: RuleBook) -> Iterator[Finding]:
    """Articles named as the reason why something was declined, and that stand in no law file."""
    known = law_of(book).articles
    for declined in book.declined:
        for name in _CITED.findall(declined.because):
            if name not in known:
                yield Finding("L422", declined.at, {"item": declined.item, "article": name})
