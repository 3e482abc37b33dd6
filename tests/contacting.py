"""Books, steps and days of contact written down briefly, for the tests of the governor and the worklist."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import Any

from dunning.basis.calendar import Calendar, Year
from dunning.basis.finding import Text
from dunning.engine.contact.governor import Governor
from dunning.engine.contact.hours import Ways
from dunning.engine.known.contacts import Person
from dunning.engine.steps.candidates import Candidate, Withheld
from dunning.engine.worklist import Due, Outcome, Share, worklist
from dunning.model.account import SHANGHAI, Account, Channel, Party
from dunning.model.action import ACTIONS
from dunning.model.anchor import ClockRange, Duration
from dunning.model.condition import ALWAYS, Condition, Unknown, Value
from dunning.model.law import Article, Checked, LawPack, LegalLimit
from dunning.model.rulebook import RuleBook
from dunning.model.steps import Channels, Contact, Ladder, Limit, Step
from households import charge, day, facts, household

FRIDAY = "2026-06-26"
SATURDAY = "2026-06-27"
SUNDAY = "2026-06-28"
MONDAY = "2026-06-29"
MADE_UP = "2026-06-20"  # a Saturday on which people work
FESTIVAL = "2026-06-19"  # a Friday, the dragon boats

CALENDAR = Calendar(
    {
        year: Year(
            rest=frozenset({day(FESTIVAL)}) if year == 2026 else frozenset(),
            work=frozenset({day(MADE_UP)}) if year == 2026 else frozenset(),
            festivals=frozenset({day(FESTIVAL)}) if year == 2026 else frozenset(),
        )
        for year in (2025, 2026, 2027)
    }
)

WINDOWS = {
    "phone": {"workday": "10:00-12:00 15:00-18:00", "rest_day": "10:30-12:00 15:00-18:00", "festival": ""},
    "visit": {"workday": "15:00-18:00", "rest_day": "10:30-12:00", "festival": ""},
    "message": {"workday": "08:30-20:30", "rest_day": "09:00-20:00", "festival": "09:00-20:00"},
}
"""The hours of the pack in docs/design/rule-language.md."""


def length(text: str) -> Duration:
    """`7d`, `48h`, `1mo`."""
    digits = "".join(sign for sign in text if sign.isdigit())
    return Duration(int(digits), text.removeprefix(digits))


def stretches(text: str) -> tuple[ClockRange, ...]:
    """`10:00-12:00 15:00-18:00`."""
    ends = (stretch.split("-") for stretch in text.split())
    return tuple(ClockRange(time.fromisoformat(a), None if b == "24:00" else time.fromisoformat(b)) for a, b in ends)


def at_most(text: str, when: Condition = ALWAYS) -> Limit:
    """`3 phone per 7d`."""
    count, of, _, per = text.split()
    return Limit(count=int(count), of=of, per=length(per), when=when)


at_least = at_most


def policy(*limits: LegalLimit, name: str = "policy") -> LawPack:
    """House policy with these limits."""
    article = Article(id="P-1", cite="公司政策", says=Text("", ""), layer="policy", checked=Checked("copy", "copy"))
    return LawPack(name=name, title=name, layer="policy", places=("CN",), articles=(article,), limits=limits)


def lawful_hours(text: str, for_: Condition = ALWAYS) -> LegalLimit:
    return LegalLimit(of="contact_hours", articles=("P-1",), between=stretches(text)[0], for_=for_)


def book(
    *caps: str | Limit,
    windows: Mapping[str, Mapping[str, str]] = WINDOWS,
    quotas: Sequence[Limit] = (),
    fresh: str = "",
    min_gap: str = "0d",
    calendar: Calendar = CALENDAR,
    laws: tuple[LawPack, ...] = (),
    name: str = "test",
) -> RuleBook:
    """A book of a governor and nothing else."""
    contact = Contact(
        windows={of: {kind: stretches(text) for kind, text in days.items()} for of, days in windows.items()},
        caps=tuple(at_most(cap) if isinstance(cap, str) else cap for cap in caps),
        quotas=tuple(quotas),
        fresh_data=length(fresh) if fresh else None,
    )
    ladder = Ladder(min_gap=length(min_gap))
    return RuleBook(name=name, title=name, version="1", calendar=calendar, laws=laws, contact=contact, ladder=ladder)


def debtor(*contacts: Any, id: str = "A1", of: str = "O1", **more: Any) -> Account:  # noqa: A002 - as the records say
    """An account of the owner O1 that owes a quarter."""
    bills = more.pop("charges", (charge("2026-01-15"),))
    return household(*bills, id=id, debtor=Party(id=of), contacts=list(contacts), **more)


def states(account: Account, on: str) -> tuple[Any, ...]:
    """The charges of an account as the ledger has them."""
    return facts(account, on).ledger.charges


def step(
    name: str, channels: str = "phone", *, action: str = "", priority: int | None = None, **more: Any
) -> Candidate:
    """An open step by these channels, one after another (`phone wechat`) or together (`ems+sms`)."""
    names: tuple[Channel, ...] = tuple(channels.replace("+", " ").split())
    action = action or {"phone": "call", "visit": "visit", "ems": "formal_demand"}.get(
        names[0] if names else "", "send_notice"
    )
    more.setdefault("kind", "ladder")
    more.setdefault("rank", 0)
    more.setdefault("charge", None)
    more.setdefault("to", ("O1",))
    return Candidate(
        step=Step(id=name, title=Text(name, name), action=action, priority=priority),
        action=ACTIONS[action],
        channels=Channels("all_of" if "+" in channels else "first_of", names) if names else None,
        **more,
    )


def reading(known: Mapping[str, Value | Unknown]) -> Any:
    """Facts by id; those that are not given nobody knows."""
    return lambda fact: known.get(fact, Unknown((fact,)))


def share(account: Account, rules: RuleBook, *candidates: Candidate | Withheld, **known: Value | Unknown) -> Share:
    return Share(account, rules, candidates, reading(known))


def plan(on: str, *shares: Share) -> tuple[Outcome, ...]:
    """What goes out on a day to the person whose accounts these are."""
    return worklist(shares, Person([each.account for each in shares], day(on)))


def today(
    on: str, rules: RuleBook, *candidates: Candidate | Withheld, contacts: Sequence[Any] = (), **known: Any
) -> Outcome:
    """The same for a person with one account."""
    (outcome,) = plan(on, share(debtor(*contacts), rules, *candidates, **known))
    return outcome


def governor(on: str, rules: RuleBook, *contacts: Any, **known: Any) -> Governor:
    account = debtor(*contacts)
    return Governor(Person([account], day(on)), [(rules, account.place, reading(known))])


def by(*channels: Channel | None) -> Ways:
    return frozenset(channels)


def codes(outcome: Outcome) -> dict[str, tuple[str, ...]]:
    """Why each step is withheld."""
    return {each.step: each.codes for each in outcome.withheld}


def goes(outcome: Outcome) -> list[str]:
    """The steps that go out."""
    return [each.candidate.step.id for each in outcome.due]


def span(due: Due) -> str:
    """`10:00-12:00` of the day it goes out."""
    end = due.not_after.strftime("%H:%M") if due.not_after else ""
    return f"{due.not_before.strftime('%H:%M')}-{end}"


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)
