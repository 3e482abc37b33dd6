"""A first mapping of a schema nobody has described: guesses by names, comments and types, each marked as a guess.

Old schemas call a due date `due_date`, `yjrq`, `should_pay_time` or 应缴日期 in a comment; most of a mapping can be
guessed, and all of it has to be looked at by somebody who knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dunning.adapter.fields import Field, fields_of, list_titles
from dunning_sql.convert import plain
from dunning_sql.database import named, query
from dunning_sql.mapping import Section
from dunning_sql.store import OWN_TABLES
from dunning_sql.tables import Tables

MOST_WORDS = 20
GUESS = "# 猜测 / guess"
MISSING = "# 没找到 / not found"

# What tables and columns are called: whole words of their names, in English, pinyin initials or pinyin.
_TABLES: Mapping[str, str] = {
    "accounts": "account room house unit household resident fwxx fangwu rel",
    "charges": "fee bill charge receivable invoice arrears owe yingshou zhangdan ys",
    "payments": "payment pay receipt collection income shishou sk ss",
    "adjustments": "adjust adjustment refund credit relief discount tuikuan jm",
    "late_fees": "latefee late penalty overdue wyj weiyue",
    "contacts": "dun dunning urge remind callable contact visit cuijiao cuishou cj",
    "disputes": "complaint dispute objection tousu",
    "holds": "hold pause suspend freeze",
    "people": "owner customer resident member yezhu kehu",
}
_COLUMNS: Mapping[str, Mapping[str, str]] = {
    "accounts": {
        "id": "account_no account_code room_no room_num house_no house_code room_code code number no",
        "company": "company_id company_code company corp_id org_id",
        "unit": "room_no room_num house_no room_code unit_no",
        "community": "community_id community project_id estate_id xiaoqu area_id community_name",
        "area": "area built_up_area build_area building_area floor_area mianji room_area charge_area",
        "debtor.id": "owner_id customer_id member_id resident_id user_id payer_id yezhu_id owner cust_id",
        "debtor.since": "moved_in move_in start_date check_in rzrq in_date start_time",
        "debtor.until": "moved_out move_out end_date check_out out_date end_time",
    },
    "charges": {
        "id": "fee_id bill_id charge_id id invoice_id bill_no",
        "item": "fee_type item_type fee_item charge_type type fee_type_cd item subject",
        "amount": "amount receivable_amount amount_due should_amount total_amount amt money fee_amount ysje total",
        "due": "due_date due deadline due_time pay_deadline should_date expire_date yjrq deadline_time last_pay_date",
        "period.since": "begin_date start_date period_start start_time begin_time period_begin fee_begin",
        "period.until": "end_date period_end end_time fee_end stop_date",
    },
    "payments": {
        "id": "pay_id payment_id receipt_id id receipt_no",
        "on": "paid_at pay_time pay_date payment_date receipt_date received_at create_time skrq paid_on",
        "amount": "amount paid_amount pay_amount received_amount amt money amount_fen total_amount ssje",
        "channel": "pay_way pay_type channel pay_method prime_rate pay_mode",
        "for": "fee_id bill_id charge_id invoice_id",
        "reversed_on": "returned_on reversed_on bounced_on refund_time cancel_time",
    },
    "late_fees": {
        "id": "late_fee_id id penalty_id",
        "charge": "fee_id bill_id charge_id about_fee_id",
        "on": "on_date calc_date create_time due_date late_date",
        "amount": "amount late_amount penalty_amount late_fee money",
    },
    "contacts": {
        "id": "id contact_id record_id ofc_id visit_id",
        "at": "create_time contact_time visit_time start_time at call_time send_time",
        "channel": "way channel type callable_way contact_way",
        "outcome": "result state status outcome",
        "by": "staff_id operator user_id create_by",
    },
    "disputes": {
        "id": "complaint_id dispute_id id",  # what kinds mean nobody can guess: see _LIKELY
        "kind": "kind type complaint_type",
        "opened": "opened_on create_time opened start_date",
        "closed": "closed_on finish_time closed end_date",
    },
    "holds": {
        "id": "pause_id hold_id id",
        "kind": "kind hold_type",
        "since": "begins since start_date begin_date",
        "until": "ends until end_date",
        "reason": "reason remark",
    },
}
_LIKELY = {("disputes", "kind"): "service_quality", ("holds", "kind"): "contact"}
_UPDATED = "updated_at update_time modify_time gmt_modified last_update modified_at update_date xgsj updated modified"
_DELETED = "del_flag is_deleted deleted is_del delete_flag status_cd deleted_flag isdelete del"
_ACCOUNT = "room_id house_id account_id account_no unit_id payer_obj_id obj_id room_no household_id"
_SECTIONS = ("charges", "payments", "late_fees", "contacts", "disputes", "holds")


class Table(NamedTuple):
    """A table of the schema: its columns by name with types and comments, its key, its own comment."""

    name: str
    columns: Mapping[str, Any]
    key: Sequence[str]
    comment: str


@dataclass(slots=True)
class Draft:
    """A mapping in the making: its lines, and how many guesses and gaps it has. `words` are what columns hold."""

    connection: Connection
    lines: list[str] = field(default_factory=list)
    guesses: int = 0
    gaps: int = 0

    def say(self, text: str) -> None:
        self.lines.append(text)

    def guess(self, text: str, why: str = "") -> None:
        self.guesses += 1
        self.lines.append(f"{text}  {GUESS}{': ' + why if why else ''}")

    def gap(self, text: str) -> None:
        self.gaps += 1
        self.lines.append(f"{text}  {MISSING}")

    def text(self) -> str:
        return "\n".join(self.lines) + "\n"

    def words(self, table: str, column: str) -> list[str]:
        """What stands in a column, the most frequent first."""
        section = Section(name=table, table=table, key=(column,))
        asked = query(section, {}).group_by(*named([column])).order_by(sa.func.count().desc()).limit(MOST_WORDS)
        return [plain(cell) for cell in self.connection.execute(asked).scalars() if cell is not None]


def drafted(connection: Connection, name: str) -> Draft:
    """A mapping of the tables at hand. It reads without a finding where every required field was guessed."""
    tables = list(_tables(connection))
    draft = Draft(connection)
    draft.say(f"mapping: {name}")
    draft.say("# 谁在原系统里记违约金 / who books late fees there: source | dunning | none")
    draft.guess("late_fees_by: none")
    chosen = _chosen(tables)
    accounts = chosen.get("accounts")
    watched = [table for table in chosen.values() if table and _named(table, _UPDATED)]
    draft.guess(f"changes: {'partial' if watched else 'none'}", "none | partial | complete")
    if accounts is None:
        draft.say("")
        draft.gap(f"# accounts:  # 每户一行的表 / the table with a row an account; {_listed(tables)}")
    else:
        _accounts(draft, accounts)
    for section in _SECTIONS:
        table = chosen.get(section)
        draft.say("")
        if table is None or accounts is None:
            draft.gap(f"# {section}:  # {list_titles(section)[0]}")
        else:
            _section(draft, section, table, accounts)
    draft.say("")
    draft.say(f"# 还没用到的表 / tables not used: {_listed(one for one in tables if one not in chosen.values())}")
    return draft


def _tables(connection: Connection) -> Iterator[Table]:
    seen = Tables(connection)
    for name in sorted(set(seen.names) - OWN_TABLES):
        columns = seen.columns(name) or {}
        key = seen.inspector.get_pk_constraint(name)["constrained_columns"]
        yield Table(name, columns, key, _comment(seen, name))


def _comment(seen: Tables, name: str) -> str:
    try:
        return str(seen.inspector.get_table_comment(name)["text"] or "")
    except (NotImplementedError, sa.exc.NoSuchTableError):
        return ""


def _chosen(tables: Sequence[Table]) -> dict[str, Table | None]:
    """The likeliest table of each list; a table is used once, the lists one cannot do without choose first."""
    chosen: dict[str, Table | None] = {}
    for section in ("charges", "accounts", "payments", "late_fees", "contacts", "disputes", "holds"):
        scored = [(_score(section, table), table.name, table) for table in tables if table not in chosen.values()]
        best = max(scored, key=lambda one: (one[0], one[1]), default=None)
        chosen[section] = best[2] if best and best[0] > 0 else None
    return chosen


def _score(section: str, table: Table) -> int:
    """How like a list a table is: its name or comment must say so, and its columns bear it out."""
    words = set(re.split(r"[^a-z]+", table.name.lower()))
    known = set(_TABLES[section].split())
    titles = list_titles(section) if section != "people" else ()
    said = 3 * len(words & known) + 4 * any(title in table.comment for title in titles)
    if not said:
        return 0
    hits = sum(_guessed(section, each, table) is not None for each in _COLUMNS[section])
    required = [each for each in _COLUMNS[section] if fields_of(section)[each].required]
    lacking = sum(_guessed(section, each, table) is None for each in required)
    return said + 2 * hits - 6 * lacking


def _guessed(section: str, name: str, table: Table) -> str | None:
    """The column of a field: by its name, by the Chinese name in its comment, or the table's own key for an id."""
    field = fields_of(section)[name]
    by_name = _named(table, _COLUMNS[section].get(name, ""), field)
    if by_name is not None:
        return by_name
    for column, about in table.columns.items():
        comment = str(about.get("comment") or "")
        if comment and _fits(field, about["type"]) and any(title in comment for title in field.titles):
            return column
    return table.key[0] if name == "id" and len(table.key) == 1 else None


def _named(table: Table, names: str, field: Field | None = None) -> str | None:
    lower = {column.lower(): column for column in table.columns}
    for name in names.split():
        column = lower.get(name)
        if column is not None and (field is None or _fits(field, table.columns[column]["type"])):
            return column
    return None


def _fits(field: Field, kind: Any) -> bool:
    """Whether a column of that type may hold such a field."""
    match field.kind:
        case "money" | "number" | "rate":
            return isinstance(kind, sa.types.Numeric | sa.types.Integer)
        case "day" | "time":
            return isinstance(kind, sa.types.Date | sa.types.DateTime | sa.types.TIMESTAMP | sa.types.String)
        case _:
            return True


# Writing it down


def _accounts(draft: Draft, table: Table) -> None:
    draft.say("")
    draft.guess("accounts:", table.comment)
    _head(draft, table)
    key = _written(table.key) or _guessed("accounts", "id", table) or "..."
    draft.guess(f"  key: {key}", "各表用它指认户 / what the lists name an account by")
    draft.say("  fields:")
    for name in _COLUMNS["accounts"]:
        _field(draft, "accounts", name, table, optional=name not in ("id", "debtor.id"))
    draft.guess("    use: {value: 住宅}")
    draft.guess(
        "    # contract.late_fee_clause: {value: true}", "合同里写明了违约金才写 / only if the contracts say so"
    )


def _section(draft: Draft, section: str, table: Table, accounts: Table) -> None:
    draft.guess(f"{section}:", table.comment or list_titles(section)[0])
    _head(draft, table)
    link = _link(table, accounts)
    draft.guess(f"  account: {link}") if link else draft.gap("  account: ...")
    draft.say("  fields:")
    for name in _COLUMNS[section]:
        required = fields_of(section)[name].required or (section, name) == ("charges", "due")
        _field(draft, section, name, table, optional=not required)


def _head(draft: Draft, table: Table) -> None:
    draft.say(f"  table: {table.name}")
    deleted = _named(table, _DELETED)
    if deleted is not None:
        zero = "0" if isinstance(table.columns[deleted]["type"], sa.types.Integer) else "'0'"
        draft.guess(f"  where: {deleted} = {zero}", "没有删除的行 / rows that are not deleted")
    updated = _named(table, _UPDATED)
    if updated is not None:
        draft.guess(f"  updated_at: {updated}")


def _field(draft: Draft, section: str, name: str, table: Table, *, optional: bool) -> None:
    field, column = fields_of(section)[name], _guessed(section, name, table)
    likely = _LIKELY.get((section, name))
    if column is None:
        if likely is not None:
            draft.guess(f"    {name}: {{value: {likely}}}")
        elif not optional:
            draft.gap(f"    # {name}: ...  # {', '.join(table.columns)}")
        return
    about = table.columns[column]
    why = str(about.get("comment") or "")
    if field.kind == "money" and isinstance(about["type"], sa.types.Integer):
        draft.guess(f"    {name}: {{column: {column}, unit: fen}}", why or "分还是元 / fen or yuan?")
    elif field.kind == "word":
        seen = ", ".join(f'"{word}": {likely or "..."}' for word in draft.words(table.name, column))
        note = why or f"可以是 / one of: {', '.join(field.words)}"
        draft.guess(f"    {'' if likely else '# '}{name}: {{column: {column}, map: {{{seen}}}}}", note)
    else:
        draft.guess(f"    {name}: {column}", why)


def _written(columns: Sequence[str]) -> str:
    return columns[0] if len(columns) == 1 else f"[{', '.join(columns)}]" if columns else ""


def _link(table: Table, accounts: Table) -> str | None:
    """The columns that name the account: called like the accounts' key, or like what such columns are called."""
    key = [name for name in accounts.key if name in table.columns and name.lower() != "id"]
    if accounts.key and len(key) == len(accounts.key):
        return _written(key)
    named = f"{accounts.name}_id"
    if named in table.columns:
        return named
    return _named(table, _ACCOUNT)


def _listed(tables: Any) -> str:
    return ", ".join(table.name for table in tables) or "-"
