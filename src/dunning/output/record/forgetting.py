"""Forgetting a person: without the key nobody can tie the records to them any more, and the chain still verifies.

Refused while something is open between the company and the person, for then the record is evidence both may need
(PIPL-47 lets what the law requires be kept; limitation runs three years, CC-188).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from dunning.basis.errors import UsageError
from dunning.basis.finding import Text
from dunning.basis.money import parse_yuan
from dunning.lang.text.names import did_you_mean
from dunning.output.record.chain import line_at
from dunning.output.record.keyring import Index, Keyring, keyed
from dunning.output.record.record import caught_up

_ENDS = frozenset({"withdrawn", "mediation_agreement", "judgment"})
_FOLLOWS = frozenset({"enforcement"})
"""It enforces what ended before it: open as long as something is owed, which is asked for apart."""


def forget(folder: Path, party: str, *, on: date, company: str | None = None) -> str:
    """Deletes the key of a debtor in one company; the pseudonym that can no longer be tied to them is returned.

    UsageError where nobody has that id, where it is not clear in which company, and where a claim, plan or proceeding
    is open by the last decision recorded. A line `forgotten` goes on the chain before the key is deleted.
    """
    if not folder.is_dir():
        raise UsageError(Text(f"没有记录 {folder}", f"there is no record {folder}"))
    index = Index(folder)
    try:
        keys = Keyring(folder)
        try:
            return _forget(folder, index, keys, party, company, on)
        finally:
            keys.close()
    finally:
        index.close()


def _forget(folder: Path, index: Index, keys: Keyring, party: str, company: str | None, on: date) -> str:
    company = _company(keys, party, company)
    key = keys.key(company, party)
    assert key is not None
    person = keyed(key, "person", company, party)
    writer, _ = caught_up(folder, index)
    try:
        place = index.last(person)
        if place is not None:
            data = line_at(folder, *place).data or {}
            matters = list(open_matters(data))
            if matters:
                raise _refused(party, str(data["on"]), matters)
        writer.add(f'"kind":"forgotten","person":"{person}","on":"{on.isoformat()}"')
    finally:
        writer.close()
    index.commit(writer.head)
    keys.forget(company, party)
    return person


def _company(keys: Keyring, party: str, company: str | None) -> str:
    known = keys.companies(party)
    if company in known:
        return company
    if not known or company is not None:
        where = Text("", "") if company is None else Text(f"公司 {company} ", f" in company {company}")
        what = Text(
            f"{where.zh}没有债务人“{party}”的钥匙: 没有记过, 或已经删除 (共有人等没有自己的钥匙)",
            f"there is no key of a debtor `{party}`{where.en}: never recorded, or forgotten; co-owners have none",
        )
        raise UsageError(what.joined(did_you_mean(known[0] if known and company else None)))
    if len(known) > 1:
        names = "、".join(known), ", ".join(known)
        raise UsageError(
            Text(
                f"“{party}”在几个公司里都有: {names[0]}; 用 --company 指明",
                f"`{party}` is known in several companies: {names[1]}; name one with --company",
            )
        )
    return known[0]


def _refused(party: str, on: str, matters: list[Text]) -> UsageError:
    zh = "; ".join(matter.zh for matter in matters)
    en = "; ".join(matter.en for matter in matters)
    return UsageError(
        Text(
            f"不能删除“{party}”的钥匙: 按 {on} 的最后一次记录, {zh}. 了结并再评估一次之后才可以",
            f"the key of `{party}` cannot be deleted: by the last record, of {on}, {en}; settle and assess first",
        )
    )


def open_matters(data: Mapping[str, Any]) -> Iterator[Text]:
    """What is open between a company and a debtor by a line of the record: claims, plans, proceedings."""
    on = date.fromisoformat(data["on"])
    for account, one in zip(data["input"], data["decisions"], strict=True):
        yield from _claims(account, one["result"])
        yield from _plans(account, on)
        yield from _proceedings(account)


def _claims(account: Mapping[str, Any], result: Mapping[str, Any]) -> Iterator[Text]:
    balance = result["balance"]
    if result["status"] != "assessed":
        if account.get("charges"):
            yield Text(
                "没有适用的规则书, 不知道是否还有欠款", "no book applied, so nobody knows whether anything is owed"
            )
    elif any(parse_yuan(balance[part]) for part in ("principal_due", "principal_not_due", "late_fee")):
        yield Text(f"还有未清的账 ({balance['total']}元)", f"a claim is open ({balance['total']} yuan)")


def _plans(account: Mapping[str, Any], on: date) -> Iterator[Text]:
    """A plan whose last instalment is yet to come."""
    for plan in account.get("plans", ()):
        last = max((date.fromisoformat(each["due"]) for each in plan.get("instalments", ())), default=date.min)
        if last >= on:
            yield Text(f"分期计划到 {last} 才结束", f"a payment plan runs until {last}")


def _proceedings(account: Mapping[str, Any]) -> Iterator[Text]:
    """A proceeding that no agreement, judgment or withdrawal for its charges has ended."""
    given = account.get("proceedings", ())
    for one in given:
        if one["kind"] in _ENDS or one["kind"] in _FOLLOWS:
            continue
        if not any(other["kind"] in _ENDS and other["on"] >= one["on"] and _of_the_same(one, other) for other in given):
            yield Text(
                f"{one['on']} 的法律程序 ({one['kind']}) 没有结束", f"the {one['kind']} of {one['on']} is not over"
            )


def _of_the_same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two proceedings are about a charge in common; one that names none is about all."""
    mine, its = set(one.get("charges", ())), set(other.get("charges", ()))
    return not mine or not its or bool(mine & its)
