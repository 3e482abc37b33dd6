"""What the models of rule files are made of: words of closed sets, dated values, lengths of time, conditions.

Models are for editors only: a field says what to draw in the JSON Schema, and what to tell who hovers over it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from dunning.basis.finding import Text
from dunning.lang.words import words
from dunning.model.action import ACTIONS


def one_of(vocabulary: Mapping[Any, Text]) -> dict[str, Any]:
    """One word of a closed set, by id or by Chinese title."""
    titles = [title.zh for title in vocabulary.values() if title.zh and title.zh not in vocabulary]
    told = "、".join(f"{name} {title.zh}" for name, title in vocabulary.items())
    return {"enum": [*vocabulary, *titles], "description": f"可选: {told}"}


def dated(one: dict[str, Any]) -> dict[str, Any]:
    """A value, or values by the day they hold from."""
    days = {"type": "object", "patternProperties": {r"^\d{4}-\d{2}-\d{2}$": one}, "additionalProperties": False}
    return {"anyOf": [one, {**days, "description": "按起始日期: {2021-01-01: 值, 2026-01-01: 值}"}]}


SCALAR = {"type": ["string", "number", "boolean", "null"]}
TEXT = {"type": ["string", "number"]}
TEST: dict[str, Any] = {"anyOf": [SCALAR, {"type": "array", "items": SCALAR}]}
CONDITION = {"x-ref": "Condition"}
CHANNELS = {"anyOf": [one_of(words.CHANNELS), {"x-ref": "Channels"}]}
LIST_OF_ROLES = {"type": "array", "items": one_of(words.ROLES)}
APPROVAL = {"anyOf": [{"x-ref": "Approval"}, LIST_OF_ROLES, one_of(words.ROLES)]}
WORDS = {"type": "object", "additionalProperties": TEXT}
LIST_OF_WORDS = {"type": "array", "items": TEXT}
FACT_TYPE = {"anyOf": [one_of(words.FACT_TYPES), LIST_OF_WORDS, WORDS]}
OUTPUT = {"anyOf": [one_of(words.KINDS), LIST_OF_WORDS, {"type": "object"}]}
LATE_FEE = {"anyOf": [{"x-ref": "LateFee"}, {"type": "array", "items": {"x-ref": "LateFee"}}]}
USE = {"anyOf": [TEXT, LIST_OF_WORDS], "description": "取用基础规则书的表"}
TABLES = {
    "type": "object",
    "properties": {"use": USE, "取用": USE},
    "additionalProperties": {"x-ref": "Table"},
}
EITHER_TITLE = {
    "anyOf": [
        TEXT,
        {
            "type": "object",
            "properties": {"zh": TEXT, "en": TEXT},
            "required": ["zh"],
            "additionalProperties": False,
        },
    ]
}
TABLE_OR = {
    "type": "object",
    "properties": {"by": {"type": "string", "description": "取值的表"}},
    "required": ["by"],
    "additionalProperties": False,
}

Value = Annotated[str, WithJsonSchema(TEXT)]
When = Annotated[dict[str, Any], WithJsonSchema(CONDITION)]
Day = Annotated[str, WithJsonSchema({"type": ["string", "null"], "pattern": r"^\d{4}-\d{2}-\d{2}$"})]
Length = Annotated[
    str, WithJsonSchema({"type": "string", "description": "时长: 30d、10wd、3mo、1y、48h, 或 30天、10个工作日"})
]
Dates = Annotated[
    str,
    WithJsonSchema(
        {"type": "string", "description": "何时: due - 15d .. due - 7d, 或 day 1..3 of month, 或 到期后3天"}
    ),
]
Texts = Annotated[list[str], WithJsonSchema({"anyOf": [TEXT, {"type": "array", "items": TEXT}]})]
Named = Annotated[dict[str, str], WithJsonSchema({"type": "object", "additionalProperties": {"type": "string"}})]
Title = Annotated[str, WithJsonSchema(EITHER_TITLE)]
Action = Annotated[str, WithJsonSchema({"type": "string", "examples": list(ACTIONS)})]
Role = Annotated[str, WithJsonSchema({"anyOf": [one_of(words.ROLES), TABLE_OR]})]
Tone = Annotated[str, WithJsonSchema({"anyOf": [one_of(words.TONES), TABLE_OR]})]
Template = Annotated[str, WithJsonSchema({"anyOf": [{"type": "string"}, TABLE_OR]})]
Events = Annotated[
    list[str], WithJsonSchema({"type": "array", "items": {"type": "string"}, "examples": [["expired(formal_demand)"]]})
]


class Shape(BaseModel):
    """Every section: no key but those named, `from_` and the like written without the underscore."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)


def field(told: str, name: str | None = None, *, required: bool = False) -> Any:
    return Field(..., description=told, alias=name) if required else Field(None, description=told, alias=name)


def shaped(schema: dict[str, Any], told: str, name: str | None = None, *, required: bool = False) -> Any:
    """A field whose schema is written out, for what the types of Python cannot say."""

    def write(drawn: dict[str, Any]) -> None:
        drawn.clear()
        drawn.update({**schema, "description": "; ".join(filter(None, [told, schema.get("description")]))})

    default = ... if required else None
    return Field(default, description=told, alias=name, json_schema_extra=write)


def one_word(vocabulary: Mapping[Any, Text], told: str, name: str | None = None, *, required: bool = False) -> Any:
    return shaped(one_of(vocabulary), told, name, required=required)


def some_words(vocabulary: Mapping[Any, Text], told: str, *, required: bool = False) -> Any:
    one = one_of(vocabulary)
    return shaped({"anyOf": [one, {"type": "array", "items": one}]}, told, required=required)
