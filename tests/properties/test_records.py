"""Whatever an account says, every file form gives it back; whatever a file says, the answer is a reading or reasons."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import MISSING, fields, is_dataclass, replace
from datetime import date, datetime
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, get_args, get_origin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dunning.intake import headers
from dunning.intake.contradictions import contradictions
from dunning.intake.files.jsonl import Line, read_line
from dunning.intake.files.tables import open_portfolio
from dunning.intake.files.writers import as_record, write_csv, write_jsonl, write_xlsx
from dunning.intake.records import Read, Rejected, read, read_account
from dunning.model.account import SHANGHAI, Account, Adjustment, Charge

# Accounts, from the same hints the schema is made of


# Cells are stripped, and XML holds no control characters; the rest of Unicode is fair, separators and quotes above all.
NASTY = st.sampled_from(list(";；:\\\"',\n[]|=+-0123456789.电业 \u3000é😀"))
WORD = st.text(
    NASTY | st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Co")), min_size=1, max_size=8
).map(lambda text: text.strip())
TEXT = WORD.filter(bool)
FEN = st.integers(0, 10**11)
DAY = st.dates(date(1990, 1, 1), date(2060, 12, 31))
MOMENT = st.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1)).map(  # noqa: DTZ001  # the zone comes next
    lambda moment: moment.replace(microsecond=0, tzinfo=SHANGHAI)
)
RATE = st.fractions(0, 1, max_denominator=10_000) | st.sampled_from([Fraction(1, 2000), Fraction(1, 20)])
AREA = st.integers(0, 10**7).map(lambda hundredths: Fraction(hundredths, 100))
LEAVES: Mapping[Any, st.SearchStrategy[Any]] = {
    headers.Amount: FEN,
    headers.Share: RATE,
    Fraction: AREA,
    date: DAY,
    datetime: MOMENT,
    str: TEXT,
    bool: st.booleans(),
}


def value_of(hint: Any) -> st.SearchStrategy[Any]:
    inner = headers.without_none(hint)
    if inner is not hint:
        return st.none() | value_of(inner)
    if hint in LEAVES:
        return LEAVES[hint]
    if headers.is_closed(hint):
        return st.sampled_from(get_args(hint))
    if get_origin(hint) is tuple:
        item, *rest = get_args(hint)
        if rest == [...]:
            return st.lists(value_of(item), max_size=3).map(tuple)
        return st.tuples(DAY, DAY).map(lambda days: (min(days), max(days)))
    if is_dataclass(hint):
        assert isinstance(hint, type)
        return record_of(hint)
    return st.dictionaries(WORD, ATTRIBUTE, max_size=2)


def cell_text(text: str) -> bool:
    """Text that a cell does not say otherwise: an attribute `82` is a number, `是` is true."""
    return bool(text) and not text.lstrip("-").isdigit() and text.lower() not in ("是", "否", "true", "false")


ATTRIBUTE = st.integers(-(10**12), 10**12) | st.booleans() | TEXT.filter(cell_text)


@cache
def record_of(record: type) -> st.SearchStrategy[Any]:
    """Records with what must be there, and some of the rest: all of it at once would be too much to draw."""
    parts: dict[str, st.SearchStrategy[Any]] = {}
    for field, hint in zip(fields(record), headers.hints(record).values(), strict=True):
        if field.default is MISSING and field.default_factory is MISSING:
            parts[field.name] = value_of(hint)
        elif record is not Account:
            parts[field.name] = st.just(field.default) | value_of(hint)
    return st.builds(record, **parts)


def mended(record: Any) -> Any:
    """A record that does not contradict itself: days in their order, an adjustment of something."""
    since, until = getattr(record, "since", None), getattr(record, "until", None)
    if since is not None and until is not None and until < since:
        return replace(record, since=until, until=since)
    if isinstance(record, Adjustment):
        return replace(record, charge=record.charge or "c", payment=record.payment or "p")
    if isinstance(record, Charge) and record.due is None and record.opening is None:
        return replace(record, due=date(2026, 1, 15))
    return record


def a_list(name: str) -> st.SearchStrategy[tuple[Any, ...]]:
    records = st.lists(record_of(headers.record_of(name)).map(mended), max_size=3)
    return records.map(
        lambda each: tuple({getattr(record, "id", number): record for number, record in enumerate(each)}.values())
    )


SCALARS = ("community", "use", "area", "occupancy", "handed_over", "data_as_of")
ACCOUNTS = (
    st.fixed_dictionaries(
        {"id": TEXT, "debtor": record_of(headers.hints(Account)["debtor"]).map(mended)},
        optional={
            "company": TEXT,
            "unit": TEXT,
            "place": st.sampled_from(["CN", "CN-33", "CN-3301", "CN-330106"]),
            "attributes": st.fixed_dictionaries({}, optional={"satisfaction": ATTRIBUTE, "conduct": ATTRIBUTE}),
            "unknown": st.lists(st.sampled_from(["contacts", "area", "debtor.tags"]), unique=True).map(tuple),
            **{name: value_of(headers.hints(Account)[name]) for name in SCALARS},
            **{name: a_list(name) for name in headers.LISTS if name != "accounts"},
        },
    )
    .map(lambda given: Account(**{"unit": given["id"], **given}))
    .filter(lambda account: not contradictions(account))
)


@settings(max_examples=60)
@given(ACCOUNTS)
def test_a_record_of_an_account_is_the_account(account: Account) -> None:
    assert read_account(as_record(account)) == account


def written(accounts: list[Account], write: Callable[[Path, list[dict[str, Any]]], object], name: str) -> list[Account]:
    """The accounts as they come back from a file, in the order of their company and id."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        write(path, [as_record(account) for account in accounts])
        with open_portfolio(path) as portfolio:
            groups = list(portfolio)
    assert [each for group in groups for each in group.rejected] == []
    assert [(group.company, group.debtor) for group in groups] == list(
        dict.fromkeys((account.company, account.debtor.id) for account in accounts)
    )
    return [account for group in groups for account in group.accounts]


def by_debtor(accounts: list[Account]) -> list[Account]:
    groups = list(dict.fromkeys((account.company, account.debtor.id) for account in accounts))
    return sorted(accounts, key=lambda account: groups.index((account.company, account.debtor.id)))


PORTFOLIOS = st.lists(ACCOUNTS, max_size=3, unique_by=lambda account: (account.company, account.id))
COLUMNS = ("satisfaction", "conduct")


@settings(max_examples=40)
@given(PORTFOLIOS)
def test_json_lines_give_the_accounts_back(accounts: list[Account]) -> None:
    assert written(accounts, write_jsonl, "p.jsonl") == by_debtor(accounts)


@settings(max_examples=20)
@pytest.mark.parametrize("lang", ["zh", "en"])
@given(accounts=PORTFOLIOS.filter(bool))
def test_csv_gives_the_accounts_back(lang: Any, accounts: list[Account]) -> None:
    def write(path: Path, records: list[dict[str, Any]]) -> None:
        write_csv(path, records, lang=lang, attributes=COLUMNS)

    assert written(accounts, write, "p") == by_debtor(accounts)


@settings(max_examples=12)
@pytest.mark.parametrize("lang", ["zh", "en"])
@given(accounts=PORTFOLIOS.filter(bool))
def test_a_workbook_gives_the_accounts_back(lang: Any, accounts: list[Account]) -> None:
    def write(path: Path, records: list[dict[str, Any]]) -> None:
        write_xlsx(path, records, lang=lang, attributes=COLUMNS)

    assert written(accounts, write, "p.xlsx") == by_debtor(accounts)


# Whatever stands in a file


LEAF = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
KEY = st.sampled_from(sorted(headers.hints(Account))) | st.text(max_size=3)
JSON = st.recursive(
    LEAF | st.sampled_from(["2026-01-15", "1.00", "O-1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEY, inner),
    max_leaves=8,
)


@given(JSON)
def test_any_value_is_read_or_rejected_with_reasons(value: Any) -> None:
    tell(read(value))


def tell(found: Read | Rejected) -> None:
    """Every finding can be told in both languages and written out; a rejected account has at least one."""
    for finding in found.findings:
        for lang in ("zh", "en"):
            f"{finding.at}{finding.message(lang)}{finding.help(lang)}{finding.why(lang)}".encode()  # type: ignore[arg-type]
    assert isinstance(found, Read) or found.findings


FIELDS = sorted({name for lists in headers.FIELDS.values() for name in lists} | set(headers.hints(Account)))


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """A good record with a few of its values replaced, renamed, doubled or dropped."""
    data = deepcopy(as_record(draw(ACCOUNTS)))
    for _ in range(draw(st.integers(1, 3))):
        owner: Any = data
        for _ in range(draw(st.integers(0, 3))):
            inner = [
                each for each in (owner.values() if isinstance(owner, dict) else owner) if isinstance(each, dict | list)
            ]
            if not inner:
                break
            owner = draw(st.sampled_from(inner))
        if isinstance(owner, dict):
            key = draw(st.sampled_from(sorted(owner)) if owner else st.just("id"))
            match draw(st.integers(0, 2)):
                case 0:
                    owner[key] = draw(JSON)
                case 1:
                    owner.pop(key, None)
                case _:
                    owner[draw(st.sampled_from(FIELDS))] = draw(JSON)
        elif owner:
            owner.append(draw(st.sampled_from(owner) | JSON))
        else:
            owner.append(draw(JSON))
    return data


@given(mutated())
def test_a_mutated_account_is_read_or_rejected_with_reasons(data: Any) -> None:
    before = deepcopy(data)
    tell(read(data))
    assert repr(data) == repr(before)


@settings(max_examples=60)
@given(mutated(), st.data())
def test_a_damaged_line_is_read_or_rejected_with_reasons(data: Any, draw: st.DataObject) -> None:
    text = json.dumps(data).encode()
    start = draw.draw(st.integers(0, len(text)))
    raw = text[:start] + draw.draw(st.binary(max_size=3)) + text[start + draw.draw(st.integers(0, 3)) :]
    tell(read_line(Line(1, raw), "p.jsonl"))


@settings(max_examples=25)
@given(PORTFOLIOS.filter(bool), st.data())
def test_a_damaged_csv_file_never_ends_in_a_traceback(accounts: list[Account], draw: st.DataObject) -> None:
    """Damage below the heads: each account comes out once, read or rejected, or more where an id was damaged."""
    with tempfile.TemporaryDirectory() as folder:
        write_csv(Path(folder), [as_record(account) for account in accounts], lang="zh")
        for file in sorted(Path(folder).glob("*.csv")):
            raw = file.read_bytes()
            heads = raw.index(b"\n") + 1
            start = draw.draw(st.integers(heads, len(raw)))
            damage = draw.draw(st.sampled_from([b'"', b",", b"\n", b"\xff", b"\x00", b"", b"-", b'"\n"']))
            file.write_bytes(raw[:start] + damage + raw[start + draw.draw(st.integers(0, 2)) :])
        with open_portfolio(folder) as portfolio:
            groups = list(portfolio)
            assert portfolio.count == sum(len(group.reads) + len(group.rejected) for group in groups)
    for group in groups:
        for found in (*group.reads, *group.rejected):
            tell(found)


def test_the_strategy_reaches_every_list() -> None:
    seen: set[str] = set()

    @settings(max_examples=150, database=None, derandomize=True)
    @given(ACCOUNTS)
    def look(account: Account) -> None:
        seen.update(name for name in headers.LISTS if getattr(account, name, ()))

    look()
    assert seen == set(headers.LISTS) - {"accounts"}
