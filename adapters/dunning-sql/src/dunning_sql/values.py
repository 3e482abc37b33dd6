"""One field of a mapping: `column`, or `{column: .., map: .., unit: ..}`, checked against what the field can hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from zoneinfo import ZoneInfo

from dunning.adapter import documents as yaml
from dunning.adapter.documents import Node, Scalar, Span, Text, did_you_mean, nearest
from dunning.adapter.fields import Field
from dunning_sql.desk import COLUMN, Desk, Entries, named, nothing
from dunning_sql.mapping import MONEY_UNITS, PERIOD, RATE_UNITS, SHANGHAI, TIME_UNITS, Value
from dunning_sql.periods import MONTHS, period_of

_OPTIONS = ("column", "columns", "value", "join", "map", "else", "empty", "unit", "format", "zone", "split")
_WRITING = ("column", "map", "else", "empty", "unit", "format")
_UNITS: Mapping[str, tuple[str, ...]] = {
    "money": MONEY_UNITS,
    "rate": RATE_UNITS,
    "day": TIME_UNITS,
    "time": TIME_UNITS,
    PERIOD.name: tuple(MONTHS),
}
_TRUTHS = ("true", "false")
_KINDS = {
    "text": Text("文字", "text"),
    "word": Text("固定的几个词之一", "one of a closed set"),
    "money": Text("金额", "an amount"),
    "rate": Text("费率", "a rate"),
    "number": Text("数", "a number"),
    "day": Text("日期", "a date"),
    "time": Text("时间", "a time"),
    "truth": Text("是或否", "true or false"),
    PERIOD.name: Text("账期", "a period"),
}


@dataclass(slots=True)
class ValueReader:
    """Reads the fields of one mapping file onto its desk."""

    desk: Desk

    def field(self, section: str, key: Scalar, fields: Mapping[str, Field]) -> Field | None:
        """The field a key names; attributes go by any name."""
        name = key.text
        if section == "accounts" and name.startswith("attributes.") and len(name) > len("attributes."):
            return Field(name, "text")
        field = fields.get(name)
        if field is None:
            titles = {title: each.name for each in fields.values() for title in each.titles}
            near = titles.get(name) or nearest(name, fields)
            fix = self.desk.mended(key.span, near) if near else ""
            known, hint = ", ".join(fields), did_you_mean(near)
            self.desk.report("P105", key.span, fix=fix, name=name, what=named(section), hint=hint, known=known)
        elif field.kind == "record":
            self.desk.report("P106", key.span, name=name, section=f"{section}.{name}")
            return None
        return field

    def value(self, field: Field, node: Node, *, open_ended: bool = False, writing: bool = False) -> Value:
        """Where a field comes from (or, `writing`, goes to). `open_ended`: what a map does not name is nothing."""
        what = named(field.name)
        if isinstance(node, Scalar) and not nothing(node):
            return Value(field=field, at=node.span, columns=(node.text.strip(),), has_other=open_ended)
        if not isinstance(node, yaml.Mapping):
            self.desk.report("P103", node.span, what=what, wanted=COLUMN)
            return Value(field=field, at=node.span)
        entries = self.desk.open(node, _WRITING if writing else _OPTIONS, what)
        columns = (*self.desk.texts(entries, "column"), *self.desk.texts(entries, "columns"))
        if (bool(columns) == ("value" in entries)) or ("column" in entries and "columns" in entries):
            self.desk.report("P107", node.span, what=what, one="column", other="columns" if columns else "value")
        mapped, places = self._map(field, entries, writing=writing)
        return Value(
            field=field,
            at=entries["column"][1].span if "column" in entries else node.span,
            columns=columns,
            constant=self._target(field, entries, "value"),
            join=self.desk.text(entries, "join", "/"),
            map=mapped,
            map_at=places,
            other=self._target(field, entries, "else", writing=writing),
            has_other=open_ended or "else" in entries,
            empty=self._target(field, entries, "empty", writing=writing),
            unit=self._unit(field, entries),
            format=self._only_for(field, entries, "format", ("day", "time", PERIOD.name)),
            zone=self._zone(field, entries),
            split=self.desk.text(entries, "split"),
        )

    def _map(
        self, field: Field, entries: Entries, *, writing: bool
    ) -> tuple[dict[str, str | None] | None, dict[str, Span]]:
        if "map" not in entries:
            return None, {}
        found: dict[str, str | None] = {}
        places: dict[str, Span] = {}
        for key, node in self.desk.entries(entries["map"][1], named("map")):
            raw = self._word(field, key) if writing else key.text
            if raw is not None:
                places[raw] = node.span
                found[raw] = None if nothing(node) else self._told(field, node, writing=writing)
        return found, places

    def _target(self, field: Field, entries: Entries, key: str, *, writing: bool = False) -> str | None:
        if key not in entries or nothing(entries[key][1]):
            return None
        return self._told(field, entries[key][1], writing=writing)

    def _told(self, field: Field, node: Node, *, writing: bool) -> str | None:
        """What a map gives: any text where the ERP's column takes it, else something the field can hold."""
        if not isinstance(node, Scalar):
            self.desk.single(node, named(field.name))
            return None
        return node.text if writing else self._word(field, node)

    def _word(self, field: Field, scalar: Scalar) -> str | None:
        """A member of a closed set, by id or Chinese word; other kinds as written."""
        if field == PERIOD and period_of(scalar.text) is None:
            self.desk.not_in_set(scalar.text, scalar.span, named(field.name), ("2026-01", "2026-Q1", "2026"))
            return None
        known = tuple(field.words) if field.kind == "word" else _TRUTHS if field.kind == "truth" else ()
        if not known or scalar.text in known:
            return scalar.text
        for value, words in field.words.items():
            if scalar.text in words:
                return value
        self.desk.not_in_set(scalar.text, scalar.span, named(field.name), known)
        return None

    def _unit(self, field: Field, entries: Entries) -> str:
        unit = self.desk.text(entries, "unit")
        known = _UNITS.get(_kind(field), ())
        if unit and unit not in known:
            kind = _KINDS.get(_kind(field), Text("", ""))
            at = entries["unit"][1].span
            near = nearest(unit, known)
            fix = self.desk.mended(at, near) if near else ""
            told = Text("、".join(known) or "无", ", ".join(known) or "none")
            self.desk.report("P108", at, fix=fix, what=named(field.name), kind=kind, unit=unit, known=told)
            return ""
        return unit

    def _only_for(self, field: Field, entries: Entries, key: str, kinds: tuple[str, ...]) -> str:
        text = self.desk.text(entries, key)
        if text and _kind(field) not in kinds:
            kind = _KINDS[_kind(field)]
            self.desk.report("P116", entries[key][1].span, what=named(field.name), option=key, kind=kind)
        return text

    def _zone(self, field: Field, entries: Entries) -> tzinfo | None:
        text = self._only_for(field, entries, "zone", ("day", "time", PERIOD.name))
        return zone_named(self.desk, text, entries["zone"][1].span) if text else None


def _kind(field: Field) -> str:
    return field.name if field == PERIOD else field.kind


def zone_named(desk: Desk, text: str, at: Span) -> tzinfo | None:
    """A zone by its name (`UTC`); noted if there is none."""
    if text == "Asia/Shanghai":
        return SHANGHAI
    try:
        return ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        desk.not_in_set(text, at, named("zone"), ("Asia/Shanghai", "UTC"))
        return None
