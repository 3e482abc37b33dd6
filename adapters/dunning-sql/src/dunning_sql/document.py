"""A mapping file to a mapping: every key known, every value fitting its field, every mistake with its place.

Nothing here asks a database; that the tables and columns are there is seen by `schema`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta, tzinfo
from pathlib import Path
from typing import Literal, cast, get_args

from dunning.adapter import documents as yaml
from dunning.adapter.documents import Finding, Node, Scalar, Text, compose, has_errors, in_order
from dunning.adapter.fields import RECORD_LISTS, Field, fields_of, list_titles
from dunning_sql.desk import Desk, Entries, named, nothing, places
from dunning_sql.mapping import (
    NO_DATES,
    PERIOD,
    SHANGHAI,
    Changes,
    LateFeesBy,
    Ledger,
    Section,
    SqlMapping,
    Value,
    Write,
    fields_in,
    parameters_in,
)
from dunning_sql.values import ValueReader, zone_named

NEEDS = ("accounts", "charges")
INNER = ("payments.settles", "plans.instalments")
_HEAD = ("mapping", "late_fees_by", "ledger", "changes", "overlap", "zone", "no_date", "parameters")
_TOP = (*_HEAD, "accounts", *RECORD_LISTS, *INNER, "people", "write")
_KEY: Mapping[str, str] = {"accounts": "key", "people": "key", **dict.fromkeys(INNER, "record")}
_SECTION = ("table", "select", "where", "fields")
_MORE: Mapping[str, tuple[str, ...]] = {"accounts": ("updated_at", "gone", "into"), "people": ()}
_WRITE = ("table", "key", "id", "fields", "set")

_GONE = Field("gone", "word", words=dict.fromkeys(("closed", "merged", "erased", "deleted"), ()))
_UPDATED = Field("updated_at", "time")
_CHANNELS = tuple(fields_of("contacts")["channel"].words)
_PEOPLE = {name: Field(name, "text") for name in ("name", *_CHANNELS)}

_POSTING = {
    **{name: Field(name, "text") for name in ("key", "company", "account", "charge", "because", "approvals")},
    "kind": Field("kind", "word", words=dict.fromkeys(("late_fee", "late_fee_correction", "waiver"), ())),
    "amount": Field("amount", "money"),
    "through": Field("through", "day"),
}
_CONTACT = {**{name: Field(name, "text") for name in ("company", "account")}, **fields_of("contacts")}
_WRITABLE: Mapping[Literal["late_fees", "contacts"], Mapping[str, Field]] = {
    "late_fees": _POSTING,
    "contacts": _CONTACT,
}

_SPAN_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def read_file(path: str | Path) -> tuple[SqlMapping | None, list[Finding]]:
    """The mapping in a file, as `read_mapping`; OSError if there is no such file."""
    name = Path(path).as_posix()
    return read_mapping(Path(path).read_bytes(), name)


def read_mapping(
    text: str | bytes, file: str, *, needs: Sequence[str] = NEEDS
) -> tuple[SqlMapping | None, list[Finding]]:
    """The mapping of a text, and every finding by place. None if there are errors among them. Never raises.

    `needs`: the lists it must have; a program that brings the charges itself needs accounts alone.
    """
    mapping, found = examined(text, file, needs=needs)
    return (None if has_errors(found) else mapping), found


def examined(text: str | bytes, file: str, *, needs: Sequence[str] = NEEDS) -> tuple[SqlMapping | None, list[Finding]]:
    """As `read_mapping`, with what can be made of a mapping that has errors: to look at, and never to read by."""
    root, findings = compose(text, file)
    lines = (text if isinstance(text, str) else text.decode("utf-8", "replace")).splitlines()
    if root is None:
        return None, findings
    desk = Desk(file, lines)
    mapping = _mapping(desk, root, needs)
    return mapping, in_order([*findings, *desk.results()])


def _mapping(desk: Desk, root: Node, needs: Sequence[str]) -> SqlMapping:
    whole = Text("映射", "the mapping")
    entries = desk.open(root, _TOP, whole, ("mapping", *needs))
    reader = ValueReader(desk)
    sections: dict[str, Section] = {}
    empty: set[str] = set()
    for name in ("accounts", *RECORD_LISTS, *INNER):
        if name not in entries or nothing(entries[name][1]):
            continue
        node = entries[name][1]
        if isinstance(node, Scalar) and node.text == "none" and name in RECORD_LISTS and name != "charges":
            empty.add(name)
        else:
            sections[name] = _section(reader, name, node, fields_in(name))
    mapping = SqlMapping(
        name=desk.text(entries, "mapping"),
        file=desk.file,
        at=entries["mapping"][1].span if "mapping" in entries else root.span,
        sections=sections,
        empty=frozenset(empty),
        people=_section(reader, "people", entries["people"][1], _PEOPLE) if "people" in entries else None,
        writes=_writes(reader, entries),
        late_fees_by=cast(LateFeesBy, desk.word(entries, "late_fees_by", get_args(LateFeesBy), "none")),
        ledger=cast(Ledger, desk.word(entries, "ledger", get_args(Ledger), "events")),
        changes=cast(Changes, desk.word(entries, "changes", get_args(Changes), "none")),
        overlap=_overlap(desk, entries),
        zone=_zone(desk, entries),
        no_dates=desk.texts(entries, "no_date") or NO_DATES,
        parameters=_parameters(desk, entries),
        lines=tuple(desk.lines),
    )
    if "accounts" in sections:
        _agree(desk, mapping, entries)
    return mapping


def _zone(desk: Desk, entries: Entries) -> tzinfo:
    text = desk.text(entries, "zone")
    return (zone_named(desk, text, entries["zone"][1].span) if text else None) or SHANGHAI


def _overlap(desk: Desk, entries: Entries) -> timedelta:
    text = desk.text(entries, "overlap", "15 m")
    found = re.fullmatch(r"(\d{1,6}) ?(s|m|h|d)(?:ec|econds?|in|inutes?|ours?|ays?)?", text)
    if found is None:
        desk.report("P114", entries["overlap"][1].span, text=text)
        return timedelta(minutes=15)
    return timedelta(seconds=int(found[1]) * _SPAN_UNITS[found[2]])


def _parameters(desk: Desk, entries: Entries) -> dict[str, str | int]:
    """What stands for `:names` in SQL; a number is one unless it is quoted."""
    if "parameters" not in entries:
        return {}
    what = named("parameters")
    found: dict[str, str | int] = {}
    for key, node in desk.entries(entries["parameters"][1], what):
        text = desk.single(node, what)
        whole = isinstance(node, Scalar) and not node.quoted and re.fullmatch(r"-?\d{1,18}", text)
        found[key.text] = int(text) if whole else text
    return found


# Sections


def _what(name: str) -> Text:
    titles = list_titles(name) if name in RECORD_LISTS else ()
    return Text(f"{titles[0]} ({name})" if titles else f"“{name}”", f"`{name}`")


def _section(reader: ValueReader, name: str, node: Node, fields: Mapping[str, Field]) -> Section:
    desk, key = reader.desk, _KEY.get(name, "account")
    known = (*_SECTION, key, *_MORE.get(name, () if name in INNER else ("updated_at",)))
    entries = desk.open(node, known, _what(name), ("fields",) if name == "accounts" else ("fields", key))
    if ("table" in entries) == ("select" in entries) and isinstance(node, yaml.Mapping):
        desk.report("P107", node.span, what=_what(name), one="table", other="select")
    values = _fields(reader, name, entries, fields)
    ids = next((value.columns for value in values if value.name == "id"), ())
    return Section(
        name=name,
        table=desk.text(entries, "table"),
        select=desk.text(entries, "select").rstrip("; \n"),
        key=desk.texts(entries, key) or (ids if name == "accounts" else ()),
        where=desk.text(entries, "where"),
        changed_at=reader.value(_UPDATED, entries["updated_at"][1]) if "updated_at" in entries else None,
        gone=reader.value(_GONE, entries["gone"][1], open_ended=True) if "gone" in entries else None,
        into=desk.text(entries, "into"),
        values=values,
        places={"section": node.span, **places(entries), "key": entries[key][1].span if key in entries else node.span},
    )


def _fields(reader: ValueReader, name: str, entries: Entries, fields: Mapping[str, Field]) -> tuple[Value, ...]:
    if "fields" not in entries:
        return ()
    what = _what(name)
    if not isinstance(entries["fields"][1], yaml.Mapping):
        reader.desk.entries(entries["fields"][1], what)
        return ()
    found = []
    for key, node in reader.desk.entries(entries["fields"][1], what):
        field = reader.field(name, key, fields)
        if field is not None and not nothing(node):
            found.append(reader.value(field, node))
    names = {value.name: value for value in found}
    halves = [name for name in names if name.startswith("period.")]
    if PERIOD.name in names and halves:
        whole = named(PERIOD.name)
        reader.desk.report("P107", names[halves[0]].at, what=whole, one=PERIOD.name, other=halves[0])
    needed = [field.name for field in fields.values() if field.required]
    if name == "charges" and "opening.on" not in names:
        needed.append("due")
    for lacking in needed:
        if lacking not in names:
            reader.desk.lacks(entries["fields"][0].span, what, lacking)
    return tuple(found)


def _writes(reader: ValueReader, entries: Entries) -> dict[str, Write]:
    """The tables that may be written: nothing is, that is not named here."""
    if "write" not in entries:
        return {}
    desk, found = reader.desk, {}
    for name, (_, node) in desk.open(entries["write"][1], tuple(_WRITABLE), named("write")).items():
        kind = cast(Literal["late_fees", "contacts"], name)
        what = Text(f"write 的 {name}", f"`write: {name}`")
        own = desk.open(node, _WRITE, what, ("table", "key", "fields"))
        values = []
        for key, inner in desk.entries(own["fields"][1], what) if "fields" in own else []:
            field = reader.field(f"write.{name}", key, _WRITABLE[kind])
            if field is not None:
                values.append(reader.value(field, inner, writing=True))
        constants = [(key, inner) for key, inner in desk.entries(own["set"][1], what)] if "set" in own else []
        found[name] = Write(
            name=kind,
            table=desk.text(own, "table"),
            key=desk.text(own, "key"),
            id=desk.text(own, "id") or desk.text(own, "key"),
            values=tuple(values),
            constants={key.text: None if nothing(inner) else desk.single(inner, what) for key, inner in constants},
            places={"section": node.span, **places(own), **{f"set.{key.text}": key.span for key, _ in constants}},
        )
    return found


# What the sections say together


def _agree(desk: Desk, mapping: SqlMapping, entries: Entries) -> None:
    accounts = mapping.accounts
    for name, section in mapping.sections.items():
        outer, _, inner = name.partition(".")
        if inner and outer not in mapping.sections:
            desk.report("P115", section.places["section"], inner=name, outer=outer)
        aim = _aim(mapping, outer if inner else "accounts", inner)
        if name != "accounts" and section.key and aim and len(section.key) != len(aim):
            wanted = ", ".join(aim)
            desk.report("P109", section.places["key"], what=_what(name), found=len(section.key), wanted=wanted)
        if mapping.changes == "complete" and section.changed_at is None and not inner:
            desk.report("P110", entries["changes"][1].span, what=_what(name))
        for key in ("where", "select"):
            for parameter in parameters_in(getattr(section, key)):
                if parameter not in mapping.parameters:
                    fix = f"parameters: {{{parameter}: ...}}"
                    desk.report("P113", section.places[key], name=parameter, fix=fix)
    for value in accounts.values:
        if value.name in ("id", "company", "debtor.id"):
            _identity(desk, value)


def _aim(mapping: SqlMapping, name: str, inner: str) -> tuple[str, ...]:
    """The columns that a list's key points at: the accounts' key, or the id of the records it lies in."""
    section = mapping.sections.get(name)
    if section is None or not inner:
        return () if section is None else section.key
    ids = section.value("id")
    return () if ids is None else ids.columns


def _identity(desk: Desk, value: Value) -> None:
    """Ids stay what they are in the ERP, or two people become one, or nobody finds the row again."""
    if value.name != "company":
        for option, given in (("map", value.map is not None), ("empty", value.empty is not None)):
            if given:
                desk.report("P112", value.at, what=named(value.name), option=option)
    if value.map is not None:
        if value.has_other:
            desk.report("P112", value.at, what=named(value.name), option="else")
        seen: dict[str | None, str] = {}
        for raw, told in value.map.items():
            first = seen.setdefault(told, raw)
            if first != raw:
                desk.report("P111", value.map_at[raw], first=first, second=raw, value=told)
