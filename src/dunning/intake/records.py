"""The door for records: a mapping from JSON, a table or a program -> a frozen Account, or every reason why not.

Whoever reads findings knows the ERP and not Python, so what the schema refuses is told in the words of the records.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, is_dataclass, replace
from datetime import date
from reprlib import Repr
from typing import Any, get_args

from pydantic_core import ErrorDetails, PydanticCustomError, ValidationError

from dunning.basis.errors import AccountError
from dunning.basis.finding import Finding, Text
from dunning.basis.span import Cell, Entry, Place, Pointer, Source, Span
from dunning.intake.contradictions import Doubt, Path, contradictions, doubts
from dunning.intake.headers import LATE_FEE_WORDS, LISTS, by_head, hints, label, without_none, words
from dunning.intake.schema import ACCOUNT
from dunning.lang.text.names import did_you_mean, nearest
from dunning.model.account import Account, Item

Locate = Callable[[Path], Place]


@dataclass(frozen=True, slots=True)
class Read:
    """An account that can be assessed, and what is doubtful about it."""

    account: Account
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Rejected:
    """An account that cannot be assessed, and why. `company`, `id` and `debtor` as far as they could be read."""

    company: str
    id: str
    debtor: str
    findings: tuple[Finding, ...]
    where: Place | None = None


def read_account(data: Mapping[str, Any], *, where: Place | Locate | None = None) -> Account:
    """The account of a mapping with the fields of docs/reference/records.md; AccountError with all findings if none.

    Amounts are text, int (yuan) or Decimal, never float; dates are ISO text or dates. `where` is where the mapping
    stands (a line of a file), or tells the place of each value from its path; without it findings name the record.
    What is doubtful and does not reject is not told here: `read` hands it over with the account.
    """
    found = read(data, where=where)
    if isinstance(found, Rejected):
        raise AccountError(found.findings)
    return found.account


def read(data: object, *, where: Place | Locate | None = None) -> Read | Rejected:
    """Like `read_account`, with what is doubtful; what cannot be read is `Rejected`, and nothing raises."""
    if not isinstance(data, Mapping):
        wanted = Text("一个对象 (一户一个)", "an object, one an account")
        finding = Finding("A103", _place((), {}, where), _args((), {}, value=data, wanted=wanted))
        return Rejected("", "", "", (finding,), _place((), {}, where))
    try:
        data = _short_forms(data)
        account: Account = ACCOUNT.validate_python(data)
    except (ValidationError, PydanticCustomError):
        return _read_again(data, where)
    return looked_over(account, data, where=where)


def looked_over(account: Account, data: Mapping[str, Any], *, where: Place | Locate | None = None) -> Read | Rejected:
    """An account whose every value is sound, by what its records say against each other; `data` is it as a mapping."""
    wrong = contradictions(account)
    if wrong:
        account = _same_contacts_once(account)
        wrong = contradictions(account)
        if wrong:
            return _rejected(data, (_finding(doubt, data, where) for doubt in wrong), where)
    odd = doubts(account)
    return Read(account, tuple(_finding(doubt, data, where) for doubt in odd)) if odd else Read(account)


# Short forms and second thoughts


def _short_forms(data: Mapping[str, Any]) -> dict[str, Any]:
    """`contract` for a list of one; the account's id for a missing unit or debtor's id."""
    data = dict(data)
    id_ = data.get("id")
    contract = data.pop("contract", None)
    if contract is not None:
        if data.get("contracts") is not None:
            raise PydanticCustomError("A208", "contract and contracts")
        data["contracts"] = [contract]
    if not data.get("unit"):
        data["unit"] = id_
    debtor = data.get("debtor")
    if debtor is None:
        data["debtor"] = {"id": id_}
    elif isinstance(debtor, Mapping) and debtor.get("id") is None:
        data["debtor"] = {**debtor, "id": id_}
    return data


def _read_again(data: Mapping[str, Any], where: Place | Locate | None) -> Read | Rejected:
    """The slow way, for what the schema refused: nulls count as absent, and then all reasons are collected."""
    bare = _without_nulls(data)
    try:
        bare = _short_forms(bare)
        ACCOUNT.validate_python(bare)
    except PydanticCustomError as error:
        return _rejected(bare, [_finding(Doubt(error.type, (), {}), bare, where)], where)
    except ValidationError as error:
        # A union refuses a value once for each of its types.
        wrong = list(
            {(doubt.code, doubt.path): doubt for doubt in map(_doubt, error.errors(include_url=False))}.values()
        )
        wrong.extend(_contradictions_of_the_rest(bare, wrong))
        return _rejected(bare, (_finding(doubt, bare, where) for doubt in wrong), where)
    return read(bare, where=where)


_DEEPEST = 6


def _without_nulls(value: Any, depth: int = 0) -> Any:
    """Null is absent (docs/reference/records.md), but among the attributes, where it is a value."""
    if depth > _DEEPEST:  # deeper than any record goes: the schema refuses it as it is
        return value
    if isinstance(value, Mapping):
        return {
            key: inner if key == "attributes" else _without_nulls(inner, depth + 1)
            for key, inner in value.items()
            if inner is not None
        }
    if isinstance(value, list | tuple):
        return [_without_nulls(inner, depth + 1) for inner in value]
    return value


def _contradictions_of_the_rest(data: Mapping[str, Any], wrong: Iterable[Doubt]) -> list[Doubt]:
    """What contradicts itself among the records that can be read: the first error must not hide the second.

    Places in a list shift when a record is left out, so each path is led back to where it stood.
    """
    bad = {doubt.path[:2] if doubt.path[0] in LISTS else doubt.path[:1] for doubt in wrong if doubt.path}
    rest = {key: value for key, value in data.items() if (key,) not in bad or key == "id"}
    kept: dict[str, list[int]] = {}
    for name in {path[0] for path in bad if len(path) == 2}:
        if isinstance(rest.get(str(name)), list | tuple):
            kept[str(name)] = [index for index in range(len(data[name])) if (name, index) not in bad]  # type: ignore[index]
            rest[str(name)] = [data[name][index] for index in kept[str(name)]]  # type: ignore[index]
    try:
        account = ACCOUNT.validate_python(rest)
    except (ValidationError, PydanticCustomError):
        return []
    found = []
    for doubt in contradictions(account):
        match doubt.path:
            case (str() as name, int() as index, *deeper) if name in kept:
                doubt = doubt._replace(path=(name, kept[name][index], *deeper))
        found.append(doubt)
    return found


def _same_contacts_once(account: Account) -> Account:
    """A contact given twice word for word is one contact (contacts with one id are one); two versions of it are not."""
    once = tuple(dict.fromkeys(account.contacts))
    return account if len(once) == len(account.contacts) else replace(account, contacts=once)


def _rejected(data: Mapping[str, Any], findings: Iterable[Finding], where: Place | Locate | None) -> Rejected:
    company, id_, debtor = key_of(data)
    return Rejected(company, id_, debtor, tuple(findings), _place((), data, where))


def key_of(data: Mapping[str, Any]) -> tuple[str, str, str]:
    """(company, id, debtor's id) of a mapping, short forms filled in, as far as they are text; else empty."""
    debtor = data.get("debtor")
    company = _text(data.get("company", "main")) or ("main" if data.get("company") is None else "")
    id_ = _text(data.get("id"))
    debtor_id = debtor.get("id") if isinstance(debtor, Mapping) else None
    return company, id_, id_ if debtor_id is None else _text(debtor_id)


def _text(value: object) -> str:
    """Text that can be written out again: a lone surrogate cannot."""
    return value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else ""


# Findings


def _finding(doubt: Doubt, data: Mapping[str, Any], where: Place | Locate | None) -> Finding:
    args = dict(doubt.args)
    fix = str(args.pop("fix", ""))
    return Finding(doubt.code, _place(doubt.place, data, where), _args(doubt.path, data, **args), fix)


def _place(path: Path, data: Mapping[str, Any], where: Place | Locate | None) -> Place:
    if isinstance(where, Cell | Source):
        return replace(where, column=dotted(path))
    if isinstance(where, Pointer):
        return Pointer((*where.path, *path))
    if isinstance(where, Span | Entry):
        return where
    if where is not None:
        return where(path)
    company, id_, _ = key_of(data)
    return Entry(company, id_, *_record(path, data)) if path and path[0] in LISTS else Entry(company, id_)


def _record(path: Path, data: Mapping[str, Any]) -> tuple[str, str]:
    """List and id of the record a path leads into; the place in the list, from 1, where it has no id."""
    name = str(path[0])
    if len(path) < 2 or not isinstance(path[1], int):
        return name, ""
    try:
        id_ = data[name][path[1]]["id"]
    except (KeyError, IndexError, TypeError):
        id_ = None
    return name, _text(id_) or f"#{path[1] + 1}"


def dotted(path: Path) -> str:
    """`charges[3].amount`, places counted from 0 as in JSON tools."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def _args(path: Path, data: Mapping[str, Any], **args: Any) -> dict[str, Any]:
    told = {name: _shown(value) if name == "value" else value for name, value in args.items()}
    return {"field": _named(path, data), **told}


def _named(path: Path, data: Mapping[str, Any]) -> Text:
    """A value by the reader's words: 账单[2026Q1]的金额, charges[2026Q1].amount."""
    if not path:
        return Text("这一户", "the account")
    name, *rest = path
    owner = str(name) if name in LISTS else "accounts"
    zh, en = label("" if name in LISTS else "accounts", str(name))
    if rest and isinstance(rest[0], int) and name in LISTS:
        id_ = _record(path, data)[1]
        zh, en, rest = f"{zh}[{id_}]", f"{en}[{id_}]", rest[1:]
    if name == "debtor":
        owner = "parties"
    for part in rest:
        if isinstance(part, int):
            zh, en = f"{zh}第{part + 1}项", f"{en}[{part}]"
        else:
            zh, en, owner = f"{zh}的{label(owner, part).zh}", f"{en}.{part}", part
    return Text(zh, en)


_SHORT = Repr()
_SHORT.maxlevel = 3


def _shown(value: object) -> str:
    """A value as the finding quotes it, cut when it is long."""
    if isinstance(value, str):
        text = _text(value)
    elif isinstance(value, bool):
        text = str(value).lower()
    else:
        text = value.isoformat() if isinstance(value, date) else _SHORT.repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


_TEXT = Text("文字 (加引号)", "text, in quotes")
_WRITABLE = Text("能用 UTF-8 写出的文字", "text that UTF-8 can hold")
_TRUTH = Text("true 或 false", "true or false")
_LIST = Text("列表 [...]", "a list [...]")
_OBJECT = Text("一个对象 {...}", "an object {...}")
_PAIR = Text('起止两天 ["2026-01-01", "2026-03-31"]', 'the first and the last day, ["2026-01-01", "2026-03-31"]')
_SETTLED = Text("账单号:部分:金额, 如 2026Q1:principal:800.00", "charge:part:amount, like 2026Q1:principal:800.00")
_INSTALMENT = Text("日期:金额, 如 2026-06-01:265.38", "date:amount, like 2026-06-01:265.38")
_SCALAR = Text("文字、整数、true 或 false", "text, a whole number, true or false")


def _doubt(fault: ErrorDetails) -> Doubt:
    """What pydantic-core found, in our codes. `fault` is one of ValidationError.errors()."""
    kind: str = fault["type"]
    path: Path = tuple(fault["loc"])
    given = fault["input"]
    if kind == "missing" and path[-2:-1] != ("period",):
        return Doubt("A101", path, {})
    if kind == "unexpected_keyword_argument":
        return Doubt("A102", path, {"name": _shown(path[-1]), "near": _nearest_field(path)})
    if kind == "literal_error":
        return _not_in_set(path, given)
    if kind == "string_too_short":
        return Doubt("A101", path, {})
    if kind.startswith("A"):
        return Doubt(kind, path, {"value": given, **(fault.get("ctx") or {})})
    if path[:1] == ("attributes",):
        return Doubt("A103", path[:2], {"value": given, "wanted": _SCALAR})
    return Doubt("A103", path, {"value": given, "wanted": _wanted(kind, path, given)})


def _wanted(kind: str, path: Path, given: object) -> Text:
    if isinstance(given, str) and path[-2:-1] in (("settles",), ("instalments",)):
        return _SETTLED if path[-2] == "settles" else _INSTALMENT
    if path[-1:] == ("period",) or path[-2:-1] == ("period",):
        return _PAIR
    if kind == "string_unicode":
        return _WRITABLE
    if kind.startswith("string"):
        return _TEXT
    if kind.startswith("bool"):
        return _TRUTH
    return _LIST if kind.startswith("tuple") else _OBJECT


def _hint_at(path: Path) -> Any:
    """The type hint of the value a path leads to; None where the path leaves the model."""
    hint: Any = Account
    for part in path:
        hint = without_none(hint)
        if isinstance(part, int):
            hint = get_args(hint)[0] if get_args(hint) else None
        else:
            hint = hints(hint).get(part) if isinstance(hint, type) and is_dataclass(hint) else None
    return without_none(hint)


def _nearest_field(path: Path) -> Text:
    """The field that was meant, a Chinese label included."""
    name = str(path[-1])
    owner = _hint_at(path[:-1])
    known = tuple(hints(owner)) if isinstance(owner, type) and is_dataclass(owner) else ()
    table = "accounts" if len(path) == 1 else "parties" if path[0] == "debtor" else str(path[0])
    column = by_head(table).get(name) if table in LISTS else None
    return did_you_mean(column.field if column is not None and column.field in known else nearest(name, known))


def _not_in_set(path: Path, given: object) -> Doubt:
    hint = _hint_at(path)
    if hint == Item and isinstance(given, str) and given.lower() in LATE_FEE_WORDS:
        return Doubt("A204", path, {"value": given})
    known = get_args(hint)
    near = None
    if isinstance(given, str):
        near = words(hint).get(given.lower()) or nearest(given, known)
    spoken = {value: word for word, value in reversed(words(hint).items())}
    chinese = "、".join(f"{value} ({spoken[value]})" if value in spoken else value for value in known)
    return Doubt("A104", path, {"value": given, "near": did_you_mean(near), "known": Text(chinese, " | ".join(known))})
