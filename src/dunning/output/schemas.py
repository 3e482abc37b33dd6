"""The JSON Schemas of all that goes in and comes out, made from the records the code itself works with.

For programs in other languages, and for the HTTP service: what is published is what is written. An open object has its
names from the rules; every other one has the keys named and no more.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from functools import cache
from typing import Any, Literal, get_args, get_origin, get_type_hints

from dunning.basis.errors import UsageError
from dunning.basis.finding import Finding, Severity, Text
from dunning.basis.span import Span
from dunning.engine.known.tables import Cause, Graded
from dunning.engine.law.verdict import WORDS
from dunning.engine.owed.fees import FeeState, Segment
from dunning.engine.result import Assessment, Balance, Facts, Shortfall, Status, Withheld
from dunning.engine.steps.candidates import CODES, Ask, Reason
from dunning.engine.timeline import SCENARIOS, Assumed
from dunning.engine.timeline import Kind as EventKind
from dunning.intake.account_schema import JsonSchema, account_shapes, described
from dunning.intake.headers import Amount, Share, is_closed, without_none
from dunning.model.account import Channel
from dunning.model.steps import Need
from dunning.output.sums import FEE_REASONS

Published = Literal["account", "assessment", "rejected", "verdict", "timeline", "finding", "difference"]

_ROOTS: Mapping[str, str] = {name: name.capitalize() for name in get_args(Published)}

_WORD: JsonSchema = {"type": "string"}
_WORDS: JsonSchema = {"type": "array", "items": _WORD}
_TRUTH: JsonSchema = {"type": "boolean"}
_CHANNEL: JsonSchema = {"type": "string", "enum": list(get_args(Channel))}
_WHOLE: JsonSchema = {"type": "integer"}


def json_schema(of: Published) -> JsonSchema:
    """The JSON Schema (2020-12) of a record: `account` goes in; the others are what comes out.

    `assessment` is `to_dict` of an answer and `rejected` of an account that got none, `verdict` is `verdict_dict`,
    `timeline` is `timeline_dict`, `difference` is `difference_dict`, `finding` one of the findings in them. Amounts are
    text with a pattern. Parts stand under `$defs` by name. UsageError for another word.
    """
    if of not in _ROOTS:
        known = ", ".join(_ROOTS)
        raise UsageError(Text(f"没有“{of}”的 schema; 有的是 {known}", f"no schema of `{of}`; there are {known}"))
    shapes = _shapes()
    parts = sorted(_needed_by(shapes, _ROOTS[of]))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$ref": f"#/$defs/{_ROOTS[of]}",
        "$defs": {name: shapes[name] for name in parts},
    }


def _needed_by(shapes: Mapping[str, JsonSchema], name: str) -> Iterator[str]:
    """A shape and all it names, directly or not, each once."""
    seen, waiting = {name}, [name]
    while waiting:
        one = waiting.pop()
        yield one
        others = set(_names_in(shapes[one])) - seen
        seen |= others
        waiting.extend(others)


def _names_in(shape: Any) -> Iterator[str]:
    if isinstance(shape, dict):
        if "$ref" in shape:
            yield shape["$ref"].removeprefix("#/$defs/")
        for inner in shape.values():
            yield from _names_in(inner)
    elif isinstance(shape, list):
        for inner in shape:
            yield from _names_in(inner)


@cache
def _shapes() -> dict[str, JsonSchema]:
    return {**account_shapes(), **_values(), **_answer(), **_verdict(), **_timeline(), **_difference()}


# Building stones


def _named(name: str) -> JsonSchema:
    return {"$ref": f"#/$defs/{name}"}


def _or_null(shape: JsonSchema) -> JsonSchema:
    return {"anyOf": [shape, {"type": "null"}]}


def _one_of(words: Iterable[str]) -> JsonSchema:
    return {"type": "string", "enum": list(words)}


def _list_of(shape: JsonSchema) -> JsonSchema:
    return {"type": "array", "items": shape}


def _closed(properties: JsonSchema, *, optional: Iterable[str] = (), description: str = "") -> JsonSchema:
    """An object with just these keys, all there but the optional ones."""
    told = {"description": description} if description else {}
    required = [name for name in properties if name not in set(optional)]
    return {"type": "object", **told, "properties": properties, "required": required, "additionalProperties": False}


# What a type hint of the engine's records is in JSON

_NAMED: Mapping[Any, str] = {
    Amount: "Yuan",
    Share: "Exact",
    date: "Day",
    datetime: "Moment",
    Facts: "Facts",
    Mapping[str, Graded]: "Grades",
    Mapping[str, tuple[Channel, ...]]: "Channels",
    Reason: "Reason",
    Finding: "Finding",
    Withheld: "Withheld",
}
_SIMPLE: Mapping[Any, JsonSchema] = {str: _WORD, int: _WHOLE, bool: _TRUTH, Span: _WORD}


def _of(hint: Any, found: dict[str, JsonSchema]) -> JsonSchema:
    """The shape of a hint; a record that it names is added to those found."""
    inner = without_none(hint)
    if inner is not hint:
        return _or_null(_of(inner, found))
    if hint in _NAMED:
        return _named(_NAMED[hint])
    if is_closed(hint):
        return _one_of(get_args(hint))
    if get_origin(hint) is tuple:
        args = get_args(hint)
        if args[-1] is Ellipsis:
            return _list_of(_of(args[0], found))
        assert set(args) == {args[0]}, hint
        return {**_list_of(_of(args[0], found)), "minItems": len(args), "maxItems": len(args)}
    if hint in _SIMPLE:
        return _SIMPLE[hint]
    if hint.__name__ not in found:
        found[hint.__name__] = {}
        found[hint.__name__] = _record(hint, found)
    return _named(hint.__name__)


def _record(record: type, found: dict[str, JsonSchema]) -> JsonSchema:
    """A record field by field, but for those that are written in another way."""
    spelt = {**vars(sys.modules[record.__module__]), "Fen": Amount, "Rate": Share}
    instead = _WRITTEN.get(record, {})
    hints = {name: hint for name, hint in get_type_hints(record, spelt).items() if not name.startswith("_")}
    drawn = {name: _of(hint, found) for name, hint in hints.items() if name not in instead}
    properties = {**instead, **drawn}
    return _closed({name: shape for name, shape in properties.items() if shape}, description=described(record))


_RULEBOOK = _closed(dict.fromkeys(("name", "version", "digest"), _WORD))
_WRITTEN: Mapping[type, Mapping[str, JsonSchema | None]] = {
    Assessment: {
        "company": _WORD,
        "account": _WORD,
        "status": _one_of(each for each in get_args(Status) if each != "rejected"),
        "rulebook": _or_null(_RULEBOOK),
        "law": _closed({"places": _WORDS, "digest": _or_null(_WORD)}),
        "book": None,
        "read": None,
    },
    Balance: {"total": _named("Yuan")},
    FeeState: {"why": _or_null(_one_of(FEE_REASONS)), "segments": _list_of(_named("Segment")), "accrual": None},
    Segment: {"exact": _named("Exact")},
    Ask: {"total": _named("Yuan")},
    Shortfall: {"title": _or_null(_WORD)},
}
"""The fields that JSON has in another way than the record, or (None) has not."""


# Values


def _values() -> dict[str, JsonSchema]:
    plain = [_WORD, _WHOLE, _TRUTH, _WORDS, {"type": "null"}]
    unknown = _closed({"unknown": _WORDS}, description="Not known: what is missing.")
    return {
        "Yuan": {"type": "string", "pattern": r"^-?[0-9]+\.[0-9]{2}$", "description": "Yuan. 金额, 单位元"},
        "Exact": {
            "type": "string",
            "pattern": r"^[0-9]+(?:\.[0-9]+|/[1-9][0-9]*)?$",
            "description": "A decimal where it ends, else a fraction in lowest terms.",
        },
        "Moment": {"type": "string", "format": "date-time"},
        "FactValue": {"anyOf": [*plain, unknown]},
        "Facts": {"type": "object", "additionalProperties": _named("FactValue")},
        "Grades": {"type": "object", "additionalProperties": _named("Grade")},
        "Grade": _closed(
            {
                "value": {"anyOf": plain},
                "title": _or_null(_WORD),
                "row": {"anyOf": [_WHOLE, _list_of(_WHOLE), {"type": "null"}]},
                "at": _or_null(_WORD),
                "undetermined": _one_of(each for each in get_args(Cause) if each),
                "because": _WORDS,
            },
            optional=("undetermined", "because"),
            description="The answer of a table, and the row that gave it.",
        ),
        "Channels": {
            "type": "object",
            "properties": {mode: _list_of(_CHANNEL) for mode in ("first_of", "all_of")},
            "additionalProperties": False,
        },
        "Reason": _reason(),
        "Finding": _closed(
            {
                "code": _WORD,
                "severity": _one_of(get_args(Severity)),
                "at": _or_null(_WORD),
                "message": _WORD | {"description": "中文"},
                "message_en": _WORD,
            },
            description="Something wrong or doubtful about the data or the rules.",
        ),
    }


def _reason() -> JsonSchema:
    kinds = dict.fromkeys(get_args(get_type_hints(Reason)["kind"]), _WORD)
    properties = {"code": _one_of(CODES), **kinds, "value": _named("FactValue"), "at": _WORD}
    return _closed(properties, optional=properties, description="What led to it: one thing, and what was read of it.")


# Answers


def _answer() -> dict[str, JsonSchema]:
    found: dict[str, JsonSchema] = {"Segment": {}}
    found["Segment"] = _record(Segment, found)
    _of(Assessment, found)
    found["Withheld"] = _closed(
        {
            "step": _WORD,
            "charge": _or_null(_WORD),
            "code": _one_of(CODES),
            "codes": _list_of(_one_of(CODES)),
            "until": _or_null(_named("Day")),
            "because": _list_of(_named("Reason")),
        },
        description=described(Withheld),
    )
    found["Rejected"] = _closed(
        {
            **dict.fromkeys(("company", "account", "debtor"), _WORD),
            "status": _one_of(["rejected"]),
            "where": _or_null(_WORD),
            "findings": _list_of(_named("Finding")),
        },
        description="An account that got no answer, and every reason.",
    )
    return found


def _verdict() -> dict[str, JsonSchema]:
    article = _closed(dict.fromkeys(("id", "cite", "says"), _WORD))
    rest = _closed(
        {
            "code": _one_of(("hold", "plan", "promise", "dispute", "unknown")),
            "says": _WORD,
            "record": _WORD,
            "until": _or_null(_named("Day")),
            "charges": _or_null(_WORDS),
        },
        description="What lets the step rest today, which is no matter of law.",
    )
    properties = {
        "action": _WORD,
        "title": _WORD,
        "verdict": _one_of(WORDS),
        "on": _named("Day"),
        "places": _WORDS,
        "articles": _list_of(article),
        "reason": _WORD,
        "conditions": _WORDS,
        "needs": _list_of(_one_of(get_args(Need))),
        "charges": _or_null(_WORDS),
        "rests": _list_of(rest),
        "conflicts": _WORDS,
        "unresearched": _WORDS,
        "unreviewed": _WORDS,
    }
    return {"Verdict": _closed(properties, description="Whether an action may be done, and by which articles.")}


def _timeline() -> dict[str, JsonSchema]:
    event = _closed(
        {
            "on": _named("Day"),
            "kind": _one_of(get_args(EventKind)),
            "name": _WORD,
            "title": _WORD,
            "charge": _or_null(_WORD),
            "tone": _or_null(_WORD),
            "channels": _list_of(_CHANNEL),
            "amount": _or_null(_named("Yuan")),
            "until": _or_null(_named("Day")),
            "times": _WHOLE,
            "days": _list_of(_named("Day")),
            "assumed": _list_of(_one_of(get_args(Assumed))),
        },
        description="Something that happens on a day; what comes round again is one event with all its days.",
    )
    properties = {
        **dict.fromkeys(("company", "account"), _WORD),
        **{name: _named("Day") for name in ("since", "until")},
        "scenario": _WORD | {"examples": list(SCENARIOS)},
        "rulebook": _or_null(_RULEBOOK),
        "events": _list_of(_named("Event")),
        "reviews": _list_of(_named("Day")),
    }
    return {"Event": event, "Timeline": _closed(properties, description="One account played forward.")}


# The difference of two books


def _difference() -> dict[str, JsonSchema]:
    """Of `compare`, which stands above this floor: what it writes is held to this by its tests."""
    witness = _closed(
        {"on": _named("Day"), **dict.fromkeys(("like", "old", "new"), _WORD)},
        description="A household that was assessed under both books, and what each says.",
    )
    move = _closed(
        {
            **dict.fromkeys(("where", "old", "new"), _WORD),
            "since": _or_null(_named("Day")),
            "more": _TRUTH,
            "witness": _or_null(_named("Witness")),
        },
        description="Households of which something else is said now: `where` says which.",
    )
    change = _closed(
        {
            **dict.fromkeys(("clause", "title"), _WORD),
            "how": _one_of(("added", "removed", "changed", "moved", "follows")),
            "because": _WORDS,
            "undecided": _TRUTH,
            **dict.fromkeys(("old_at", "new_at"), _or_null(_WORD)),
            "parts": _list_of(_closed(dict.fromkeys(("what", "old", "new"), _WORD))),
            "moves": _list_of(_named("Move")),
        },
        description="One clause that differs: what it said, what it says, and whose answer changes.",
    )
    version = _or_null(_closed(dict.fromkeys(("version", "file", "digest"), _WORD)))
    changes = _list_of(_named("Change"))
    compared = _closed(
        {
            **dict.fromkeys(("name", "title"), _WORD),
            **dict.fromkeys(("old", "new"), version),
            **dict.fromkeys(("changes", "wording"), changes),
            "same": _WORDS,
        },
        description="Two versions of one book; null where it is new, or gone.",
    )
    properties = {
        "on": _named("Day"),
        "differs": _TRUTH,
        "books": _list_of(_named("Compared")),
        **dict.fromkeys(("ground", "ground_wording"), changes),
        **dict.fromkeys(("new_findings", "gone_findings"), _list_of(_named("RuleFinding"))),
        "impact": _named("Impact"),
    }
    optional = ("new_findings", "gone_findings", "impact")
    return {
        "Witness": witness,
        "Move": move,
        "Change": change,
        "Compared": compared,
        **_impact(),
        "RuleFinding": _rule_finding(),
        "Difference": _closed(properties, optional=optional, description="What differs between two rule books."),
    }


def _impact() -> dict[str, JsonSchema]:
    money = _closed({"count": _WHOLE, **dict.fromkeys(("arrears", "late_fee"), _named("Yuan"))})
    both = _closed(dict.fromkeys(("before", "after"), money))
    answers = _closed({"old": _WORD, "new": _WORD, "count": _WHOLE, "accounts": _WORDS})
    counted = _closed(dict.fromkeys(("before", "after", "added", "dropped"), _WHOLE))
    properties = {
        **dict.fromkeys(("households", "rejected", "moved", "late_fee_changed"), _WHOLE),
        "status": _list_of(_closed({"old": _WORD, "new": _WORD, "count": _WHOLE})),
        "total": _named("BeforeAfter"),
        "late_fee_undetermined": _closed(dict.fromkeys(("before", "after"), _WHOLE)),
        "moves": {"type": "object", "additionalProperties": _list_of(answers)},
        "money": {
            "type": "object",
            "additionalProperties": {"type": "object", "additionalProperties": _named("BeforeAfter")},
        },
        "steps": {"type": "object", "additionalProperties": counted},
        "reasons": _list_of(_closed({"step": _WORD, "code": _one_of(CODES), "new": _WHOLE, "gone": _WHOLE})),
    }
    told = "What becomes of a portfolio: `moves` and `money` by table, `steps` due that day, `reasons` for not doing."
    return {"BeforeAfter": both, "Impact": _closed(properties, description=told)}


def _rule_finding() -> JsonSchema:
    place = {"file": _WORD, **dict.fromkeys(("line", "column"), _or_null(_WHOLE))}
    properties = {
        "code": _WORD,
        "severity": _one_of(get_args(Severity)),
        **place,
        **dict.fromkeys(("message", "help"), _WORD),
        "related": _list_of(_closed({**place, "message": _WORD})),
    }
    return _closed(
        properties, description="Something wrong or doubtful about a rule file, as `dunning check` tells it."
    )
