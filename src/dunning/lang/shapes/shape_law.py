"""The models of law files and calendars: every key, with a word for whoever hovers over it."""

from __future__ import annotations

from typing import Any

from dunning.lang.shapes.shape_book import InForce, Reviewed
from dunning.lang.shapes.shape_parts import (
    Day,
    Length,
    Shape,
    Texts,
    Title,
    Value,
    When,
    field,
    one_word,
    shaped,
    some_words,
)
from dunning.lang.words import words
from dunning.model import action

_PLACE = {"type": "string", "pattern": r"^CN(-\d{2}(\d{2}(\d{2})?)?)?$"}
ACTIONS = {name: one.title for name, one in action.ACTIONS.items()}
_PENALTY = {"anyOf": [{"type": "string"}, {"x-ref": "Penalty"}]}


class Checked(Shape):
    text: str = one_word(words.SOURCES, "条文文字看的是什么", required=True)
    in_force: str = one_word(words.SOURCES, "生效日看的是什么", required=True)
    by: Value = field("签字的律师")
    date: Day = field("签字日期")


class Article(Shape):
    cite: Value = field("引文, 例: 民法典第九百四十四条第三款", required=True)
    says: Title = field("说了什么", required=True)
    layer: str = one_word(words.LAYERS, "层级, 不写按文件的")
    in_force: InForce = field("生效的日子")
    replaces: Value = field("取代了哪一条")
    checked: Checked = field("怎么核对的", required=True)


class Penalty(Shape):
    says: Title = field("罚什么", required=True)
    articles: Texts = field("依据")


class Prohibition(Shape):
    effects: list[str] = some_words(words.EFFECTS, "禁止的后果")
    actions: list[str] = some_words(ACTIONS, "点名禁止的动作")
    verdict: str = one_word(words.VERDICTS, "结论, 不写是禁止")
    for_: When = field("只对哪些户", "for")
    unless: When = field("什么情况例外")
    penalty: str = shaped(_PENALTY, "违反的后果")
    articles: Texts = field("依据的条文", required=True)


class Gate(Shape):
    actions: list[str] = some_words(ACTIONS, "哪些动作")
    effects: list[str] = some_words(words.EFFECTS, "有哪些后果的动作")
    requires: When = field("之前要满足什么")
    says: Title = field("记录里看不出的要求")
    needs: list[str] = some_words(words.NEEDS, "随动作交代的要求")
    for_: When = field("只对哪些户", "for")
    articles: Texts = field("依据的条文", required=True)


class LegalLimit(Shape):
    of: str = one_word(words.LIMITS, "限制什么", required=True)
    at_most: Value = field("至多")
    at_least: Value = field("至少")
    per: Length = field("每多久 (至多几次)")
    between: Value = field("时间在, 例: 08:00-22:00")
    for_: When = field("只对哪些户", "for")
    articles: Texts = field("依据的条文", required=True)


class Clock(Shape):
    clock: str = one_word(words.CLOCKS, "哪种期间", required=True)
    lasts: Length = field("多长", required=True)
    from_: str = one_word(words.CLOCK_STARTS, "从什么起算", "from", required=True)
    restarts: list[str] = some_words(words.RESTARTS, "什么使它重新起算")
    proof: str = one_word(words.PROOFS, "至少要哪一级证据")
    alerts: list[Length] = field("到期前多久提醒")
    articles: Texts = field("依据的条文", required=True)


class TextRule(Shape):
    never: Texts = field("不得写的字样")
    allow: Texts = field("可以写的说法")
    must: Texts = field("必须写的内容")
    templates: Texts = field("只对哪些模板")
    before: str = one_word(words.BEFORE, "在此之前")
    articles: Texts = field("依据的条文", required=True)


class Permit(Shape):
    effects: list[str] = some_words(words.EFFECTS, "许可的后果")
    actions: list[str] = some_words(ACTIONS, "许可的动作")
    says: Title = field("说了什么")
    conflicts_with: Texts = field("与哪些条文抵触")
    articles: Texts = field("依据的条文", required=True)


class BillRule(Shape):
    never: When = field("什么情况下不得催", required=True)
    says: Title = field("说了什么")
    articles: Texts = field("依据的条文", required=True)


class DebtorRule(Shape):
    when: When = field("什么情况下", required=True)
    is_: str = one_word(words.OWERS, "谁是债务人", "is", required=True)
    says: Title = field("说了什么")
    articles: Texts = field("依据的条文", required=True)


class Vacancy(Shape):
    at_most: Value = field("最多收几成, 例: 60%", required=True)
    after: Length = field("空置多久以后")
    when: When = field("对哪些户")
    says: Title = field("说了什么")
    articles: Texts = field("依据的条文", required=True)


class ReferenceRate(Shape):
    rate: Value = field("编号, 例: lpr_1y", required=True)
    title: Title = field("名字")
    values: dict[str, Any] = shaped({"type": "object"}, "从哪天起是多少, 例: {2025-05-20: 3% per year}", required=True)
    known_until: Value = field("查到哪一天为止", required=True)
    articles: Texts = field("依据的条文", required=True)


class Law(Shape):
    """法律文件"""

    law: Value = field("属于哪套法律, 例: cn", required=True)
    title: Title = field("标题")
    reviewed: Reviewed = field("律师审签")
    places: list[str] = shaped({"type": "array", "items": _PLACE}, "适用地区: CN, 或 CN- 加行政区划代码", required=True)
    layer: str = one_word(words.LAYERS, "层级", required=True)
    unresearched: bool = field("这个地方还没有研究过")
    articles: dict[str, Article] = field("条文: 编号和内容")
    prohibitions: list[Prohibition] = field("禁止")
    gates: list[Gate] = field("门槛")
    limits: list[LegalLimit] = field("限度")
    clocks: list[Clock] = field("期间")
    text: list[TextRule] = field("措辞")
    permits: list[Permit] = field("地方许可")
    bills: list[BillRule] = field("不得催的账单")
    debtor: list[DebtorRule] = field("谁是债务人")
    vacancy: list[Vacancy] = field("空置")
    references: list[ReferenceRate] = field("参照的利率: 只作对照, 不下结论")


class Year(Shape):
    notice: Value = field("通知的文号")
    festivals: dict[str, Any] = shaped({"type": "object"}, "法定节日当天, 按节名", required=True)
    rest: Texts = field("放假的全部日子", required=True)
    work: Texts = field("调休上班的周末", required=True)


class Calendar(Shape):
    """日历"""

    calendar: Value = field("日历的名字", required=True)
    title: Title = field("标题")
    years: dict[str, Year] = field("各年", required=True)
