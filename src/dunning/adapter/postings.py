"""Late fees for the ERP's books: what to book, correct or take back, so that its books say what we assess.

One posting at a time for each charge, until the ERP gives it back: what is under way must not be booked twice.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from hashlib import sha256

from dunning.adapter.protocol import Posting, PostingKind
from dunning.engine.result import Assessment, ChargeResult


def postings(
    result: Assessment, *, under_way: Collection[str] = (), approvals: tuple[str, ...] = ()
) -> Iterator[Posting]:
    """What is to be booked for each charge of an assessment, in fen; nothing for a fee that is undetermined.

    `under_way`: the charges with a posting the ERP has not given back yet (`late_fees[].key`); they are left out.
    """
    for charge in result.charges:
        amount = charge.late_fee.to_book
        if amount and charge.id not in under_way:
            yield _posting(result, charge, amount, approvals)


def _posting(result: Assessment, charge: ChargeResult, amount: int, approvals: tuple[str, ...]) -> Posting:
    account, fee = result.account, charge.late_fee
    kind: PostingKind = "late_fee" if amount > 0 else "waiver" if fee.waived else "late_fee_correction"
    parts = [account.company, account.id, charge.id, kind, result.on.isoformat(), fee.booked]
    key = sha256(json.dumps(parts, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()[:32]
    return Posting(
        key=key,
        company=account.company,
        account=account.id,
        charge=charge.id,
        kind=kind,
        amount=amount,
        through=result.on,
        because=_terms(result),
        approvals=approvals,
    )


def _terms(result: Assessment) -> tuple[str, ...]:
    """The rule book whose late-fee terms these are."""
    book = result.book
    return () if book is None else (f"{book.name} {book.version}", book.digest)
