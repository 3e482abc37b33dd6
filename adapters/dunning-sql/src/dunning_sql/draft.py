"""A first mapping of a schema nobody has described: guesses by names, comments, types and values, each marked as one.

Old schemas call a due date `due_date`, `yjrq`, 应缴日期 or 缴费截止日; most of a mapping can be guessed, and all of it
has to be looked at by somebody who knows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.engine import Connection

from dunning.adapter.fields import Field, list_titles
from dunning_sql.guesses import Guess, columns_of, fields, guessed, owed
from dunning_sql.looks import Looks, Table
from dunning_sql.mapping import PERIOD
from dunning_sql.names import SECTIONS, best, common_names
from dunning_sql.routes import Route, Routes
from dunning_sql.store import LISTS as KEPT
from dunning_sql.wording import Meaning, alive, day_option, meaning, money_unit, period_option, rate_unit

GUESS = "# 猜测 / guess"
MISSING = "# 没找到 / not found"

_LIKELY: Mapping[tuple[str, str], str] = {
    ("disputes", "kind"): "service_quality",
    ("holds", "kind"): "contact",
    ("adjustments", "kind"): "credit_note",
    ("proceedings", "kind"): "suit",
}
"""What records without a column for their kind most likely are."""

_PAID = ("id", "on", "amount", "channel", "ref")
"""What a bill may tell of its own payment."""

_STRICT = {"item", "use", "debtor.kind", "kind", "role", "decision", "occupancy"}
"""Words that must not be lost: a value nobody named rejects the row. Of the others it is left out."""


@dataclass(slots=True)
class Draft:
    """A mapping in the making: its lines, and how many guesses and gaps it has."""

    lines: list[str] = field(default_factory=list)
    guesses: int = 0
    gaps: int = 0

    def say(self, text: str = "") -> None:
        self.lines.append(text)

    def guess(self, text: str, why: str = "") -> None:
        self.guesses += 1
        self.lines.append(f"{text}  {GUESS}{': ' + ' '.join(why.split()) if why else ''}")

    def gap(self, text: str, what: str = "") -> None:
        self.gaps += 1
        self.lines.append(f"{text}  {MISSING}{': ' + what if what else ''}")

    def add(self, other: Draft, *, shut: bool = False) -> None:
        """The lines of another draft; `shut`: as comments, for something is lacking."""
        self.lines += [f"# {line}" if shut else line for line in other.lines]
        self.guesses, self.gaps = self.guesses + other.guesses, self.gaps + other.gaps

    def text(self) -> str:
        return "\n".join(self.lines) + "\n"


def drafted(connection: Connection, name: str) -> Draft:
    """A mapping of the tables at hand. It reads without a finding where every required field was guessed."""
    looks = Looks(connection)
    return _Drafting(looks, guessed(looks)).whole(name)


class _Drafting:
    """One schema, what was guessed of it, and the draft that comes of it."""

    def __init__(self, looks: Looks, found: dict[str, Guess]) -> None:
        self.looks = looks
        self.found = found
        self.routes = Routes(looks, found)
        self.watched = False
        self.selected: set[str] = set()
        self.snapshot = self._bills_tell_payments()

    def _bills_tell_payments(self) -> bool:
        """Where no table holds payments: the bills themselves may tell what was paid, or else what is still owed."""
        bills = self.found.get("charges")
        if bills is None or "payments" in self.found:
            return False
        columns, _ = columns_of(self.looks, "payments", bills.table)
        own = set(bills.columns.values())
        if "on" in columns and columns.get("amount", next(iter(own))) not in own:
            wanted = {name: column for name, column in columns.items() if name in _PAID}
            self.found["payments"] = Guess("payments", bills.table, wanted)
            return False
        rest = owed(self.looks, bills.table)
        if rest is not None:
            self.found["charges"] = Guess("charges", bills.table, {**bills.columns, "amount": rest})
        return rest is not None

    def whole(self, name: str) -> Draft:
        body = Draft()
        self._accounts(body)
        lacking = []
        for section in SECTIONS:
            if section in self.found and "accounts" in self.found:
                self._list(body, section)
            elif section != "contracts":  # what the accounts say of theirs
                lacking.append(section)
        self._people(body)
        self._lacking(body, lacking)
        self._unused(body)
        head = Draft()
        head.say(f"mapping: {_scalar(name)}")
        booked = "source" if "late_fees" in self.found else "none"
        head.guess(
            f"late_fees_by: {booked}", "谁在原系统里记违约金 / who books late fees there: source | dunning | none"
        )
        if self.snapshot:
            head.guess(
                "ledger: snapshot", "账单金额是还欠的, 没有收款 / amounts are what is still owed: events | snapshot"
            )
        head.guess(f"changes: {'partial' if self.watched else 'none'}", "none | partial | complete")
        head.add(body)
        return head

    # Accounts

    def _accounts(self, draft: Draft) -> None:
        draft.say()
        guess = self.found.get("accounts")
        if guess is None:
            draft.gap(
                "# accounts:", f"每户一行的表 / the table with a row an account; {self._listed(self.looks.tables)}"
            )
            return
        table, columns = guess.table, dict(guess.columns)
        people = self.routes.debtor(columns)
        draft.guess("accounts:", table.comment)
        self._origin(draft, "accounts", table, people)
        draft.guess(f"  key: {_written(self.routes.key)}", "各表用它指认户 / what the lists name an account by")
        draft.say("  fields:")
        columns["id"] = self.routes.account_id(columns)
        if people is not None:
            columns["debtor.id"] = people.key[0]
        if "contracts" in self.found:
            columns = {name: column for name, column in columns.items() if not name.startswith("contract.")}
        for name in fields("accounts"):
            if name in columns:
                self._field(draft, "accounts", name, table, columns[name])
        if "debtor.id" not in columns:
            draft.gap("    # debtor.id: ...", "各户各算各的欠费人 / each account is a debtor of its own")
        if "use" not in columns:
            draft.guess("    use: {value: 住宅}", "没有用途一列 / no column says")
        if "contracts" not in self.found and "contract.late_fee_clause" not in columns:
            why = "合同里写明了违约金才写 true, 写明没有写 false / true or false as the contracts say"
            draft.guess("    # contract.late_fee_clause: {value: true}", why)
        self._not_used(draft, table, columns.values(), self.routes.key)

    def _origin(self, draft: Draft, section: str, table: Table, route: Route | None, *also: str | None) -> None:
        """The table, or the SELECT that a route through another takes; then which rows count, and when they changed."""
        if route is not None and route.select:
            self.selected.add(section)
            draft.guess("  select: |", route.why)
            for line in route.select:
                draft.say(f"    {line}")
        else:
            draft.say(f"  table: {_scalar(table.name)}")
        terms = list(filter(None, [self.alive(table), *also]))
        if terms:
            draft.guess(f"  where: {_scalar(' AND '.join(terms))}", "哪些行算数 / the rows that count")
        for _, one in best(table.heads, common_names("updated_at")):
            if day_option(table.kind(one.name), self.looks.cells(table.name, one.name)) == "":
                draft.guess(f"  updated_at: {_scalar(one.name)}", one.comment)
                self.watched = True
                return

    def alive(self, table: Table) -> str | None:
        """The condition under which a row is there, by the first column that tells."""
        for _, one in best(table.heads, common_names("deleted")):
            words, kind = self.looks.words(table.name, one.name), table.kind(one.name)
            found = alive(self.looks.quoted(one.name), kind, words, one.comment)
            if found is not None:
                return found
        return None

    # Lists

    def _list(self, draft: Draft, section: str) -> None:
        guess = self.found[section]
        table, columns = guess.table, {**guess.columns, **self.routes.references(section)}
        known, own = fields(section), Draft()
        route = self.routes.of(section)
        own.guess(f"{section}:", table.comment or list_titles(section)[0])
        late = self._late_fees(table, columns.get("item")) if section == "charges" else None
        paid = self._paid(section, columns)
        self._origin(own, section, table, route, late, paid)
        if route is not None:
            own.guess(f"  account: {_written(route.key)}")
        else:
            own.gap("  account: ...", "哪一列指认户 / the column that names its account")
        own.say("  fields:")
        missing = [] if route else ["account"]
        for name, one in known.items():
            required = one.required or (section, name) == ("charges", "due")
            if name in columns:
                self._field(own, section, name, table, columns[name])
            elif (section, name) in _LIKELY:
                own.guess(f"    {name}: {{value: {_LIKELY[section, name]}}}")
            elif required:
                missing.append(name)
                own.gap(f"    # {name}: ...", (one.titles or (name,))[0])
        self._not_used(own, table, columns.values(), route.key if route else ())
        shut = bool(missing) and section not in ("charges", "payments")
        draft.say()
        if shut:
            draft.gap(f"# {section}: 还缺 / still lacking: {', '.join(missing)}")
        draft.add(own, shut=shut)
        if section == "payments":
            self._settles(draft)

    def _late_fees(self, table: Table, item: str | None) -> str | None:
        """The condition that leaves out late fees that stand among the bills: they are never principal."""
        if item is None:
            return None
        late = self._meaning("charges", "item", table, item).late
        told = ", ".join("'" + value.replace("'", "''") + "'" for value in late)
        column = self.looks.quoted(item)
        return f"({column} IS NULL OR {column} NOT IN ({told}))" if late else None

    def _paid(self, section: str, columns: Mapping[str, str]) -> str | None:
        """Payments that the bills tell: those of something."""
        bills = self.found["charges"].table if "charges" in self.found else None
        if section != "payments" or bills is None or self.found["payments"].table is not bills:
            return None
        return f"{self.looks.quoted(columns['amount'])} > 0"

    def _settles(self, draft: Draft) -> None:
        """How each payment was split over bills, where a table says so."""
        found = self.routes.settles()
        if found is None:
            return
        table, record, charge, amount = found
        draft.say()
        draft.guess("payments.settles:", table.comment)
        draft.say(f"  table: {_scalar(table.name)}")
        draft.guess(f"  record: {_scalar(record)}")
        draft.say("  fields:")
        self._field(draft, "payments.settles", "charge", table, charge)
        self._field(draft, "payments.settles", "amount", table, amount)

    def _people(self, draft: Draft) -> None:
        guess = self.found.get("people")
        if guess is None or self.routes.person is None:
            return
        draft.say()
        draft.guess("people:", "姓名和号码只给发送的人用, 规则看不到 / for whoever sends; the core never sees them")
        draft.say(f"  table: {_scalar(guess.table.name)}")
        draft.say(f"  key: {_scalar(self.routes.person)}")
        draft.say("  fields:")
        for name, column in guess.columns.items():
            draft.guess(f"    {name}: {_scalar(column)}", guess.table.column(column).comment)
        if "sms" in guess.columns:
            draft.guess(f"    phone: {_scalar(guess.columns['sms'])}")

    # What was not found, what was not used

    def _lacking(self, draft: Draft, lists: Sequence[str]) -> None:
        draft.say()
        for section in lists:
            if section in ("charges", "payments") and not self.snapshot:
                draft.gap(f"# {section}:", list_titles(section)[0])
            elif section == "payments":
                draft.guess("payments: none", "账单金额已经是还欠的 / amounts are what is still owed")
        rest = [section for section in lists if section not in ("charges", "payments")]
        if rest:
            draft.say("# 下面这些没有找到表. 确实一条也没有的, 去掉前面的 #; 没写的算未知, 要用到它的步骤不会到期.")
            draft.say(f"# 这几样也可以由 dunning 自己记 (store=文件): {', '.join(KEPT)}")
            draft.say(
                "# No table was found for these. Uncomment those of which there surely are none. What is not said is"
            )
            draft.say(
                "# unknown, and steps that need it never come due; those of the line above we can keep ourselves."
            )
        for section in rest:
            draft.gap(f"# {section}: none", list_titles(section)[0])

    def _unused(self, draft: Draft) -> None:
        used = {guess.table.name for guess in self.found.values()} | self.routes.used
        rest = [one for one in self.looks.tables if one.name not in used]
        draft.say()
        draft.say(f"# 没用到的表 / tables not used: {self._listed(rest)}")

    def _not_used(self, draft: Draft, table: Table, used: Iterable[str], key: Sequence[str]) -> None:
        """The columns a list leaves out; what somebody put there may be wanted."""
        said = {*used, *key}
        text = "\n".join(draft.lines)
        rest = [name for name in table.columns if name not in said and not _stands_in(name, text)]
        if rest:
            draft.say(f"    # 没用到的列 / columns not used: {', '.join(rest)}")

    def _listed(self, tables: Iterable[Table]) -> str:
        return ", ".join(table.name for table in tables) or "-"

    # One field

    def _field(self, draft: Draft, section: str, name: str, table: Table, column: str) -> None:
        one = fields(section)[name]
        if column not in table.columns:  # it comes of another table, by a SELECT
            draft.guess(f"    {name}: {_scalar(column)}", _title(one, column))
            return
        comment, kind = table.column(column).comment, table.kind(column)
        why = comment or _title(one, column)
        if one == PERIOD:
            option = period_option(kind, self.looks.cells(table.name, column)) or ""
            draft.guess(f"    {name}: {_with(column, option)}", why)
            return
        match one.kind:
            case "money":
                unit = money_unit(column, kind, comment, self.looks.cells(table.name, column))
                if not unit and section in self.selected:  # the type that says it does not come through a SELECT
                    unit = "yuan"
                sure = unit == "yuan" or column.lower().endswith("fen") or "分" in comment
                told = why if sure or not unit else comment or "分还是元 / fen or yuan?"
                draft.guess(f"    {name}: {_with(column, f'unit: {unit}' if unit else '')}", told)
            case "day" | "time":
                option = day_option(kind, self.looks.cells(table.name, column)) or ""
                draft.guess(f"    {name}: {_with(column, option)}", _which_day(section, name, column, comment) or why)
            case "rate":
                rate = rate_unit(comment, self.looks.cells(table.name, column))
                if rate is None:
                    draft.gap(
                        f"    # {name}: {_with(column, 'unit: ...')}", "share | percent | permille | ten_thousandth"
                    )
                else:
                    draft.guess(f"    {name}: {_with(column, '' if rate == 'share' else f'unit: {rate}')}", why)
            case "word":
                self._words(draft, section, one, table, column)
            case _:
                draft.guess(f"    {name}: {_scalar(column)}", why)

    def _words(self, draft: Draft, section: str, one: Field, table: Table, column: str) -> None:
        """A closed set: as it stands, or by a map of what is known; what nobody told is named, and left to be said."""
        found = self._meaning(section, one.name, table, column)
        why = table.column(column).comment or _title(one, column)
        if found.plain:
            draft.guess(f"    {one.name}: {_scalar(column)}", why)
            return
        known = ", ".join(f"{_key(value)}: {one.words[word][0]}" for value, word in found.known.items())
        strict = one.name in _STRICT
        unknown = ", ".join(f"{_key(value)}{_told(found.told, value)}" for value in found.unknown)
        note = f"还不知道 / to be said: {unknown}" if unknown else ""
        likely = _LIKELY.get((section, one.name))
        if found.known or (strict and likely is None and found.unknown):
            rest = "" if strict or not unknown else ", else: null"
            shown = ", ".join(f"{_key(value)} {found.told[value]}" for value in found.known if value in found.told)
            text = f"    {one.name}: {{column: {_scalar(column)}, map: {{{known}}}{rest}}}"
            draft.guess(text, "; ".join(filter(None, [shown or why, note])))
        elif likely is not None:
            draft.guess(f"    {one.name}: {{value: {likely}}}", "; ".join(filter(None, [column, note])))
        else:
            words = ", ".join(titles[0] if titles else word for word, titles in one.words.items())
            draft.gap(f"    # {one.name}: {{column: {_scalar(column)}, map: {{...}}}}", f"{unknown or '-'} -> {words}")

    def _meaning(self, section: str, name: str, table: Table, column: str) -> Meaning:
        values = self.looks.words(table.name, column)
        told = self._told(table, column, values)
        return meaning(fields(section)[name], values, told, table.column(column).comment)

    def _told(self, table: Table, column: str, values: Sequence[str]) -> Mapping[str, str]:
        """What a table of names calls the values of a column, where it points at one."""
        other = self.routes.dictionary(table, column)
        if other is None:
            return {}
        text = next(iter(best(other.heads, common_names("title"))), None)
        key = self.routes.key_of(table, column, other)
        if text is None or key is None or text[1].name == key:
            return {}
        pairs = self.looks.pairs(other.name, key, text[1].name)
        return {value: pairs[value] for value in values if value in pairs}


# How it is written

_PLAIN = re.compile(r"[\w\u3400-\u9fff][\w\u3400-\u9fff ./<>='()-]*")
_YAML_WORDS = {"null", "true", "false", "yes", "no", "on", "off", "none", "y", "n", "~"}


def _scalar(text: str) -> str:
    """A text as YAML reads it back: in quotes where it would become something else."""
    fits = _PLAIN.fullmatch(text) and text == text.strip() and " #" not in text
    if fits and text.lower() not in _YAML_WORDS and not re.fullmatch(r"[\d._-]+|0[xo]\w+|\d+e\d+", text, re.IGNORECASE):
        return text
    return f"'{text}'" if '"' in text and "'" not in text else json.dumps(text, ensure_ascii=False)


def _key(value: str) -> str:
    return json.dumps(value, ensure_ascii=False) if not re.search(r"[\u3400-\u9fff]", value) else _scalar(value)


def _with(column: str, option: str) -> str:
    return f"{{column: {_scalar(column)}, {option}}}" if option else _scalar(column)


def _written(columns: Sequence[str]) -> str:
    return _scalar(columns[0]) if len(columns) == 1 else f"[{', '.join(map(_scalar, columns))}]" if columns else "..."


def _title(one: Field, column: str) -> str:
    """What a field is called, where the column does not say so itself."""
    title = one.titles[0] if one.titles else ""
    return "" if title == column else title


def _told(told: Mapping[str, str], value: str) -> str:
    return f" ({told[value]})" if value in told and told[value] != value else ""


def _which_day(section: str, name: str, column: str, comment: str) -> str:
    """A bill's day that may be the day it was made out for, and not the last day to pay."""
    if (section, name) == ("charges", "due") and "应收日" in f"{column}{comment}":
        return "应收日是不是最后缴费日? / is it the last day to pay?"
    return ""


def _stands_in(name: str, text: str) -> bool:
    return re.search(rf"(?<![\w\u3400-\u9fff]){re.escape(name)}(?![\w\u3400-\u9fff])", text) is not None
