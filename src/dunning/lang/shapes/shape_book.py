"""The models of a book, a community's file and a folder's settings: every key, with a word for who hovers over it."""

from __future__ import annotations

from typing import Any

from dunning.lang.shapes.shape_parts import (
    APPROVAL,
    CHANNELS,
    CONDITION,
    FACT_TYPE,
    LATE_FEE,
    OUTPUT,
    SCALAR,
    TABLES,
    TEXT,
    Action,
    Dates,
    Day,
    Events,
    Length,
    Named,
    Role,
    Shape,
    Template,
    Texts,
    Title,
    Tone,
    Value,
    When,
    dated,
    field,
    one_of,
    one_word,
    shaped,
    some_words,
)
from dunning.lang.words import words


class InForce(Shape):
    since: Day = field("第一天")
    until: Day = field("最后一天, 当天仍有效; null 表示没有期限")


class SectionReviewed(Shape):
    section: Value = field("会签的是哪一段", required=True)
    role: str = one_word(words.ROLES, "以哪个岗位会签")
    by: Value = field("会签人; 由 dunning sign 写入", required=True)
    date: Day = field("会签日期")
    digest: Value = field("所签那一段的摘要")


class Reviewed(Shape):
    by: Value = field("审签人; 由 dunning sign 写入")
    date: Day = field("审签日期")
    digest: Value = field("所签内容的摘要")
    law_digest: Value = field("所依据法律的摘要")
    sections: list[SectionReviewed] = field("各段的会签")


class LateFee(Shape):
    items: list[str] = some_words(words.ITEMS, "计违约金的费项", required=True)
    rate: str = shaped(dated(TEXT), "日费率, 例: 0.5‰ per day、每日万分之五", required=True)
    dated_by: str = one_word(words.DATED_BY, "费率变动时: day 逐日适用, due 按到期日那天的条款")
    cap: str = shaped(dated(SCALAR), "上限, 例: 5% of charge、欠费的5%、none")
    payment_day: str = one_word(words.PAYMENT_DAY, "付款当天计不计")
    grace: str = shaped(dated(TEXT), "宽限天数, 例: 3d")
    after_grace: str = one_word(words.AFTER_GRACE, "过了宽限期从哪天起算")
    after_principal: str = one_word(words.AFTER_PRINCIPAL, "本金付清后剩下的违约金")
    rounding: str = shaped(dated(one_of(words.ROUNDING)), "取整到分的方式")
    rest_day_due: str = one_word(words.REST_DAY_DUE, "到期日是休息日时")
    source: Value = field("出处: 合同条款或制度")
    covers: Texts = field("落实了哪些要求, 例: [D.1]")


class Payments(Shape):
    across_charges: str = one_word(words.ACROSS_CHARGES, "一笔钱先付哪一笔账单")
    within_charge: list[str] = some_words(words.PARTS, "一笔账单里先付本金还是违约金")
    source_split: str = one_word(words.SOURCE_SPLIT, "是否沿用 ERP 自己的分摊")
    chase_from: Value = field("未付少于这个数的账单不催, 例: 1元")


class Items(Shape):
    chased: list[str] = some_words(words.ITEMS, "催缴的费项: 欠费金额只计这些", required=True)


class OwnFact(Shape):
    type: str = shaped(FACT_TYPE, "类型, 或一组取值", required=True)
    title: Title = field("中文名, 条件里可以直接写它")
    from_: Value = field("取自账户的附加属性: attributes.名字", "from", required=True)
    default: str = shaped(SCALAR, "没有给出时当作什么; null 表示无")


class Row(Shape):
    id: Value = field("行的编号")
    title: Value = field("行的说明, 解释结果时显示")
    when: When = field("条件: 全部满足才算")
    then: str = shaped(dated(SCALAR), "结果; 可以按起始日期写")
    else_: str = shaped(dated(SCALAR), "其余各户的结果", "else")


class Table(Shape):
    title: Title = field("表名, 报表和解释里显示")
    of: str = one_word(words.OF, "account 每户一个结果, charge 每笔账单一个结果")
    output: str = shaped(OUTPUT, "能得出哪些结果: 一组词 [A, B], 带中文名 {A: 重点}, 或一种类型", required=True)
    hit: str = one_word(words.HITS, "几行都符合时怎么算; 不写是 unique: 只能有一行符合")
    source: Value = field("出处")
    covers: Texts = field("落实了哪些要求, 例: [C.2]")
    grid: Value = field("画成表格: grid: | 下面每行用 | 隔开, 一列以 => 开头")
    rows: list[Row] = field("一行一行写")


class Days(Shape):
    workday: list[str] = field("工作日 (含调休上班的周末), 例: [10:00-12:00, 15:00-18:00]", required=True)
    rest_day: list[str] = field("休息日", required=True)
    festival: list[str] = field("法定节日当天; [] 表示不联系", required=True)


class Windows(Shape):
    phone: Days = field("电话 (含智能语音)")
    visit: Days = field("上门")
    message: Days = field("短信、微信、应用推送、邮件")


class Cap(Shape):
    at_most: int = field("最多几次", required=True)
    of: str = one_word(words.LIMITED, "哪一类联系", required=True)
    per: Length = field("多少天内, 含当天", required=True)
    when: When = field("只对哪些户")
    title: Value = field("说明")
    source: Value = field("出处")


class Quota(Shape):
    at_least: int = field("至少几次", required=True)
    of: str = one_word(words.LIMITED, "哪一类联系", required=True)
    per: Length = field("多少天内, 含当天", required=True)
    when: When = field("只对哪些户")
    lacks: str = one_word(words.LACKS, "没达到时")
    title: Value = field("说明")
    source: Value = field("出处")


class Contact(Shape):
    windows: Windows = field("可以联系的时段")
    caps: list[Cap] = field("次数上限, 按人计, 跨他的各户")
    quotas: list[Quota] = field("次数下限, 没达到只报告")
    fresh_data: Length = field("数据超过多久就什么也不发, 例: 24h")
    covers: Texts = field("落实了哪些要求, 例: [B.18]")


class Repeat(Shape):
    every: Length = field("每隔多久", required=True)
    times: int = field("一共几次")
    until: When = field("直到什么成立")


class Channels(Shape):
    first_of: list[str] = some_words(words.CHANNELS, "依次尝试, 一个不成换下一个")
    all_of: list[str] = some_words(words.CHANNELS, "同时都用, 算一次联系")


class Approval(Shape):
    roles: list[str] = some_words(words.ROLES, "哪些岗位, 各一人, 不能是经办人", required=True)
    valid: Length = field("批准多久内有效, 不写是 30d")


class Gives(Shape):
    deadline: Length = field("给对方的期限, 例: 10wd", required=True)
    at_least: Length = field("至少多久, 与期限取较晚的一个")
    from_: str = one_word(words.GIVEN_FROM, "从送达还是发出起算, 不写是送达", "from")


class Step(Shape):
    step: Value = field("步骤的编号: 字母、数字、下划线, 定了不要改")
    use: Value = field("取用基础规则书的一步; 下面只写要改的几项")
    title: Title = field("步骤的中文名")
    action: Action = field("动作")
    at: Dates = field("何时; 阶梯里不写表示一有逾期就可以")
    of: str = one_word(words.OF, "charge 表示每笔账单各做一次")
    when: When = field("条件")
    after: Events = field("之前必须发生过什么")
    repeat: Repeat = field("重复")
    channels: str = shaped(CHANNELS, "渠道: 依次或同时")
    to: str = one_word(words.RECIPIENTS, "发给谁, 不写是债务人")
    role: Role = field("由哪个岗位做, 或按一张表")
    needs: list[str] = some_words(words.NEEDS, "做之前须备的")
    record: list[str] = some_words(words.RECORDED, "登记了这些才算做过")
    approval: str = shaped(APPROVAL, "谁审批: 岗位列表")
    gives: Gives = field("给对方的期限; 期限内较低的步骤停下")
    proof: str = one_word(words.PROOFS, "至少要哪一级送达证据")
    template: Template = field("模板, 或按一张表")
    tone: Tone = field("口径, 或按一张表; 不写按模板的")
    late: str = one_word(words.LATE, "过了时间: keep 补做, drop 作罢")
    priority: int = field("名额不够时谁先, 数小的先")
    once_per: str = one_word(words.OCCASIONS, "多久算一次")
    source: Value = field("出处")
    covers: Texts = field("落实了哪些要求")


class Ladder(Shape):
    catch_up: str = one_word(words.CATCH_UP, "几步都到时间了怎么办")
    min_gap: Length = field("与阶梯上次联系至少隔多久")
    steps: list[Step] = field("从低到高")
    at_end: Action = field("最后一步之后")


class Promises(Shape):
    longest: Length = field("承诺最远可以到多久以后")
    in_a_row: int = field("连续几次承诺后不再等")


class Pause(Shape):
    while_: When = field("什么情况下", "while", required=True)
    stops: Texts = field("停下什么: ladder、reminders、all、tone legal, 或一个步骤", required=True)
    until: str = one_word(words.UNTIL, "直到答复或了结")
    answer_within: Length = field("多久内要答复")
    source: Value = field("出处")


class Authority(Shape):
    up_to: Value = field("不超过多少")
    above: Value = field("超过多少")
    roles: list[str] = some_words(words.ROLES, "谁有权批", required=True)


class Offer(Shape):
    offer: Value = field("方案编号", required=True)
    kind: str = one_word(words.OFFERS, "种类", required=True)
    title: Value = field("名称")
    when: When = field("对哪些户")
    count: Value = field("期数, 例: 3..12")
    every: Length = field("每期多久")
    months: Value = field("缓几个月, 例: 1..3")
    waive: Value = field("免多少, 例: 50%..100% of late_fee")
    accrual: str = one_word(words.ACCRUAL, "期间计不计违约金")
    on_break: str = one_word(words.ON_BREAK, "没有履行时")
    tolerance: Length = field("晚几天不算违约")
    needs: list[str] = some_words(words.NEEDS, "须备的")
    authority: list[Authority] = field("谁有权批多少")
    source: Value = field("出处")
    covers: Texts = field("落实了哪些要求")


class Gift(Shape):
    discount: Value = field("折扣, 例: 5%")
    benefit: Value = field("礼遇")


class Incentive(Shape):
    title: Value = field("名称", required=True)
    when: When = field("对哪些户", required=True)
    then: Gift = field("给什么", required=True)
    source: Value = field("出处")
    covers: Texts = field("落实了哪些要求")


class Incentives(Shape):
    stacking: str = one_word(words.STACKING, "几项都符合时")
    rows: list[Incentive] = field("各项优惠")


class Target(Shape):
    measure: str = one_word(words.MEASURES, "指标", required=True)
    at_least: Value = field("至少多少, 例: 95%", required=True)
    by: Dates = field("到哪一天")
    title: Value = field("说明")
    source: Value = field("出处")
    covers: Texts = field("落实了哪些要求")


class OwnAction(Shape):
    title: Title = field("中文名", required=True)
    effects: list[str] = some_words(words.EFFECTS, "会造成什么后果; 没有也要写 []", required=True)
    receiver: str = one_word(words.RECEIVERS, "对谁做")


class Declined(Shape):
    item: Value = field("哪一条要求", required=True)
    says: Value = field("它要求什么", required=True)
    because: Value = field("为什么不采用: 条文编号或理由", required=True)


class Book(Shape):
    """规则书"""

    rulebook: Value = field("规则书的名字: 字母、数字、下划线", required=True)
    title: Value = field("标题")
    language: Value = field("规则语言的版本, 现在是 1")
    version: Value = field('规则书的版本, 例: "2026.1"')
    in_force: InForce = field("这一版从哪天到哪天有效")
    applies: dict[str, Any] = shaped(CONDITION, "对哪些户; 不写表示只作基础; 可另写 from、to、then")
    then: Value = field("阶段结束后归哪本规则书")
    based_on: Value = field("基础规则书的名字; 没有写的部分沿用它的")
    law: Value = field("依据的法律, 例: cn")
    owner: Value = field("归口部门")
    reviewed: Reviewed = field("审签, 由 dunning sign 写入")
    late_fee: dict[str, Any] = shaped(LATE_FEE, "违约金条款; 各费项不同时写成列表")
    payments: Payments = field("付款怎么冲账")
    items: Items = field("费项")
    facts: dict[str, OwnFact] = field("自定义的事实")
    impossible: list[When] = field("不可能存在的户, 供查漏时排除")
    tables: dict[str, Any] = shaped(TABLES, "判断表")
    contact: Contact = field("联系的时段和次数")
    reminders: list[Step] = field("提醒: 按事件定的单独联系")
    promises: Promises = field("缴费承诺")
    pauses: list[Pause] = field("什么会让催缴停下")
    ladder: Ladder = field("催缴阶梯, 从低到高")
    relief: list[Offer] = field("可以给的减免")
    incentives: Incentives = field("优惠")
    targets: list[Target] = field("目标, 只报告")
    actions: dict[str, OwnAction] = field("自己的动作")
    declined: list[Declined] = field("有人要求而不采用的")
    dropped: Named = field("取消的表和步骤: 名字和理由")
    renamed: Named = field("改名的表和步骤: 旧名字和新名字")


class CommunityFee(Shape):
    rate: str = shaped(dated(TEXT), "更低的费率")
    cap: str = shaped(dated(SCALAR), "更低的上限")
    source: Value = field("出处")


class CommunityContact(Shape):
    windows: Windows = field("更窄的时段")
    caps: list[Cap] = field("更少的次数")


class CommunityStep(Shape):
    role: str = one_word(words.ROLES, "另一个岗位")
    channels: list[str] = some_words(words.CHANNELS, "其中几个渠道")


class Community(Shape):
    """小区的文件: 只能更严"""

    community: Value = field("小区的编号, 与账户里的一致", required=True)
    title: Value = field("标题")
    language: Value = field("规则语言的版本")
    version: Value = field("版本")
    in_force: InForce = field("从哪天到哪天有效")
    based_on: Value = field("在哪本规则书上", required=True)
    owner: Value = field("归口部门")
    reviewed: Reviewed = field("审签")
    late_fee: CommunityFee = field("违约金")
    contact: CommunityContact = field("联系")
    steps: dict[str, CommunityStep] = field("步骤的岗位和渠道")


class Settings(Shape):
    """规则文件夹的设置 (folder.yaml)"""

    require_signed: bool = field("没有审签的规则书不能用")
    sign_by: dict[str, list[str]] = field("哪一段要谁签")
