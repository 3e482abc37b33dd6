"""Rule files as people leave them: a good one after a few slips and changes, and small ones of clauses at random.

Numbers, units, dates, names and words are put in the place of others of their kind, lines are dropped, doubled and
moved, so that many of the files still load, and say what nobody has thought of.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import date, timedelta
from typing import Any, get_args

from dunning.engine.known.catalogue import CATALOGUE
from dunning.lang.words import words
from dunning.model.account import Outcome
from dunning.model.action import ACTIONS
from dunning.testing.making import Pick

EVENTS = (
    "due", "period_start", "period_end", "handover", "promise", "plan", "dispute", "paid", "settled", "judgment",
    "performance_end",
)  # fmt: skip
OF_STEP = ("done", "delivered", "failed", "expired")
POOLS: tuple[Sequence[str], ...] = (
    sorted(ACTIONS), tuple(words.CHANNELS), tuple(words.ROLES), EVENTS, OF_STEP, tuple(words.HITS),
    tuple(words.TONES), tuple(words.EFFECTS), sorted(CATALOGUE), tuple(words.NEEDS), tuple(words.OCCASIONS),
    tuple(words.ITEMS), tuple(words.RECIPIENTS), get_args(Outcome), ("first_of", "all_of"), ("true", "false"),
    ("only_highest", "lowest_first", "all"), ("earliest_due", "statutory"), ("follow", "ignore"),
    ("counted", "not_counted"), ("roll_forward", "as_written"), ("half_up", "floor"), ("resume", "retroactive"),
    ("account", "charge"), ("keep", "drop"), ("phone", "visit", "message", "any"), ("report",), ("day", "due"),
    ("month", "quarter", "half_year", "year"), ("workday", "rest_day", "festival"), ("at_most", "at_least"),
    ("instalments", "deferral", "waiver", "reduction"), ("answered", "closed"), ("是", "否", "无"),
    ("超过", "不满", "不超过", "至少", "满"), ("以上", "以下", "以内"), ("天", "个月", "年", "个工作日"),
    ("reminders", "ladder", "all"),
)  # fmt: skip
"""Words that may stand in each other's place, or nearly."""
NUMBERS = (
    "0",
    "1",
    "2",
    "3",
    "5",
    "7",
    "12",
    "15",
    "30",
    "31",
    "100",
    "365",
    "366",
    "1000",
    "9999",
    "100000",
    "99999999",
)
UNITS = ("d", "wd", "mo", "y", "h")
DATES = ("1900-01-01", "1999-12-31", "2021-01-01", "2024-02-29", "2026-01-01", "2026-11-22", "2150-06-30", "9999-12-31")
_TOKEN = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)|(?P<clock>\d\d:\d\d)|(?P<term>\d+(?:d|wd|mo|y|h)\b)|(?P<number>\d+)"
    r"|(?P<word>[a-z_]{2,})|(?P<say>超过|不满|不超过|至少|满|以上|以下|以内|个月|个工作日|[是否无天年])"
    r"|(?P<sign>[-+](?= \d))"
)


# Changes to a file


def edited(pick: Pick, text: str, *, most: int = 5) -> str:
    """The text with one to `most` changes, and a clause more now and then."""
    for _ in range(pick.number(1, most)):
        text = pick.one((_reworded, _reworded, _reworded, _relined, _with_clause))(pick, text)
    return text


def _reworded(pick: Pick, text: str) -> str:
    """One word or number in the place of another of its kind. Comments stay."""
    found = [
        match
        for match in _TOKEN.finditer(text)
        if "#" not in text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
    ]
    if not found:
        return text
    match = pick.one(found)
    return text[: match.start()] + _other(pick, match, text) + text[match.end() :]


def _in_comment(text: str, place: int) -> bool:
    return "#" in text[text.rfind("\n", 0, place) + 1 : place]


def _other(pick: Pick, match: re.Match[str], text: str) -> str:
    word = match[0]
    match match.lastgroup:
        case "date":
            return pick.one(DATES)
        case "clock":
            return f"{pick.number(0, 24):02}:{pick.one(('00', '30', '59'))}"
        case "term":
            return pick.one(NUMBERS) + pick.one(UNITS)
        case "number":
            return pick.one((*NUMBERS, str(int(word) + 1), str(max(0, int(word) - 1))))
        case "sign":
            return "+" if word == "-" else "-"
    pools = [pool for pool in (*POOLS, *_named(text)) if word in pool]
    return pick.one(pick.one(pools)) if pools else word


def _named(text: str) -> tuple[Sequence[str], ...]:
    """What the file itself names: its steps and its tables."""
    return steps_of(text), tables_of(text)


def steps_of(text: str) -> list[str]:
    return re.findall(r"(?:step|use): (\w+)", text)


def tables_of(text: str) -> list[str]:
    tables = re.search(r"^tables:\n(.*?)(?=^\S|\Z)", text, re.M | re.S)
    return re.findall(r"^  (\w+):\n", tables[1], re.M) if tables else []


def _relined(pick: Pick, text: str) -> str:
    """A line, or an entry with all that hangs on it, dropped, doubled, or changed with another."""
    lines = text.split("\n")
    first, last = _entry(lines, pick.number(0, len(lines) - 1))
    match pick.number(0, 3):
        case 0 | 1:
            del lines[first:last]
        case 2:
            lines[last:last] = lines[first:last]
        case _:
            other, end = _entry(lines, pick.number(0, len(lines) - 1))
            if end <= first or last <= other:
                (first, last), (other, end) = sorted([(first, last), (other, end)])
                lines[first:end] = [*lines[other:end], *lines[last:other], *lines[first:last]]
    return "\n".join(lines)


def _entry(lines: Sequence[str], first: int) -> tuple[int, int]:
    """A line and those indented below it."""
    depth, last = _depth(lines[first]), first + 1
    while last < len(lines) and lines[last].strip() and _depth(lines[last]) > depth:
        last += 1
    return first, last


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())


def _with_clause(pick: Pick, text: str) -> str:
    """A step more among the reminders or at the end of the ladder, or a table more."""
    match pick.number(0, 2):
        case 0:
            return re.sub(r"^reminders:.*\n", lambda head: head[0] + step(pick, text, "  "), text, count=1, flags=re.M)
        case 1:
            return re.sub(r"^  steps:\n", lambda head: head[0] + step(pick, text, "    "), text, count=1, flags=re.M)
        case _:
            return re.sub(r"^tables:\n", lambda head: head[0] + table(pick, text), text, count=1, flags=re.M)


# Clauses at random


HARMLESS = sorted(name for name, action in ACTIONS.items() if not set(action.effects) - {"contact_debtor"})
"""Actions that most books may have: nothing but talk and paper."""


def step(pick: Pick, text: str, indent: str) -> str:
    """A step of any action, on any day, to anybody, by any way."""
    name = f"s{pick.number(0, 9999)}"
    steps = steps_of(text) or [name]
    said = {
        "title": f"第{name}步",
        "action": pick.one(sorted(ACTIONS) if pick.chance(10) else HARMLESS),
        "at": window(pick, steps),
    }
    if indent == "    " and pick.chance(30):
        del said["at"]
    maybe: dict[str, Callable[[], str]] = {
        "of": lambda: "charge",
        "when": lambda: "{" + ", ".join(f"{fact}: {test}" for fact, test in _tests(pick, text)) + "}",
        "after": lambda: f"[{anchor(pick, steps)}]",
        "repeat": lambda: f"{{every: {_term(pick)}{pick.one(('', ', times: 3', ', until: {promise_open: true}'))}}}",
        "channels": lambda: f"{{{pick.one(('first_of', 'all_of'))}: [{', '.join(_channels(pick))}]}}",
        "to": lambda: pick.one(tuple(words.RECIPIENTS)),
        "role": lambda: pick.one(tuple(words.ROLES)),
        "approval": lambda: f"[{', '.join({pick.one(tuple(words.ROLES)) for _ in range(2)})}]",
        "gives": lambda: f"{{deadline: {_term(pick)}{pick.one(('', ', at_least: 15d', ', from: sent'))}}}",
        "proof": lambda: pick.one(tuple(words.PROOFS)),
        "tone": lambda: pick.one(tuple(words.TONES)),
        "late": lambda: pick.one(tuple(words.LATE)),
        "once_per": lambda: pick.one(tuple(words.OCCASIONS)),
        "priority": lambda: str(pick.number(1, 9)),
        "needs": lambda: f"[{pick.one(tuple(words.NEEDS))}]",
        "record": lambda: f"[{pick.one(tuple(words.RECORDED))}]",
        "template": lambda: pick.one(("legal", "friendly", "visit", "{by: tone_by_age}")),
    }  # fmt: skip
    said |= {key: value() for key, value in maybe.items() if pick.chance(25)}
    lines = [f"- step: {name}", *(f"  {key}: {value}" for key, value in said.items())]
    return "".join(f"{indent}{line}\n" for line in lines)


def _channels(pick: Pick) -> dict[str, None]:
    return dict.fromkeys(pick.one(tuple(words.CHANNELS)) for _ in range(pick.number(1, 3)))


def window(pick: Pick, steps: Sequence[str]) -> str:
    """Days that a step may be tied to."""
    match pick.number(0, 9):
        case 0:
            first = pick.number(1, 31)
            return f"day {first}..{pick.number(first, 31)} of {pick.one(('month', 'quarter', 'half_year', 'year'))}"
        case 1:
            period = pick.one(("month", "quarter", "half_year", "year"))
            return f"{period}_end - {pick.number(1, 40)}d .. {period}_end"
        case 2 | 3 | 4:
            return anchor(pick, steps)
    event = _event(pick, steps)
    low, high = sorted((pick.number(-40, 400), pick.number(-40, 400)))
    unit = pick.one(("d", "d", "wd", "mo"))
    return f"{event} {_signed(low, unit)} .. {event} {_signed(high, unit)}"


def anchor(pick: Pick, steps: Sequence[str]) -> str:
    return f"{_event(pick, steps)} {pick.one(('', f'+ {_term(pick)}', f'- {_term(pick)}'))}".strip()


def _event(pick: Pick, steps: Sequence[str]) -> str:
    match pick.number(0, 3):
        case 0:
            return f"{pick.one(OF_STEP)}({pick.one(steps)})"
        case 1:
            return f"contact({pick.one(get_args(Outcome))})"
        case _:
            return pick.one(EVENTS)


def _signed(days: int, unit: str) -> str:
    return f"{'-' if days < 0 else '+'} {abs(days)}{unit}"


def _term(pick: Pick) -> str:
    return f"{pick.one(NUMBERS[:15])}{pick.one(('d', 'd', 'wd', 'mo', 'y'))}"


ANY_HITS = ("unique", "first", "any")
_NUMERIC, _WORDS = ("sum", "min", "max"), ("collect", "priority")
OUTPUTS = (
    ("[u, v, w]", ("u", "v", "w"), _WORDS), ("integer", ("0", "1", "-3", "99"), _NUMERIC),
    ("percent", ("0%", "15%", "100%"), _NUMERIC), ("money", ("0元", "1万元"), _NUMERIC),
    ("role", ("legal", "collector"), _WORDS), ("boolean", ("true", "false"), ()),
    ("duration", ("3d", "2mo", "1y"), ()), ("{type: percent, or: [individual]}", ("5%", "individual"), ()),
)  # fmt: skip


def table(pick: Pick, text: str) -> str:
    """A table of any output and hit policy over any facts."""
    output, answers, hits = pick.one(OUTPUTS)
    per_charge = pick.chance(30)
    lines = [f"  t{pick.number(0, 9999)}:", f"    output: {output}", f"    hit: {pick.one((*ANY_HITS, *hits))}"]
    lines += ["    of: charge"] if per_charge else []
    lines.append("    rows:")
    for _ in range(pick.number(1, 4)):
        tests = ", ".join(f"{fact}: {test}" for fact, test in _tests(pick, text, per_charge=per_charge))
        lines.append(f"      - {{when: {{{tests}}}, then: {pick.one(answers)}}}")
    lines += [f"      - {{else: {pick.one(answers)}}}"] if pick.chance(50) else []
    return "\n".join(lines) + "\n"


def _tests(pick: Pick, text: str, *, per_charge: bool = False) -> list[tuple[str, str]]:
    names = [*(fact for fact in sorted(CATALOGUE) if per_charge or not fact.startswith("charge_")), *tables_of(text)]
    facts = dict.fromkeys(pick.one(names) for _ in range(pick.number(1, 3)))
    return [(fact, test(pick, fact)) for fact in facts]


def test(pick: Pick, fact: str) -> str:
    """A test that fits the kind of fact."""
    known = CATALOGUE.get(fact)
    number = pick.number(0, 400)
    match known.type.kind if known else "text":
        case "money":
            return pick.one((f"超过{number}元", f"{number}元以上不满{number + 9}元", "0元", "无"))
        case "days":
            return pick.one((f"超过{number}天", f"{number}天以内", "0天", "无"))
        case "months":
            return pick.one((f"满{number % 60}个月", f"不满{number % 60 + 1}个月", "无"))
        case "integer":
            return pick.one((f"{number % 9}以上", f"不超过{number % 9}", "无"))
        case "boolean":
            return pick.one(("是", "否", "无"))
        case "percent":
            return f"不满{number % 100 + 1}%"
        case "number":
            return f"超过{number}"
        case "date":
            return pick.one(("2026-02-01", '">= 2026-02-01"', "无"))
        case "choice" if known and known.type.values:
            return pick.one((*known.type.values, "无"))
        case "set":
            return pick.one(("vip", "不含 vip", "无", "[price, policy]"))
        case _:
            return pick.one(("u", "无", "A", "是", "3以上"))


HEAD = "rulebook: generated\nlaw: cn\napplies: {use: [residential, commercial, parking, office]}\n"


def small_book(pick: Pick) -> str:
    """A book of clauses at random, on the common rules or on nothing."""
    text = HEAD
    if pick.chance(60):
        text += "based_on: common\ntables:\n  use: [tone_by_age, provision_rate]\n"
    else:
        text += pick.one(("", "late_fee: {rate: 0.5‰ per day, items: [property_fee]}\n")) + "tables:\n"
    for _ in range(pick.number(1, 3)):
        text += table(pick, text)
    text += "reminders:\n"
    for _ in range(pick.number(1, 4)):
        text += step(pick, text, "  ")
    text += f"ladder:\n  catch_up: {pick.one(('only_highest', 'lowest_first', 'all'))}\n  steps:\n"
    used = [f"    - use: {name}\n" for name in ("formal_demand", "mediation", "suit", "enforcement")]
    text += "".join(used) if "based_on" in text else ""
    for _ in range(pick.number(1, 4)):
        text += step(pick, text, "    ")
    return text


# Accounts at another time


def moved(value: Any, by: timedelta) -> Any:
    """Anything an account is made of, with all its days moved."""
    if isinstance(value, date):
        return value + by
    if isinstance(value, tuple):
        return tuple(moved(each, by) for each in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{one.name: moved(getattr(value, one.name), by) for one in fields(value) if one.init})
    return value
