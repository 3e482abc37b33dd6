"""The verdict on an action, and its words: what forbids or allows it, what is still needed, what a breach costs.

Words are made only when asked for: the ladder asks for thousands of verdicts and shows few.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal, NamedTuple

from dunning.basis.finding import Lang, Text
from dunning.basis.money import decimal_text
from dunning.engine.known.catalogue import CATALOGUE
from dunning.engine.law.law_facts import LAW_FACTS
from dunning.model.action import EFFECTS, Action
from dunning.model.anchor import ClockRange, Duration
from dunning.model.condition import ALWAYS, All, Check, Condition, Not, OneOf
from dunning.model.law import Article, BillRule, Gate, Layer, LegalLimit, Permit, Prohibition, Ruling
from dunning.model.prose import prose
from dunning.model.statutes import COUNTRY, Statutes
from dunning.model.steps import Need

Word = Literal["allowed"] | Ruling
WORDS: tuple[Word, ...] = ("allowed", "conditional", "review", "prohibited_by_analogy", "prohibited")
"""Mildest first."""
TITLES: Mapping[Word, Text] = {
    "allowed": Text("可以", "allowed"),
    "conditional": Text("有条件地可以", "allowed on conditions"),
    "review": Text("须由律师决定", "for a lawyer to decide"),
    "prohibited_by_analogy": Text("类推禁止", "prohibited by analogy"),
    "prohibited": Text("禁止", "prohibited"),
}


@dataclass(frozen=True, slots=True)
class Needed:
    """Something still to be met before the action. `missing` are the facts without which nobody can tell.

    `kind`: `gate` a condition on the records, `approval` a person's decision, `exception` what would lift a
    prohibition, `words` what no record shows.
    """

    kind: Literal["gate", "approval", "exception", "words"]
    articles: tuple[str, ...]
    condition: Condition = ALWAYS
    words: Text = Text("", "")  # noqa: RUF009  # a tuple
    missing: tuple[str, ...] = ()
    gate: Gate | None = None  # of `words`

    @property
    def says(self) -> Text:
        """What has to be so, in a sentence."""
        if self.kind == "words":
            return self.words
        told = _prose(self.condition)
        if self.kind == "exception" and isinstance(self.condition, Not):
            denied = _prose(self.condition.part)
            told = Text(f"不得用于{denied.zh}的户", f"not where {denied.en}")
        if self.missing:
            facts = [_title(fact) for fact in self.missing]
            unknown = Text("、".join(fact.zh for fact in facts), ", ".join(fact.en for fact in facts))
            return Text(f"{told.zh} (现在不知道: {unknown.zh})", f"{told.en} (not known now: {unknown.en})")
        return told


class Rested(NamedTuple):
    """What lets a step rest today, which is no matter of law: a hold, plan, promise or dispute, or a pause of the book.

    `record` is its list and id (`holds/H1`), or the fact the pause reads; `until` the last day (None: nobody knows);
    `charges` those it is about (None: all).
    """

    code: str
    says: Text
    record: str
    until: date | None = None
    charges: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether an action may be done on a day at a place.

    `verdict` is `allowed`, `conditional` (`needed` says what for), `review` (a lawyer decides), `prohibited_by_analogy`
    or `prohibited`. `hits` are the prohibitions behind it, strictest first, `basis` what allows it, `conflicts` local
    permissions that do not count because something forbids. `charges`, with an account: the overdue charges it may be
    done for; `rests`: what lets it rest today all the same.
    """

    action: Action
    verdict: Word
    on: date
    statutes: Statutes
    hits: tuple[Prohibition | BillRule, ...] = ()
    needed: tuple[Needed, ...] = ()
    passed: tuple[Gate, ...] = ()
    basis: tuple[Permit, ...] = ()
    conflicts: tuple[Permit, ...] = ()
    limits: tuple[LegalLimit, ...] = ()
    charges: tuple[str, ...] | None = None
    rests: tuple[Rested, ...] = ()
    place_known: bool = True

    @property
    def prohibited(self) -> bool:
        """Whether it may not be done, by the letter or by analogy."""
        return self.verdict in ("prohibited", "prohibited_by_analogy")

    @property
    def articles(self) -> tuple[Article, ...]:
        """The articles it rests on, highest layer first: those that forbid, else those that ask for or allow it."""
        rules: Sequence[Prohibition | BillRule | Gate | Permit | Needed] = self.hits
        if not self.prohibited:
            rules = (*self.hits, *self.needed, *self.passed, *self.basis)
        cited = [article for rule in rules for article in rule.articles]
        return self.statutes.cited([*cited, *(name for hit in self.hits for name in _penalty_articles(hit))])

    @property
    def article_ids(self) -> tuple[str, ...]:
        """The same by their ids."""
        return tuple(article.id for article in self.articles)

    @property
    def conditions(self) -> tuple[Text, ...]:
        """What is still needed, the hours, numbers and lengths to keep to, and what lets it rest today.

        Nothing where it is prohibited.
        """
        if self.prohibited:
            return ()
        limits = [limit_says(limit, self.statutes.layer(limit.articles)) for limit in self.limits]
        told = [*(need.says for need in self.needed), *limits, *(rest.says for rest in self.rests)]
        return tuple(dict.fromkeys(told))

    @property
    def needs(self) -> tuple[Need, ...]:
        """Those conditions that no record shows, in words of the closed list."""
        gates = (need.gate for need in self.needed if need.gate is not None)
        return () if self.prohibited else tuple(dict.fromkeys(need for gate in gates for need in gate.needs))

    @property
    def reason(self) -> Text:
        """The text to show: the verdict, why, what a breach costs, and what is not known of the place."""
        return Text(self._told("zh"), self._told("en"))

    def _told(self, lang: Lang) -> str:
        parts = [f"{self.action.title.to(lang)}: {self.headline.to(lang)}", *self._because(lang)]
        if self.needed and not self.prohibited:
            needs = [need.says.to(lang) for need in self.needed]
            parts.append(Text("还须: ", "still needed: ").to(lang) + "; ".join(dict.fromkeys(needs)))
        if self.rests:
            rests = [rest.says.to(lang) for rest in self.rests]
            parts.append(Text("今天先停: ", "rests today: ").to(lang) + "; ".join(dict.fromkeys(rests)))
        parts += [note.to(lang) for note in self.notes]
        return ". ".join(dict.fromkeys(parts)) + "."

    @property
    def headline(self) -> Text:
        """The verdict in a few words, with the kind of text behind it."""
        if self.prohibited:
            layer = self.statutes.layer(self.hits[0].articles) if self.hits else "statute"
            return _FORBIDS[layer] if self.verdict == "prohibited" else _BY_ANALOGY
        return TITLES[self.verdict]

    def _because(self, lang: Lang) -> list[str]:
        effects = [effect for hit in self.hits if isinstance(hit, Prohibition) for effect in hit.effects]
        told = [EFFECTS[effect].to(lang) for effect in self.action.effects if effect in effects]
        parts = (
            [Text("后果: ", "effect: ").to(lang) + Text("、", ", ").to(lang).join(told)]
            if told and self.prohibited
            else []
        )
        said = [article for hit in self.hits for article in self.statutes.cited(hit.articles)]
        said = said or [article for permit in self.basis for article in self.statutes.cited(permit.articles)]
        parts += [cited(article).to(lang) for article in dict.fromkeys(said)]
        parts += [hit.says.to(lang) for hit in self.hits if isinstance(hit, BillRule) and hit.says.zh]
        return parts

    @property
    def notes(self) -> tuple[Text, ...]:
        """What a breach costs, permissions that do not count, and what the answer does not know."""
        notes = [_costs(hit, self.statutes) for hit in self.hits if _penalty(hit)]
        notes += [_conflict(permit, self.statutes) for permit in self.conflicts]
        if not self.statutes.articles:
            notes.append(_NO_LAW)
        elif self.verdict == "review":
            notes.append(_SECOND_HAND if any(hit.articles for hit in self.hits) else _NOT_YET)
        return tuple(dict.fromkeys([*notes, *self._doubts()]))

    def _doubts(self) -> tuple[Text, ...]:
        """The place, where nobody gave it; the law of the place, where nobody has looked at it."""
        if not self.place_known:
            return (_NO_PLACE,)
        only = Text("", "") if self._local else Text(", 只按全国的法律", "; national law only")
        return tuple(
            Text(f"{place} 的地方规定没有研究过{only.zh}", f"no local rules researched for {place}{only.en}")
            for place in self.unresearched
        )

    @property
    def unresearched(self) -> tuple[str, ...]:
        """The place, and those it lies in, whose law nobody has looked at yet: a file says so, or none speaks of it."""
        known = {place for pack in self.statutes.unresearched for place in pack.places}
        marked = tuple(place for place in self.statutes.places if place in known)
        here = self.statutes.places[-1]
        return marked if marked or self._local or here == COUNTRY else (here,)

    @property
    def _local(self) -> bool:
        """Whether some law of the place, or of one it lies in, has been looked at."""
        return any(COUNTRY not in pack.places for pack in self.statutes.packs if not pack.unresearched)


_FORBIDS: Mapping[Layer, Text] = {
    "statute": Text("法律禁止", "prohibited by law"),
    "regulation": Text("行政法规禁止", "prohibited by regulation"),
    "interpretation": Text("司法解释禁止", "prohibited by judicial interpretation"),
    "local": Text("当地法规禁止", "prohibited by local regulation"),
    "rule": Text("部门规章禁止", "prohibited by departmental rule"),
    "contract": Text("合同禁止", "prohibited by contract"),
    "standard": Text("行业标准不许", "against the industry's standard"),
    "policy": Text("公司政策不许 (不是法律)", "against house policy (not a law)"),
}
_BY_ANALOGY = Text(
    "类推禁止 (法律没有逐字写到; 只有律师可以另作判断)",
    "prohibited by analogy (not named word for word; only a lawyer may judge otherwise)",
)
_NO_LAW = Text("规则书没有可依据的法律文件", "the rule book stands on no law file")
_NOT_YET = Text(
    "禁止它的条文当时还没有施行, 当时的法律没有收录",
    "what forbids it was not in force that day, and what was is in no law file",
)
_SECOND_HAND = Text("条文没有核对过原文", "the text has not been checked against a copy")
_NO_PLACE = Text("没有写地区, 只按全国的法律", "no place given: national law only")


def cited(article: Article) -> Text:
    """An article with what it says."""
    return Text(f"{article.cite} ({article.says.zh})", f"{article.cite} ({article.says.en})")


def limit_says(limit: LegalLimit, layer: Layer) -> Text:
    """A limit in words, marked where it is policy and no law."""
    mark = Text(" (公司政策)", " (house policy)") if layer == "policy" else Text("", "")
    what = _LIMITED[limit.of]
    zh, en = [], []
    if limit.between is not None:
        hours = _hours(limit.between)
        zh.append(f"只在 {hours}")
        en.append(f"only {hours}")
    for length, said in ((limit.at_most, Text("至多", "at most")), (limit.at_least, Text("至少", "at least"))):
        if length is not None:
            per = Text("", "") if limit.per is None else _length(limit.per)
            told = _length(length)
            zh.append(f"每{per.zh.removeprefix('1')}{said.zh}{told.zh}" if per.zh else f"{said.zh}{told.zh}")
            en.append(f"{said.en} {told.en}" + (f" in {per.en}" if per.en else ""))
    return Text(f"{what.zh}{', '.join(zh)}{mark.zh}", f"{what.en} {', '.join(en)}{mark.en}")


_LIMITED = {
    "prepayment": Text("预收", "prepayment"),
    "deposit": Text("押金", "deposit"),
    "contact_hours": Text("联系时间", "contact hours:"),
    "reasonable_period": Text("合理期限", "reasonable period:"),
    "late_fee_rate": Text("违约金费率", "late fee rate:"),
    "late_fee_cap": Text("违约金上限", "late fee cap:"),
    "answer": Text("答复", "answer within"),
    "calls": Text("电话", "calls:"),
    "visits": Text("上门", "visits:"),
    "messages": Text("消息", "messages:"),
    "contacts": Text("各种联系合计", "contacts in all:"),
}
_UNITS = {
    "d": Text("天", "days"), "wd": Text("个工作日", "working days"), "mo": Text("个月", "months"),
    "y": Text("年", "years"), "h": Text("小时", "hours"),
}  # fmt: skip


def _length(length: Duration | Fraction | int) -> Text:
    if isinstance(length, Duration):
        unit = _UNITS[length.unit]
        return Text(
            f"{length.count}{unit.zh}", f"{length.count} {unit.en.removesuffix('s') if length.count == 1 else unit.en}"
        )
    if isinstance(length, int):
        return Text(f"{length}次", f"{length}")
    share = length
    told = f"{decimal_text(share * 100)}%" if share >= Fraction(1, 100) else f"{decimal_text(share * 1000)}‰"
    return Text(told, told)


def _hours(hours: ClockRange) -> str:
    until = "24:00" if hours.until is None else f"{hours.until:%H:%M}"
    return f"{hours.since:%H:%M}-{until}"


def _prose(condition: Condition) -> Text:
    """A condition in words; of what only has to be so, its title says enough."""
    if isinstance(condition, All) and condition.parts:
        parts = [_prose(part) for part in condition.parts]
        return Text("; ".join(part.zh for part in parts), "; ".join(part.en for part in parts))
    test = condition.test if isinstance(condition, Check) else None
    if isinstance(condition, Check) and isinstance(test, OneOf) and test.values == (True,) and not test.negated:
        return _title(condition.fact)
    return Text(prose(condition, _TITLES, "zh", _VALUES), prose(condition, _TITLES, "en", _VALUES))


def _title(fact: str) -> Text:
    return _TITLES.get(fact, Text(fact, fact))


_TYPES = {**{fact.id: fact.type for fact in CATALOGUE.values()}, **{fact.id: fact.type for fact in LAW_FACTS.values()}}
_TITLES = {**{fact.id: fact.title for fact in CATALOGUE.values()}, **{f.id: f.title for f in LAW_FACTS.values()}}
_VALUES = {name: type_.values for name, type_ in _TYPES.items() if type_.values}


def _penalty(rule: Prohibition | BillRule) -> bool:
    return isinstance(rule, Prohibition) and rule.penalty is not None


def _penalty_articles(rule: Prohibition | BillRule) -> Iterable[str]:
    return rule.penalty.articles if isinstance(rule, Prohibition) and rule.penalty is not None else ()


def _costs(rule: Prohibition | BillRule, statutes: Statutes) -> Text:
    if not isinstance(rule, Prohibition) or rule.penalty is None:
        return Text("", "")
    names = "、".join(article.cite for article in statutes.cited(rule.penalty.articles))
    where = Text(f" ({names})", f" ({names})") if names else Text("", "")
    says = rule.penalty.says
    return Text(f"罚则: {says.zh}{where.zh}", f"penalty: {says.en}{where.en}")


def _conflict(permit: Permit, statutes: Statutes) -> Text:
    names = "、".join(article.cite for article in statutes.cited(permit.articles))
    return Text(
        f"{names}写有许可, 与上位法抵触: 结论不变, 由律师复核",
        f"{names} would permit it, against what stands above it: the verdict stays, a lawyer should look",
    )
