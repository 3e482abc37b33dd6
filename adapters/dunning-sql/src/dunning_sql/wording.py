"""What the values of a column mean: words of our closed sets, units and dates, and which rows are deleted.

Each is a guess by what stands there; what nobody can tell is said to be unknown rather than guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from dunning.adapter.fields import Field
from dunning_sql.convert import plain
from dunning_sql.names import initials_of
from dunning_sql.periods import period_of

LATE_FEES = ("滞纳金", "违约金", "逾期违约金", "late_fee", "late fee", "penalty")
"""What bills call a late fee, which is never principal."""

# What systems say beside the words of our own importer (docs/reference/headers.md).
_SAID: Mapping[str, str] = {
    "residential": "多层 高层 小高层 洋房 别墅 公寓 住房 居民 民宅",
    "commercial": "店铺 门面 店面 商用 铺位 底商",
    "office": "写字间 办公室",
    "parking": "停车 车位 车库 泊车",
    "property_fee": "物管费 物业 管理费 服务费",
    "heating": "暖气费 采暖",
    "rent": "租赁费",
    "shared_utility": "公摊 分摊",
    "utility": "水费 电费 燃气费 水电",
    "repair": "维修 维修基金",
    "deposit": "押金",
    "wechat": "公众号 小程序 企微",
    "phone": "来电 去电 拨打 外呼 电联",
    "sms": "短信通知",
    "visit": "走访 登门 拜访 入户",
    "letter": "催缴函 催款函 函件 律师函",
    "notice": "公示 贴单",
    "promised": "承诺 答应",
    "refused": "拒绝 不缴 拒交",
    "no_answer": "无人 未接 空号 关机",
    "away": "外地 不在家",
    "reached": "接通 已接 联系上",
    "paid": "已交",
    "disputed": "异议 投诉",
    "undeliverable": "退回 失败",
    "delivered": "送达 签收",
    "sent": "发送 成功",
    "person": "私人 散户",
    "company": "法人 单位 企业",
    "relief": "减免 优惠",
    "refund": "退费",
    "write_off": "坏账",
    "credit_note": "冲减 调减 红字",
    "approved": "已审 通过",
}

_DEAD = re.compile(r"作废|删除|注销|取消|无效|冲红")
_NO = {"0", "否", "n", "no", "f", "false", "正常", "未删除", "有效"}
_YES = {"1", "是", "y", "yes", "t", "true", "已删除", "作废", "无效"}
_IN_COMMENT = re.compile(r"([0-9A-Za-z_]+)\s*[:：=＝、.\-—]?\s*([\u3400-\u9fff]+)")


class Meaning(NamedTuple):
    """What the values of a column mean: those we know, those nobody told us, those that mean a late fee.

    `plain`: all of them are read as they stand. `told`: what a value is called elsewhere, where it is a code.
    """

    known: Mapping[str, str]
    unknown: Sequence[str]
    late: Sequence[str]
    plain: bool
    told: Mapping[str, str]


def meaning(field: Field, values: Sequence[str], told: Mapping[str, str], comment: str) -> Meaning:
    """What values mean for a field with a closed set of words. `told`: what another table calls them."""
    said = {**dict(_IN_COMMENT.findall(comment)), **told}
    known: dict[str, str] = {}
    unknown: list[str] = []
    late: list[str] = []
    straight = {*field.words, *(title for titles in field.words.values() for title in titles)}
    for value in values:
        name = said.get(value, value)
        found = _word(field, name)
        if field.name == "item" and any(word in name.lower() for word in LATE_FEES):
            late.append(value)
        elif found is None:
            unknown.append(value)
        else:
            known[value] = found
    every = all(value in straight for value in known) and not unknown
    named = {value: said[value] for value in values if value in said}
    return Meaning(known, unknown, late, every and bool(known), named)


def _word(field: Field, name: str) -> str | None:
    """The word of the closed set that a value is like: it is it, it holds it, or it is its pinyin initials."""
    titles = [(title, word) for word, own in field.words.items() for title in (*own, *_SAID.get(word, "").split())]
    for title, word in [*((word, word) for word in field.words), *titles]:
        if name.lower() == title.lower():
            return word
    inside = [(len(title), word) for title, word in titles if len(title) > 1 and title in name]
    if inside:
        return max(inside)[1]
    initials = {initials_of(title): word for title, word in reversed(titles) if len(title) > 1}
    short = name.lower()
    if not re.fullmatch(r"[a-z]{2,6}", short):
        return None
    return initials.get(short) or next((word for key, word in initials.items() if key.startswith(short)), None)


def alive(column: str, kind: Any, values: Sequence[str], comment: str) -> str | None:
    """The SQL that keeps the rows that count, by a column that tells (already quoted); None if it tells no such thing.

    `values` are what stands there; a column nobody has deleted by yet is told by its name and type alone.
    """
    bare = column.strip('"`[]').lower()
    validity = "有效" in bare or "valid" in bare
    if isinstance(kind, sa.types.Date | sa.types.DateTime):
        return f"{column} IS NULL"
    if values and any(_DEAD.search(value) for value in values):
        dead = ", ".join(f"'{value}'" for value in values if _DEAD.search(value))
        return f"({column} IS NULL OR {column} NOT IN ({dead}))"
    said = dict(_IN_COMMENT.findall(comment))
    dead_codes = [value for value, name in said.items() if _DEAD.search(name)]
    if dead_codes and ("状态" in comment or "删" in comment or "废" in comment):
        told = ", ".join(_literal(value, kind) for value in dead_codes)
        return f"({column} IS NULL OR {column} NOT IN ({told}))"
    if any(word in bare for word in ("状态", "status", "state", "zt")) and bare != "status_cd":
        return None
    kept = _YES if validity else _NO
    there = [value for value in values if value.lower() in kept]
    if values and not {value.lower() for value in values} <= _YES | _NO:
        return None
    if there:
        return f"{column} = {_literal(there[0], kind)}"
    return f"{column} = {_literal('1' if validity else '0', kind)}"


def yes(column: str, kind: Any, values: Sequence[str]) -> str | None:
    """The SQL that keeps the rows of which a column says yes."""
    found = [value for value in values if value.lower() in _YES]
    if not found or not {value.lower() for value in values} <= _YES | _NO:
        return None
    return f"{column} = {_literal(found[0], kind)}"


def _literal(value: str, kind: Any) -> str:
    if isinstance(kind, sa.types.Boolean):
        return "true" if value == "1" else "false"
    return value if isinstance(kind, sa.types.Integer | sa.types.Numeric) else f"'{value}'"


# Amounts, dates


def money_unit(column: str, kind: Any, comment: str, cells: Sequence[Any]) -> str | None:
    """`yuan`, `fen`, or empty where the type says it (decimals are yuan); None: it holds no amounts."""
    if isinstance(kind, sa.types.Numeric):
        return ""
    if isinstance(kind, sa.types.Integer):
        return "yuan" if "元" in f"{column}{comment}" or column.lower().endswith("yuan") else "fen"
    texts = [plain(cell).replace(",", "") for cell in cells]
    return "" if texts and all(re.fullmatch(r"-?\d+(\.\d+)?", text) for text in texts) else None


_PATTERNS = (
    (r"\d{8}", "%Y%m%d"),
    (r"\d{4}/\d{1,2}/\d{1,2}", "%Y/%m/%d"),
    (r"\d{4}\.\d{1,2}\.\d{1,2}", "%Y.%m.%d"),
    (r"\d{4}年\d{1,2}月\d{1,2}日", "%Y年%m月%d日"),
    (r"\d{4}/\d{1,2}/\d{1,2} \d{1,2}:\d{2}:\d{2}", "%Y/%m/%d %H:%M:%S"),
    (r"\d{14}", "%Y%m%d%H%M%S"),
)


def day_option(kind: Any, cells: Sequence[Any]) -> str | None:
    """What a mapping says of a date: empty, `format: ".."` or `unit: seconds`; None: what stands there is no date."""
    if isinstance(kind, sa.types.Date | sa.types.DateTime | sa.types.TIMESTAMP):
        return ""
    texts = [plain(cell) for cell in cells]
    if not texts:
        return "" if isinstance(kind, sa.types.String) else None
    whole = isinstance(kind, sa.types.Integer | sa.types.Numeric)
    if whole and all(re.fullmatch(r"1\d{9}", text) for text in texts):
        return "unit: seconds"
    if whole and all(re.fullmatch(r"1\d{12}", text) for text in texts):
        return "unit: milliseconds"
    if all(map(_iso, texts)):
        return ""
    for pattern, form in _PATTERNS:
        if all(re.fullmatch(pattern, text) for text in texts):
            return f'format: "{form}"'
    return None


def period_option(kind: Any, cells: Sequence[Any]) -> str | None:
    """What a mapping says of a period in one column: empty, or how long one is that a day tells; None: it is none."""
    if isinstance(kind, sa.types.Date | sa.types.DateTime):
        texts = [str(cell)[:10] for cell in cells]
        days = [date.fromisoformat(text) for text in texts if _iso(text) and text > "1900"]
        if {day.day for day in days} != {1}:
            return None
        months = {day.month for day in days}
        return "unit: quarter" if len(months) > 1 and months <= {1, 4, 7, 10} else "unit: month"
    if not cells:
        return "" if isinstance(kind, sa.types.String) else None
    return "" if all(period_of(plain(cell)) for cell in cells) else None


def _iso(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return text[:10] in ("0000-00-00", "1000-01-01")
    return not text.isdigit()


def rate_unit(comment: str, cells: Sequence[Any]) -> str | None:
    """The unit of a rate a day: by its comment, else by its size; None if nobody could tell."""
    for word, unit in (("万分", "ten_thousandth"), ("‱", "ten_thousandth"), ("千分", "permille"), ("‰", "permille")):
        if word in comment:
            return unit
    if "百分" in comment or "%" in comment:
        return "percent"
    texts = [plain(cell) for cell in cells]
    small = [text for text in texts if re.fullmatch(r"0(\.\d+)?", text) and float(text) <= 0.01]
    return "share" if texts and len(small) == len(texts) else None
