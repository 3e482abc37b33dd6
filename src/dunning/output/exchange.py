"""Assessments as other programs read them: canonical JSON, one line an account, and flat rows for spreadsheets.

UTF-8, keys in the order of the record, no spaces, amounts as decimal yuan: the same inputs give the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from dunning.basis.finding import Finding
from dunning.basis.money import decimal_text, yuan
from dunning.basis.span import Span
from dunning.engine.catalogue import CATALOGUE
from dunning.engine.fees import FeeState
from dunning.engine.result import Assessment, Balance, ChargeResult, Facts
from dunning.engine.tables import Graded
from dunning.model.condition import Type, Unknown
from dunning.model.rulebook import RuleBook, Table
from dunning.model.shown import answer_text, plain


def to_json(result: Assessment) -> str:
    """One assessment as a line of JSON, its newline included."""
    return json.dumps(to_dict(result), ensure_ascii=False, separators=(",", ":")) + "\n"


def to_dict(result: Assessment) -> dict[str, Any]:
    """One assessment as plain data in the order of the record (docs/reference/assessment.md)."""
    account, book = result.account, result.book
    return {
        "company": account.company,
        "account": account.id,
        "on": result.on.isoformat(),
        "status": result.status,
        "rulebook": None if book is None else {"name": book.name, "version": book.version, "digest": book.digest},
        "law": {"places": places(account.place), "digest": None if book is None else book.law_digest},
        "balance": _balance(result.balance),
        "charges": [_charge(charge, book) for charge in result.charges],
        "facts": _facts(result.facts, book),
        "grades": _grades(result.grades, book),
        "actions": [],
        "withheld": [],
        "offers": list(result.offers),
        "shortfalls": list(result.shortfalls),
        "ended": result.ended,
        "deadlines": [],
        "next_review": _day(result.next_review),
        "provisional": result.provisional,
        "findings": [finding_dict(finding) for finding in result.findings],
    }


def finding_dict(finding: Finding) -> dict[str, Any]:
    """A finding as data: code, severity, where, and the message in both languages."""
    return {
        "code": finding.code,
        "severity": finding.severity,
        "at": None if finding.at is None else str(finding.at),
        "message": finding.message("zh"),
        "message_en": finding.message("en"),
    }


def places(place: str | None) -> list[str]:
    """A place and all it lies in, widest first: CN-3301 lies in CN-33 lies in CN."""
    if place is None:
        return ["CN"]
    return ["CN", *(place[:end] for end in range(5, len(place) + 1, 2))]


def _balance(balance: Balance) -> dict[str, str]:
    return {
        "principal_due": yuan(balance.principal_due),
        "principal_not_due": yuan(balance.principal_not_due),
        "late_fee": yuan(balance.late_fee),
        "credit": yuan(balance.credit),
        "disputed": yuan(balance.disputed),
        "other_debtor": yuan(balance.other_debtor),
        "total": yuan(balance.total),
    }


def _charge(charge: ChargeResult, book: RuleBook | None) -> dict[str, Any]:
    return {
        "id": charge.id,
        "item": charge.item,
        "due": _day(charge.due),
        "overdue_days": charge.overdue_days,
        "amount": yuan(charge.amount),
        "paid": yuan(charge.paid),
        "principal": yuan(charge.principal),
        "settled_on": _day(charge.settled_on),
        "other_debtor": charge.other_debtor,
        "chased": charge.chased,
        "late_fee": _late_fee(charge.late_fee),
        "facts": _facts(charge.facts, book),
        "grades": _grades(charge.grades, book),
    }


def _late_fee(fee: FeeState) -> dict[str, Any]:
    return {
        "assessed": _yuan(fee.assessed),
        "paid": yuan(fee.paid),
        "waived": yuan(fee.waived),
        "contingent": yuan(fee.contingent),
        "outstanding": _yuan(fee.outstanding),
        "booked": yuan(fee.booked),
        "to_book": _yuan(fee.to_book),
        "capped": fee.capped,
        "why": fee.why or None,
        "segments": [
            {
                "since": segment.since.isoformat(),
                "until": segment.until.isoformat(),
                "principal": yuan(segment.principal),
                "rate": decimal_text(segment.rate),
                "days": segment.days,
                "exact": decimal_text(segment.exact / 100),
            }
            for segment in fee.segments
        ],
    }


def _facts(facts: Facts, book: RuleBook | None) -> dict[str, Any]:
    return {
        name: {"unknown": list(value.because)} if isinstance(value, Unknown) else plain(value, _type(name, book))
        for name, value in facts.items()
    }


def _type(name: str, book: RuleBook | None) -> Type:
    return book.facts[name].type if book and name in book.facts else CATALOGUE[name].type


def _grades(grades: Mapping[str, Graded], book: RuleBook | None) -> dict[str, Any]:
    return {name: _grade(graded, book.tables[name]) for name, graded in grades.items()} if book else {}


def _grade(graded: Graded, table: Table) -> dict[str, Any]:
    """`row` is the deciding row, a list where several decided together, null where none did."""
    rows: int | list[int] | None = graded.rows[0] if len(graded.rows) == 1 else list(graded.rows) or None
    told = {"row": rows, "at": None if graded.at is None else place_in_pack(graded.at)}
    if isinstance(graded.value, Unknown):
        return {"value": None, "title": None, **told, "undetermined": graded.cause, "because": list(graded.because)}
    value = answer_text(graded.value, table.output)
    title = table.output.words.get(value) if isinstance(value, str) else None
    return {"value": value, "title": title.zh if title else None, **told}


def place_in_pack(at: Span) -> str:
    """`residential:71:9`: the pack, the line, the column."""
    return f"{Path(at.file).stem}:{at.line}:{at.column}"


def _yuan(fen: int | None) -> str | None:
    return None if fen is None else yuan(fen)


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
