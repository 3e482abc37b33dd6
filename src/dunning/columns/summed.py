"""What the tables add up to: the figures of a run's summary, part by part, so that parts can be added.

The figures are those that `output.report` counts from assessments; it makes a summary of these sums.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dunning.columns.arrow import owners_of
from dunning.columns.rows import Bools, Coded, Column, Ints, Texts
from dunning.columns.schema import Tables
from dunning.model.rulebook import RuleBook

Sums = dict[str, Any]
"""Counts and sums by name, or by names by name; under `ages` and `grades` pairs of a count and arrears in fen."""

JOINED = "\t"
"""Between the parts of a name: book, table and answer."""

MONEY = ("principal_due", "principal_not_due", "late_fee", "credit")


def added(one: Sums, other: Mapping[str, Any]) -> Sums:
    """The sums of two parts."""
    return {key: _plus(one.get(key), other.get(key)) for key in dict.fromkeys((*one, *other))}


def _plus(one: Any, other: Any) -> Any:
    if one is None or other is None:
        return other if one is None else one
    if isinstance(one, dict):
        return added(one, other)
    if isinstance(one, list):
        return [a + b for a, b in zip(one, other, strict=True)]
    return one + other


def sums_of(tables: Tables, books: Sequence[RuleBook], ages: Sequence[int]) -> Sums:
    """The sums of some tables. `ages`: the last day overdue of each bucket but the one beyond."""
    accounts = _coded(tables.assessments, "account")
    company = _coded(tables.assessments, "company")
    book = _coded(tables.assessments, "rulebook_name")
    arrears = _numbers(tables.assessments, "facts_arrears")
    assessed = _coded(tables.assessments, "status").equals("assessed")
    unknown = tables.assessments.column("unknown_arrears").is_valid().to_numpy()
    ids = Texts(_one(tables.assessments, "account").cast(pa.string()))
    keys: dict[str, Column] = {"company": company, "id": ids}
    charges = owners_of(tables.charges, keys) if len(tables.charges) else np.zeros(0, np.int64)
    undetermined = np.zeros(len(accounts), np.bool_)
    undetermined[charges[tables.charges.column("late_fee_assessed").is_null().to_numpy()]] = True
    provisional = np.asarray(tables.assessments.column("provisional").to_numpy(), np.bool_)
    sums: Sums = {
        "statuses": _counts(_coded(tables.assessments, "status")),
        **{name: int(_numbers(tables.assessments, f"balance_{name}").sum()) for name in MONEY},
        "arrears": int(arrears.sum()),
        "in_arrears": int((arrears > 0).sum()),
        "arrears_unknown": int((unknown & assessed).sum()),
        "fee_undetermined": int(undetermined.sum()),
        "provisional": int((provisional & assessed).sum()),
        "ages": _ages(tables.charges, charges, book, books, ages),
        "grades": _grades(tables.assessments, book, arrears, books),
        "steps": _by_book(tables.actions, "step", keys, book),
        "withheld": _by_book(tables.withheld, "code", keys, book),
        "places": _pairs(book, _coded(tables.assessments, "place"), empty=True),
        **_found(tables.assessments),
    }
    return sums


def _one(table: pa.Table, name: str) -> pa.Array:
    column = table.column(name)
    if column.num_chunks == 1:
        return column.chunk(0)
    return (column.unify_dictionaries() if pa.types.is_dictionary(column.type) else column).combine_chunks()


def _coded(table: pa.Table, name: str) -> Coded:
    values = _one(table, name)
    codes = values.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return Coded(codes.astype(np.int32, copy=False), tuple(values.dictionary.to_pylist()))


def _numbers(table: pa.Table, name: str) -> Ints:
    return np.asarray(_one(table, name).fill_null(0).to_numpy(zero_copy_only=False), np.int64)


def _counts(column: Coded) -> dict[str, int]:
    counts = np.bincount(column.codes[column.codes >= 0], minlength=len(column.words)).tolist()
    return {str(word): count for word, count in zip(column.words, counts, strict=True) if count}


def _pairs(book: Coded, column: Coded, *, empty: bool = False) -> dict[str, int]:
    """How many of each word under each book; `empty`: also those without a word, under an empty one."""
    words = (*map(str, column.words), "")
    codes = np.where(column.codes < 0, len(column.words), column.codes).astype(np.int64)
    counted = (book.codes >= 0) & ((column.codes >= 0) | empty)
    keys = book.codes[counted].astype(np.int64) * len(words) + codes[counted]
    found, counts = np.unique(keys, return_counts=True)
    return {
        f"{book.words[key // len(words)]}{JOINED}{words[key % len(words)]}": count
        for key, count in zip(found.tolist(), counts.tolist(), strict=True)
    }


def _by_book(table: pa.Table, name: str, keys: Mapping[str, Column], book: Coded) -> dict[str, int]:
    if not len(table):
        return {}
    return _pairs(Coded(book.codes[owners_of(table, keys)], book.words), _coded(table, name))


def _ages(charges: pa.Table, owners: Ints, book: Coded, books: Sequence[RuleBook], ages: Sequence[int]) -> Sums:
    """Chased principal by how long it is overdue: the place of the bucket, -1 for what has no due date."""
    least = {each.name: max(1, each.payments.chase_from) for each in books}
    of_word = np.array([*(least.get(str(word), 1) for word in book.words), 1], np.int64)
    principal, days = _numbers(charges, "principal"), _numbers(charges, "overdue_days")
    undated = charges.column("due").is_null().to_numpy()
    chased: Bools = np.asarray(charges.column("chased").to_numpy(), np.bool_)
    wanted = chased & (principal >= of_word[book.codes[owners]]) & ((days > 0) | undated)
    places = np.where(undated, -1, np.searchsorted(np.array(ages), days))[wanted]
    amounts = principal[wanted]
    return {
        str(place): [int((places == place).sum()), int(amounts[places == place].sum())]
        for place in set(places.tolist())
    }


def _grades(assessments: pa.Table, book: Coded, arrears: Ints, books: Sequence[RuleBook]) -> Sums:
    """Households and arrears by answer, of the tables that answer words."""
    found: Sums = {}
    places = {word: place for place, word in enumerate(book.words)}
    for each in books:
        rows = np.flatnonzero(book.codes == places.get(each.name, -2))
        for table in each.tables.values():
            if (
                len(rows)
                and table.of == "account"
                and table.output.kind in ("choice", "role")
                and table.hit != "collect"
            ):
                answers = _coded(assessments, f"grades_{table.id}")
                codes = answers.codes[rows]
                for code in np.unique(codes).tolist():
                    of = rows[codes == code]
                    word = "" if code < 0 else str(answers.words[code])
                    found[JOINED.join((each.name, table.id, word))] = [len(of), int(arrears[of].sum())]
    return found


def _found(assessments: pa.Table) -> Sums:
    """Findings by code; of rejected accounts the first one."""
    lists = _one(assessments, "findings")
    rejected = _coded(assessments, "status").equals("rejected")
    first = pc.list_element(lists.filter(pa.array(rejected & (pc.list_value_length(lists).to_numpy() > 0))), 0)
    others = lists.filter(pa.array(~rejected)).flatten()
    return {"findings": _codes(others), "rejected": _codes(first)}


def _codes(findings: pa.StructArray) -> dict[str, int]:
    counted = pc.value_counts(findings.field("code")).to_pylist()
    return {each["values"]: each["counts"] for each in sorted(counted, key=lambda each: str(each["values"]))}
