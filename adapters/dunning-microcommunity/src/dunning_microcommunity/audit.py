"""The late-fee settings of a MicroCommunity, looked at before anybody is charged by them.

Its rates are free text that becomes a floating-point number, none of its three rules knows a cap, and 10% a day is in
the wild. What is asked for by such a setting is brought down in court at best.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dunning import Finding, Rejected, read
from dunning.adapter import Source
from dunning.adapter.documents import Text, in_order
from dunning_sql.database import open_engine, snapshot

DAY_RATE, MONTH_RATE, GRACE = "89002020980005", "89002020980006", "89002020980018"
BY_DAY, BY_MONTH = "102020003", "102020004"

HIGH, ABSURD = Decimal("0.01"), Decimal("0.1")
"""A day: 365% and 3650% a year."""
LOWEST_MONTH = Decimal("0.0025")
"""A month: below it is under 3% a year, and most likely meant for a day."""

_SETTINGS = """
SELECT d.discount_id, d.discount_name, d.rule_id, s.spec_id, s.spec_value,
       GROUP_CONCAT(DISTINCT c.config_id ORDER BY c.config_id SEPARATOR ', ') AS configs
FROM fee_discount d
JOIN fee_discount_rule r ON r.rule_id = d.rule_id AND r.discount_small_type = '3'
LEFT JOIN fee_discount_spec s ON s.discount_id = d.discount_id AND s.status_cd = '0'
LEFT JOIN pay_fee_config_discount c ON c.discount_id = d.discount_id AND c.status_cd = '0'
WHERE d.status_cd = '0' AND d.discount_type = '2002' AND (:community = '' OR FIND_IN_SET(d.community_id, :community))
GROUP BY d.discount_id, d.discount_name, d.rule_id, s.spec_id, s.spec_value
"""


class Setting(NamedTuple):
    """One late-fee policy as configured: its rule, its values by spec, and the fee items that use it."""

    id: str
    name: str
    rule: str
    values: Mapping[str, str]
    configs: str


def audit(url: str = "", *, community: str = "") -> list[Finding]:
    """What is wrong with the late-fee settings of the database at `url`, by policy; each with table, row and column.

    `community`: one community_id, several with commas between, or all. AdapterError if it cannot be asked.
    """
    with snapshot(open_engine(url)) as connection:
        settings = list(_settings(connection, community))
    return in_order(finding for setting in settings for finding in examined(setting))


def audit_dict(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """The findings as data: code, severity, table, row, column, and the words in both languages."""
    told = []
    for finding in findings:
        at = finding.at
        assert isinstance(at, Source)
        words = {
            f"{name}_{lang}": getattr(finding, name)(lang)
            for name in ("message", "why", "help")
            for lang in ("zh", "en")
        }
        place = {"table": at.table, "row": at.key, "column": at.column}
        told.append({"code": finding.code, "severity": finding.severity, **place, **words})
    return told


def _settings(connection: Connection, community: str) -> Iterator[Setting]:
    found: dict[str, Setting] = {}
    for row in connection.execute(sa.text(_SETTINGS), {"community": community}):
        empty = Setting(row.discount_id, row.discount_name or "", row.rule_id, {}, row.configs or "")
        setting = found.setdefault(row.discount_id, empty)
        if row.spec_id:
            found[row.discount_id] = setting._replace(values={**setting.values, row.spec_id: row.spec_value or ""})
    yield from found.values()


def examined(setting: Setting) -> Iterator[Finding]:
    """What is wrong with one policy."""
    named = {"name": setting.name or setting.id}
    used = Text(setting.configs or "没有", setting.configs or "none")
    yield Finding("P623", Source("fee_discount", setting.id, "rule_id"), {**named, "configs": used})
    monthly = setting.rule == BY_MONTH
    wanted, other = (MONTH_RATE, DAY_RATE) if monthly else (DAY_RATE, MONTH_RATE)
    period, other_period = (_MONTH, _DAY) if monthly else (_DAY, _MONTH)
    if wanted not in setting.values:
        has = setting.values.get(other)
        lies = (
            Text(f", 只有{other_period.zh}率“{has}”", f", only a rate by the {other_period.en}, `{has}`")
            if has
            else Text("", "")
        )
        args = {**named, "period": period, "spec": wanted, "lies": lies}
        yield Finding("P627", Source("fee_discount_spec", setting.id, "spec_id"), args)
    for spec, text in setting.values.items():
        if spec in (DAY_RATE, MONTH_RATE):
            yield from _rate(
                Source("fee_discount_spec", f"{setting.id}/{spec}", "spec_value"), text, spec == MONTH_RATE, named
            )
        elif spec == GRACE and not re.fullmatch(r"\d{1,4}", text.strip()):
            at = Source("fee_discount_spec", f"{setting.id}/{spec}", "spec_value")
            yield Finding("P626", at, {**named, "value": text})


_DAY, _MONTH = Text("日", "day"), Text("月", "month")


def _rate(at: Source, text: str, monthly: bool, named: Mapping[str, object]) -> Iterator[Finding]:
    """What is wrong with a rate: no number, none at all, too high, or a rate for the other length of time."""
    period = _MONTH if monthly else _DAY
    try:
        rate = Decimal(text.strip())
    except InvalidOperation:
        rate = Decimal("NaN")
    if not rate.is_finite():
        meant = meaning(text)
        yield Finding("P624", at, {**named, "period": period, "value": text}, fix="" if meant is None else f"{meant:f}")
        return
    args = {**named, "value": text, "period": period, "percent": f"{(rate * 100).normalize():f}"}
    a_day = rate / 30 if monthly else rate
    if rate <= 0:
        yield Finding("P628", at, args)
    elif a_day >= ABSURD:
        yield Finding("P621", at, {**args, "year": f"{a_day * 36500:.0f}"})
    elif a_day >= HIGH:
        yield Finding("P622", at, {**args, "year": f"{a_day * 36500:.0f}"})
    elif monthly and rate < LOWEST_MONTH:
        yield Finding("P625", at, args)


_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def meaning(text: str) -> Decimal | None:
    """What a rate that is no number was probably meant to be: 千分之五, 0.05%, 0.0005元; None if nobody can tell."""
    plain = text.strip().removeprefix("每日").removeprefix("每天").removeprefix("每月").removesuffix("元")
    if _NUMBER.fullmatch(plain):
        return Decimal(plain)
    found = read({"id": "-", "contracts": [{"late_fee_rate": plain}]})
    if isinstance(found, Rejected) or found.account.contracts[0].late_fee_rate is None:
        return None
    rate = found.account.contracts[0].late_fee_rate
    return Decimal(rate.numerator) / Decimal(rate.denominator)
