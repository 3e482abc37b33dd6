"""What others than `assess` say of the same households: the columns, a loop over days, and durable-rules.

Each is asked about some debtors at once and gives back of whom it says something else. One that breaks off says
something else, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from importlib.util import find_spec
from typing import Any, NamedTuple

from dunning.basis.finding import Text
from dunning.engine.assess import Rules, assess_group
from dunning.engine.known.compile import read_by, worst_of
from dunning.engine.known.contacts import Person
from dunning.engine.known.facts import Facts
from dunning.engine.known.tables import Graded, worst
from dunning.engine.owed.ledger import ChargeState, replay
from dunning.engine.result import Assessment
from dunning.model.account import Account
from dunning.model.condition import Unknown, Value
from dunning.model.rulebook import RuleBook
from dunning.selfcheck.agreement import differences
from dunning.selfcheck.rete import answered, can_be_said

Debtor = tuple[Account, ...]
"""All accounts of one debtor."""

MOST = 12
"""Lines told of one debtor: what differs more follows from these."""

BROKE_OFF = " !! "
"""Between the kind of an error and what it says, where an opinion broke off."""


@dataclass(slots=True)
class Heard:
    """What one of them said: how many answers were compared, and by the debtor's place what differs.

    `besides` are accounts it was asked about and left to `assess`, by the reason.
    """

    compared: int = 0
    differs: dict[int, tuple[str, ...]] = field(default_factory=dict)
    besides: dict[str, int] = field(default_factory=dict)


Opinion = Callable[[Sequence[Debtor], Rules, date], Heard]


def ask(opinion: Opinion, debtors: Sequence[Debtor], rules: Rules, on: date) -> Heard:
    """The opinion of some debtors; where it breaks off, that of one after the other, to know of whom."""
    try:
        return opinion(debtors, rules, on)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what the user has to report
        if len(debtors) == 1:
            return Heard(1, {0: (f"{type(error).__name__}{BROKE_OFF}{error}",)})
    heard = Heard()
    for place, debtor in enumerate(debtors):
        one = ask(opinion, [debtor], rules, on)
        heard.compared += one.compared
        heard.differs.update((place, what) for what in one.differs.values())
        for why, count in one.besides.items():
            heard.besides[why] = heard.besides.get(why, 0) + count
    return heard


# The columns


def by_columns(debtors: Sequence[Debtor], rules: Rules, on: date) -> Heard:
    """Every row of every table, from arrays and from objects."""
    from dunning.columns.answer import IN_COLUMNS, books_of, columns
    from dunning.columns.packing import pack
    from dunning.columns.schema import shape_of
    from dunning.columns.way import InColumns
    from dunning.columns.written import tables_of

    shape = shape_of(books_of(rules))
    answer = columns(pack(each for debtor in debtors for each in debtor), rules, on=on, way=InColumns(), shape=shape)
    results = [result for debtor in debtors for result in assess_group(debtor, rules, on=on)]
    heard = Heard(answer.paths[IN_COLUMNS], {}, {why: n for why, n in answer.paths.items() if why != IN_COLUMNS})
    told: dict[tuple[str, str], list[str]] = {}
    for name, ours, theirs in zip(answer.tables._fields, tables_of(results, shape, on), answer.tables, strict=True):
        if not ours.equals(theirs):
            for key, lines in _rows_apart(name, ours.to_pylist(), theirs.to_pylist()).items():
                told.setdefault(key, []).extend(lines)
    for place, debtor in enumerate(debtors):
        lines = [line for each in debtor for line in told.get((each.company, each.id), ())]
        if lines:
            heard.differs[place] = tuple(lines[:MOST])
    return heard


_Row = dict[str, Any]


def _rows_apart(name: str, ours: Sequence[_Row], theirs: Sequence[_Row]) -> dict[tuple[str, str], list[str]]:
    """By account, the cells of a table that are not the same."""
    mine, others = _by_account(ours), _by_account(theirs)
    found: dict[tuple[str, str], list[str]] = {}
    for key in dict.fromkeys((*mine, *others)):
        one, other = mine.get(key, []), others.get(key, [])
        if len(one) != len(other):
            found[key] = [f"{name}: assess {len(one)}, columns {len(other)}"]
            continue
        lines = [
            f"{name} {place}: {cell}: assess {row[cell]}, columns {same[cell]}"
            for place, (row, same) in enumerate(zip(one, other, strict=True), 1)
            for cell in row
            if row[cell] != same[cell]
        ]
        if lines:
            found[key] = lines
    return found


def _by_account(rows: Iterable[_Row]) -> dict[tuple[str, str], list[_Row]]:
    found: dict[tuple[str, str], list[_Row]] = {}
    for row in rows:
        found.setdefault((row["company"], row["account"]), []).append(row)
    return found


# The days, one by one


def by_days(debtors: Sequence[Debtor], rules: Rules, on: date) -> Heard:
    """Every figure of every ledger, told day by day over exact fractions."""
    heard = Heard()
    for place, debtor in enumerate(debtors):
        lines: list[str] = []
        for result in assess_group(debtor, rules, on=on):
            if result.book is not None:
                heard.compared += 1
                account = result.account
                lines += differences(account, result.book, on, replay(account, result.book, on))
        if lines:
            heard.differs[place] = tuple(lines[:MOST])
    return heard


# Another engine of rules


@dataclass(frozen=True, slots=True)
class _Asked:
    """One answer of a table: whose, of which charge, from which facts."""

    place: int
    charge: str
    facts: Mapping[str, Value]
    graded: Graded


def by_rete(debtors: Sequence[Debtor], rules: Rules, on: date) -> Heard:
    """Every answer of a table that is made of nothing unknown, by durable-rules."""
    questions: dict[tuple[RuleBook, str], list[_Asked]] = {}
    for place, debtor in enumerate(debtors):
        person = Person(debtor, on)
        for result in assess_group(debtor, rules, on=on):
            if result.book is not None:
                for name, one in _asked(result, result.book, person, place):
                    questions.setdefault((result.book, name), []).append(one)
    cases = [(book.tables[name], asked) for (book, name), asked in questions.items()]
    heard = Heard()
    theirs = answered(((table, [each.facts for each in asked]) for table, asked in cases), on)
    for (table, asked), of_table in zip(cases, theirs, strict=True):
        heard.compared += len(asked)
        for each, told in zip(asked, of_table, strict=True):
            ours = (None if isinstance(each.graded.value, Unknown) else each.graded.value), each.graded.rows
            if ours != told:
                where = f"{table.id} {each.charge}".strip()
                line = f"{where}: assess {_said(ours)}, durable-rules {_said(told)}"
                heard.differs[each.place] = (*heard.differs.get(each.place, ()), line)[:MOST]
    return heard


def _said(told: tuple[object, tuple[int, ...]]) -> str:
    value, rows = told
    return f"{value} ({', '.join(map(str, rows)) or '-'})"


def _asked(result: Assessment, book: RuleBook, person: Person, place: int) -> Iterable[tuple[str, _Asked]]:
    facts = Facts(result.account, replay(result.account, book, result.on), book, person=person)
    states = {state.charge.id: state for state in facts.ledger.charges}

    def known(name: str, grades: Mapping[str, Graded], state: ChargeState | None) -> Value | Unknown:
        if (table := worst_of(name)) is not None:
            graded = [each.grades[table] for each in result.charges if table in each.grades]
            return worst(book.tables[table], graded)
        if name in grades:
            return grades[name].fact
        return facts.value(name) if state is None else facts.charge_value(name, state)

    asked: list[tuple[str, Mapping[str, Graded], ChargeState | None]] = [("", result.grades, None)]
    asked += [(each.id, {**result.grades, **each.grades}, states[each.id]) for each in result.charges]
    for charge, grades, state in asked:
        for name, graded in grades.items():
            table = book.tables[name]
            if (table.of == "charge") == bool(charge) and can_be_said(table, result.on):
                values = {fact: known(fact, grades, state) for fact in read_by(table)}
                plain = {fact: value for fact, value in values.items() if not isinstance(value, Unknown)}
                if len(plain) == len(values):
                    yield name, _Asked(place, charge, plain, graded)


# All of them


class Voice(NamedTuple):
    """Somebody to be asked: what is compared, the packages it takes, and the line that installs them."""

    title: Text
    opinion: Opinion
    needs: tuple[str, ...] = ()
    install: str = ""

    @property
    def can_be_asked(self) -> bool:
        """Whether what it takes is installed."""
        return all(map(find_spec, self.needs))


VOICES: Mapping[str, Voice] = {
    "columns": Voice(
        Text("按列算: 每张结果表的每一格", "in columns: every cell of every table"),
        by_columns,
        ("numpy", "pyarrow"),
        "pip install 'dunning[batch]'",
    ),
    "days": Voice(Text("逐日算: 账和违约金的每一个数", "day by day: every figure of ledger and late fee"), by_days),
    "durable-rules": Voice(
        Text("durable-rules 算决策表: 每个答案", "decision tables by durable-rules: every answer"),
        by_rete,
        ("durable",),
        "pip install 'dunning[selfcheck]'",
    ),
}
