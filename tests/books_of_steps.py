"""Rule books at random that load nearly always: of steps of every kind, pauses and caps, under one law.

`rule_edits` changes files until they break; here all clauses a step may have come together in one book, so that they
meet each other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dunning.testing.making import Pick

OUTCOMES = ("no_answer", "reached", "promised", "refused", "away", "willing", "disputed")
WAYS = ("sms", "wechat", "app", "phone", "ai_voice", "visit", "letter", "ems", "email", "notice")
SPAN = ("month", "quarter", "half_year", "year")
CONDITIONS = (
    "{overdue_days: 超过20天}", "{overdue_days: 60天以内}", "{arrears: 超过2元}", "{promise_open: 否}", "{refused: 是}",
    "{broken_promises: 1以上}", "{contacts_7d: 不超过2}", "{willing: 是}", "{open_disputes: 1以上}", "{hardship: 否}",
    "{unreachable_streak: 2以上}", "{satisfaction: 60以上}", "{tone_by_age: legal}", "{demand_expired: 是}",
    "{any: [{away: 是}, {overdue_periods: 2以上}]}", "{not: {demand_delivered: 是}}", "{of_charge: late}",
    "{charge_overdue_days: 超过20天}", "{charge_overdue_days: 超过5天, arrears: 超过2元}",
)  # fmt: skip
OF_ACCOUNTS = len(CONDITIONS) - 3
"""Of the conditions so many may be asked of an account as a whole."""
UNTIL = (
    "{promise_open: true}",
    "{refused: 是}",
    "{contacts_30d: 2以上}",
    "{overdue_days: 超过60天}",
    "{satisfaction: 60以上}",
)
PAUSES = (
    "while: {promise_open: true}", "while: {hardship: true}", "while: {refused: 是}", "while: {contacts_7d: 3以上}",
    'while: {promise_on: ">= 2026-01-20"}', "while: {satisfaction: 不超过50}",
    "while: {open_disputes: 1以上}, until: answered", "while: {open_dispute_kinds: [price, hardship]}, until: closed",
    "while: {any: [{promise_open: true}, {away: 是}]}",
)  # fmt: skip

_TABLES = """\
facts:
  satisfaction: {type: integer, title: 满意度, from: attributes.satisfaction}
tables:
  tone_by_age:
    output: [friendly, firm, legal]
    hit: first
    rows:
      - {when: {overdue_days: 20天以内}, then: friendly}
      - {when: {broken_promises: 1以上}, then: legal}
      - {when: {satisfaction: 50以上}, then: friendly}
      - {else: firm}
  who:
    output: role
    hit: first
    rows:
      - {when: {contacts_30d: 2以上}, then: legal}
      - {when: {satisfaction: 不满50}, then: collector}
      - {else: customer_service}
  of_charge:
    output: [late, soon]
    of: charge
    hit: first
    rows:
      - {when: {charge_overdue_days: 超过20天}, then: late}
      - {else: soon}
"""


def book_of_steps(pick: Pick, name: str = "steps", uses: str = "residential, commercial, parking, office") -> str:
    """The text of a book for accounts of these uses."""
    reminders = [f"r{number}" for number in range(pick.number(1, 4))]
    rungs = [f"l{number}" for number in range(pick.number(1, 4))]
    steps = [*reminders, *rungs]
    giving = [each for each in steps if pick.chance(30)]
    parts = [
        f"rulebook: {name}\nlaw: cn\napplies: {{use: [{uses}]}}\n",
        "late_fee: {rate: 0.5‰ per day, items: [property_fee]}\n" if pick.chance(50) else "",
        f"payments: {{chase_from: {pick.one(('1元', '1元', '3元'))}}}\n" if pick.chance(50) else "",
        f"items: {{chased: {pick.one(('[property_fee]', '[property_fee, parking]'))}}}\n",
        _TABLES,
        _contact(pick),
        f"promises: {{longest: {pick.one(('30d', '10d', '1mo'))}, in_a_row: {pick.number(1, 3)}}}\n",
        _pauses(pick, steps),
        "reminders:\n" + "".join(_step(pick, each, steps, giving, ladder=False) for each in reminders),
        f"ladder:\n  catch_up: {pick.one(('only_highest', 'lowest_first', 'all'))}\n",
        f"  min_gap: {pick.one(('3d', '1d', '48h', '30h', '0d'))}\n" if pick.chance(70) else "",
        "  at_end: refer_to_management\n" if pick.chance(50) else "",
        "  steps:\n" + "".join(_step(pick, each, steps, giving, ladder=True) for each in rungs),
        f"renamed: {{old_name: {pick.one(steps)}, older_name: {pick.one(steps)}}}\n" if pick.chance(40) else "",
        "dropped: {given_up: 不再需要}\n" if pick.chance(20) else "",
    ]
    return "".join(parts)


def _contact(pick: Pick) -> str:
    caps = (
        "{at_most: 1, of: phone, per: 1d}", "{at_most: 2, of: any, per: 7d}", "{at_most: 3, of: any, per: 7d}",
        "{at_most: 1, of: visit, per: 7d}", "{at_most: 1, of: sms, per: 3d}", "{at_most: 4, of: any, per: 30d}",
    )  # fmt: skip
    lines = ["contact:"]
    if pick.chance(60):
        hours = pick.one(("[10:00-12:00, 15:00-18:00]", "[08:30-20:30]", "[18:00-20:00]"))
        lines += ["  windows:", f"    phone: {{workday: {hours}, rest_day: {hours}, festival: []}}"]
        lines += [f"    message: {{workday: {hours}, rest_day: {hours}, festival: {hours}}}"] * pick.chance(60)
    chosen = dict.fromkeys(pick.one(caps) for _ in range(pick.number(0, 3)))
    lines += ["  caps:", *[f"    - {each}" for each in chosen]] if chosen else []
    if pick.chance(30):
        lines += ["  quotas:", "    - {at_least: 2, of: any, per: 7d, when: {overdue_days: 超过5天}, lacks: report}"]
    lines += [f"  fresh_data: {pick.one(('24h', '72h'))}"] if pick.chance(40) else []
    return "\n".join(lines) + "\n" if len(lines) > 1 else ""


def _pauses(pick: Pick, steps: Sequence[str]) -> str:
    lines = []
    for _ in range(pick.number(0, 3)):
        stops = ("ladder", "reminders", "all", "tone legal", "tone friendly", "tone firm", pick.one(steps))
        stopped = dict.fromkeys((pick.one(stops), pick.one(stops)))
        lines.append(f"  - {{{pick.one(PAUSES)}, stops: [{', '.join(stopped)}]}}\n")
    return "pauses:\n" + "".join(lines) if lines else ""


def _step(pick: Pick, name: str, steps: Sequence[str], giving: Sequence[str], *, ladder: bool) -> str:
    others = _others(name, steps, giving)
    action, ways = pick.one((
        ("call", ("phone", "sms", "wechat")),
        ("call", ("phone", "ai_voice")),
        ("send_message", ("sms", "wechat", "app")),
        ("send_notice", ("sms", "letter", "email")),
        ("visit", ("visit", "letter", "phone")),
        ("deliver_letter", ("letter", "ems")),
        ("formal_demand" if ladder else "send_receipt", ("ems", "sms", "letter")),
    ))  # fmt: skip
    of_charge = pick.chance(25)
    said = {"title": f"第{name}步", "action": action}
    if not (ladder and pick.chance(25)):
        said["at"] = _due(pick) if ladder or pick.chance(35) else _window(pick, others, of_charge=of_charge)
    if of_charge and not ("month" in said.get("at", "") or "quarter" in said.get("at", "")):
        said["of"] = "charge"
    maybe: dict[str, tuple[int, Callable[[], str]]] = {
        "when": (40, lambda: pick.one(CONDITIONS if "of" in said else CONDITIONS[:OF_ACCOUNTS])),
        "after": (25, lambda: f"[{_after(pick, others)}]"),
        "repeat": (35, lambda: _repeat(pick)),
        "channels": (60, lambda: f"{{{pick.one(('first_of', 'first_of', 'all_of'))}: [{_ways(pick, ways)}]}}"),
        "once_per": (20, lambda: pick.one(("month", "quarter", "half_year", "year", "charge"))),
        "gives": (100 * (name in giving), lambda: _gives(pick)),
        "record": (35, lambda: f"[{pick.one(('outcome', 'reason, outcome', 'promise', 'content', 'party', 'proof'))}]"),
        "proof": (20, lambda: pick.one(("A", "B", "C"))),
        "tone": (50, lambda: pick.one(("friendly", "firm", "legal", "{by: tone_by_age}"))),
        "role": (40, lambda: pick.one(("legal", "collector", "{by: who}"))),
        "late": (40, lambda: pick.one(("keep", "drop"))),
        "priority": (15, lambda: str(pick.number(1, 9))),
        "approval": (15, lambda: pick.one(("[legal]", "[legal, property_manager]"))),
        "to": (5, lambda: "developer"),
    }  # fmt: skip
    said |= {key: value() for key, (share, value) in maybe.items() if pick.chance(share)}
    indent = "    " if ladder else "  "
    lines = [f"- step: {name}", *(f"  {key}: {value}" for key, value in said.items())]
    return "".join(f"{indent}{line}\n" for line in lines)


def _others(name: str, steps: Sequence[str], giving: Sequence[str]) -> list[str]:
    """What may become of the steps beside one."""
    found = [f"{event}({each})" for each in steps if each != name for event in ("done", "delivered", "failed")]
    return [*found, *[f"expired({each})" for each in giving if each != name]]


def _gives(pick: Pick) -> str:
    least, since = pick.one(("", ", at_least: 15d")), pick.one(("", ", from: sent", ", from: delivered"))
    return f"{{deadline: {pick.one(('7d', '10wd', '15d', '1mo'))}{least}{since}}}"


def _ways(pick: Pick, ways: Sequence[str]) -> str:
    more = (pick.one(WAYS),) if pick.chance(15) else ()
    return ", ".join(dict.fromkeys((*ways[: pick.number(1, len(ways))], *more)))


def _repeat(pick: Pick) -> str:
    until = f", until: {pick.one(UNTIL)}" if pick.chance(40) else ""
    times = f", times: {pick.number(1, 4)}" if pick.chance(40) else ""
    return f"{{every: {pick.one(('1d', '3d', '7d', '5wd', '1mo'))}{times}{until}}}"


def _due(pick: Pick) -> str:
    low = pick.number(-10, 25)
    unit = pick.one(("d", "d", "d", "wd"))
    first = f"due {_signed(low, unit)}"
    return first if pick.chance(40) else f"{first} .. due {_signed(low + pick.one((0, 2, 10)), unit)}"


def _window(pick: Pick, others: Sequence[str], *, of_charge: bool) -> str:
    of_step = pick.one(others)
    if of_charge:
        return _from(pick, of_step)
    match pick.number(0, 7):
        case 0:
            first = pick.number(1, 25)
            return f"day {first}..{first + pick.one((0, 3, 6))} of {pick.one(SPAN)}"
        case 1:
            period = pick.one(SPAN)
            return f"{period}_end - {pick.one((5, 15, 27))}d .. {period}_end"
    events = ("promise", "promise", "paid", "settled", "handover", f"contact({pick.one(OUTCOMES)})", of_step, of_step)
    return _from(pick, pick.one(events))


def _from(pick: Pick, event: str) -> str:
    low = pick.number(-1, 5)
    unit = pick.one(("d", "d", "d", "wd"))
    first = f"{event} {_signed(low, unit)}"
    return first if pick.chance(30) else f"{first} .. {event} {_signed(low + pick.one((0, 1, 4, 12)), unit)}"


def _after(pick: Pick, others: Sequence[str]) -> str:
    return f"{pick.one((*others, f'contact({pick.one(OUTCOMES)})'))}{pick.one(('', ' + 3d', ' + 1wd', ' + 1mo'))}"


def _signed(days: int, unit: str) -> str:
    return f"{'-' if days < 0 else '+'} {abs(days)}{unit}"
