"""What records and their fields are called in a sentence: `contacts/C1` is 联系记录 C1, `charges.due` 账单的应缴日期.

Reasons and unknown values name them by the words of the contract; whoever reads an explanation is no programmer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from dunning.basis.finding import Lang, Text
from dunning.intake.headers import FIELDS, LISTS, label
from dunning.model.condition import Type, Unknown, Value
from dunning.model.shown import shown

_ONE: Mapping[str, str] = {
    "charges": "charge", "payments": "payment", "adjustments": "adjustment", "late_fees": "late fee",
    "contacts": "contact", "disputes": "dispute", "holds": "hold", "plans": "plan", "proceedings": "proceeding",
    "approvals": "approval", "consents": "consent", "contracts": "contract", "parties": "party",
}  # fmt: skip
_OTHERS: Mapping[str, Text] = {
    "late_fee.rate": Text("规则书的违约金费率", "the rule book's late-fee rate"),
    "proceedings.performance_end": Text("法律程序的履行期满日", "the end of the performance period"),
}
"""What is asked for and stands in no record."""

Title = Callable[[str], Text | None]


def record(name: str) -> Text:
    """A record by its list and id, a list, or a field: `holds/H1`, `contacts`, `charges.due`."""
    of, slash, id_ = name.partition("/")
    if slash and of in LISTS:
        return Text(f"{label('', of).zh} {id_}", f"{_ONE.get(of, of)} {id_}")
    return field(name)


def field(name: str) -> Text:
    """A list or a field of the records: 联系记录, 账单的应缴日期; in English as the contract has it."""
    if name in _OTHERS:
        return _OTHERS[name]
    of, dot, inner = name.partition(".")
    if not dot:
        known = FIELDS["accounts"].get(of) or LISTS.get(of)
        return Text(known[0] if known else of, of)
    if of == "attributes":
        return Text(f"属性 {inner}", f"attribute {inner}")
    table = "parties" if of == "debtor" else of
    if inner not in FIELDS.get(table, {}):
        return Text(name, name)
    return Text(f"{label('accounts' if of == 'debtor' else '', of).zh}的{label(table, inner).zh}", name)


def missing(names: Iterable[str], title: Title, lang: Lang) -> str:
    """What is missing, each once: facts and tables by their titles, records and fields by theirs."""
    told = dict.fromkeys((title(name) or field(name)).to(lang) for name in names)
    return Text("、", ", ").to(lang).join(told)


def value(given: Value | Unknown, type_: Type, title: Title, lang: Lang) -> str:
    """A value for a reader; an unknown one says what is missing: 未知 (缺 账单的应缴日期)."""
    if not isinstance(given, Unknown):
        return shown(given, type_, lang)
    lacking = missing(given.because, title, lang)
    unknown = shown(Unknown(), type_, lang)
    return unknown + Text(f" (缺 {lacking})", f" ({lacking} is missing)").to(lang) if lacking else unknown


SHOWN = 3
"""So many ids are told of a long list: the first ones, and the last."""


def several(ids: Sequence[str], lang: Lang) -> str:
    """A list of ids, a long one cut to its beginning and its end: 2025-09、2025-10 … 2026-11."""
    between = Text("、", ", ").to(lang)
    if len(ids) <= SHOWN + 1:
        return between.join(ids)
    return f"{between.join(ids[: SHOWN - 1])} … {ids[-1]}"


def charges(ids: Sequence[str], lang: Lang) -> str:
    """The charges of a step or a message, with their number where there are many."""
    if len(ids) <= SHOWN + 1:
        return several(ids, lang)
    return Text(f"{len(ids)} 张账单: ", f"{len(ids)} charges: ").to(lang) + several(ids, lang)
