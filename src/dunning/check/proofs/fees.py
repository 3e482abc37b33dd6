"""Proofs about the late fee of a book, for every amount and every day at once; needs the extra `prove`.

The fee is that of the ledger itself: a charge is opened, paid and assessed by the code that does it for every account,
with symbols put in for its numbers. What is claimed is written once, as a question about fees: put to symbols it is a
proof, put to a real account it shows a counterexample.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, partial
from itertools import islice, pairwise
from typing import Any, NamedTuple, cast

import z3

from dunning.basis.finding import Text
from dunning.basis.money import Fen, decimal_text, yuan
from dunning.check.coverage import trial_day
from dunning.check.households import for_anyone
from dunning.check.proofs.claims import NOTHING, Answer, Claim, Shown
from dunning.check.proofs.standing import account_of
from dunning.check.proofs.symbols import Symbol, Way, ways
from dunning.engine.assess import assess
from dunning.engine.law.refusal import limits_of
from dunning.engine.owed.allocation import Till
from dunning.engine.owed.fees import Clause, Schedule
from dunning.engine.owed.tab import Tab
from dunning.model.account import Account, Charge, Payment
from dunning.model.law import Article
from dunning.model.rulebook import LateFee, RuleBook

PATIENCE = 20_000
"""Milliseconds for one way through the code."""
MOST_WAYS = 4000
"""Ways through the code that are gone for one claim; beyond that it stays open."""
LAST = date.max.toordinal()

Number = Any
"""An int, or a symbol that stands for all of them."""
Fee = Callable[..., Any]
"""The assessed fee of the charge on a day, with its part paid on a day (`paid_on`) or not; None: undetermined."""


class Numbers(NamedTuple):
    """One charge and what happens: two days to ask on, the later one second; a part of it, and two days to pay that."""

    principal: Number
    due: Number
    asked: Number
    later: Number
    part: Number
    paid: Number
    paid_later: Number

    def possible(self) -> list[Any]:
        principal, due, asked, later, part, paid, paid_later = self
        return [
            principal >= 0, due <= asked, asked <= later, later <= LAST, part >= 1, part <= principal,
            due <= paid, paid <= paid_later,
        ]  # fmt: skip


NUMBERS = Numbers(*z3.Ints(" ".join(Numbers._fields)))


@dataclass(frozen=True)
class Terms:
    """One set of late-fee terms, for the due dates from `since` to `until` (ordinals)."""

    book: RuleBook
    late_fee: LateFee
    since: int
    until: int

    @cached_property
    def schedule(self) -> Schedule | None:
        """The terms in whole numbers; None where the fee is undetermined."""
        return Clause(self.late_fee).on(self.since, None)

    @property
    def told(self) -> Text:
        """For which bills they are."""
        items = "、".join(self.late_fee.items), ", ".join(self.late_fee.items)
        first, last = (date.fromordinal(day) for day in (self.since, self.until))
        if self.since == 1 and self.until == LAST:
            return Text(f"{items[0]}账单", f"{items[1]} charges")
        if self.until == LAST:
            return Text(f"{first} 起到期的{items[0]}账单", f"{items[1]} charges due from {first} on")
        if self.since == 1:
            return Text(f"{last} 以前到期的{items[0]}账单", f"{items[1]} charges due by {last}")
        return Text(f"{first} 至 {last} 到期的{items[0]}账单", f"{items[1]} charges due {first} to {last}")

    @cached_property
    def tops(self) -> tuple[int, ...]:
        """The tops of the rates that a day after such a due date may have."""
        assert self.schedule is not None
        steps = self.schedule.steps
        ended = [top for (_, top), (end, _) in pairwise(steps) if end <= self.since + 1]
        return tuple(top for _, top in steps[len(ended) :])


def sets_of_terms(book: RuleBook) -> Iterator[Terms]:
    """Every set of terms of a book with the due dates it is for; those before the first say nothing and are left out.

    Bills that fell due before the book came into force are assessed by it as well.
    """
    for late_fee in book.late_fees:
        dated = (late_fee.rate, late_fee.cap, late_fee.grace, late_fee.rounding)
        begins = late_fee.rate.steps[0][0]
        turns = sorted({max(since, begins).toordinal() for values in dated for since, _ in values.steps})
        for since, after in pairwise([*turns, LAST + 1]):
            terms = Terms(book, late_fee, since, after - 1)
            if terms.schedule is not None:
                yield terms


def proofs_of_fees(book: RuleBook) -> Iterator[Callable[[], Claim]]:
    """What is claimed of the late fees of a book, one claim at a time, each asked when called."""
    for terms in sets_of_terms(book):
        yield from (partial(asked, sentence, terms) for sentence in sentences(terms))
        yield from against_law(terms)
    for terms in list(sets_of_terms(book))[-1:]:
        yield partial(_not_claimed, terms)
        if book.payments.across_charges == "statutory":
            yield partial(Claim, "early_under_statutory", _EARLY_BY_LAW, "not_claimed", terms.told, _WHY_BY_LAW)
            yield partial(Claim, "total_under_statutory", _TOTAL_BY_LAW, "not_claimed", terms.told, _WHY_BY_LAW)


# What is claimed


class Sentence(NamedTuple):
    """A claim as a question about the fee of any charge: True, or that nothing is claimed of it, or False."""

    name: str
    title: Text
    holds: Callable[[Fee, Numbers], bool]
    given: Callable[[Numbers], Sequence[Any]] = lambda _: ()
    pays: bool = False  # about a part that is paid, and the later day

    def day(self, of: Numbers) -> Number:
        """The day to look at a household on."""
        return of.later if self.pays or self.name == "never_falls" else of.asked


def sentences(terms: Terms) -> Iterator[Sentence]:
    """What is claimed of the fee under some terms, whatever the law says."""
    schedule = terms.schedule
    assert schedule is not None
    grace = schedule.grace

    def nothing_at_first(fee: Fee, of: Numbers) -> bool:
        return bool(fee(of.asked) == 0)

    def capped(fee: Fee, of: Numbers) -> bool:
        limit = schedule.limit(of.principal)
        return _at_most(fee(of.asked), of.principal if limit is None else limit)

    def never_falls(fee: Fee, of: Numbers) -> bool:
        return _at_most(fee(of.asked), fee(of.later))

    def a_part_never_costs(fee: Fee, of: Numbers) -> bool:
        return _at_most(fee(of.later, paid_on=of.paid), fee(of.later))

    def earlier_never_costs(fee: Fee, of: Numbers) -> bool:
        return _at_most(fee(of.later, paid_on=of.paid), fee(of.later, paid_on=of.paid_later))

    at_first = Text("到期那天没有违约金", "nothing is charged on the due date")
    if grace:
        at_first = Text(f"宽限的 {grace} 天里没有违约金", f"nothing is charged within {grace} days of grace")
    yield Sentence("zero_at_first", at_first, nothing_at_first, lambda of: [of.asked <= of.due + grace])
    yield Sentence("capped", _CAPPED if schedule.cap_bottom else _UNCAPPED, capped)
    yield Sentence("never_falls", Text("一天比一天不减少", "from day to day it never falls"), never_falls)
    part = Text("缴一部分, 不会更贵", "paying a part never costs")
    yield Sentence("a_part_never_costs", part, a_part_never_costs, pays=True)
    earlier = Text("同一笔钱早缴, 不会比晚缴贵", "the same money paid earlier never costs more than later")
    yield Sentence("earlier_never_costs", earlier, earlier_never_costs, pays=True)
    day = cap_day(terms)
    if day is not None:

        def at_the_cap(fee: Fee, of: Numbers) -> bool:
            found, limit = fee(of.asked), schedule.limit(of.principal)
            return bool(found is None or found == limit)

        title = Text(f"到期后第 {day} 天起等于上限", f"from day {day} after the due date on it is the cap")
        yield Sentence("cap_day", title, at_the_cap, lambda of: [of.asked >= of.due + day])


_CAPPED = Text("不超过上限", "never above the cap")
_UNCAPPED = Text("没有上限, 也不超过本金", "never above the charge, though without a cap")


def _at_most(one: Number, other: Number) -> bool:
    """Whether one fee is at most another; of fees that are undetermined nothing is claimed."""
    return one is None or other is None or bool(one <= other)


def cap_day(terms: Terms) -> int | None:
    """From which day after the due date every fee of such bills has reached its cap, at the lowest of their rates; 100
    for 0.5‰ and 5%. None: there is no cap, or it may never be reached.
    """
    schedule, low = terms.schedule, min(terms.tops)
    if schedule is None or not schedule.cap_bottom or not low:
        return None
    return -(-schedule.cap_top * schedule.bottom // (schedule.cap_bottom * low)) + schedule.first - 1


# The law's own limits


def against_law(terms: Terms) -> Iterator[Callable[[], Claim]]:
    """No fee beyond what a law file leaves, while its article is in force; or that none names a figure."""
    schedule, found = terms.schedule, False
    assert schedule is not None
    for limit, article in limits_of(terms.book, "late_fee_cap"):
        share, found = limit.at_most, True

        def within(fee: Fee, of: Numbers, share: Any = share) -> bool:
            assessed = fee(of.asked)
            return assessed is None or bool(assessed * share.denominator <= of.principal * share.numerator)

        most = f"{decimal_text(cast(Any, share) * 100)}%"
        title = Text(f"不超过{article.cite}的上限 {most}", f"never above the {most} of {article.cite}")
        yield partial(asked, Sentence("lawful_cap", title, within, partial(_in_force, article)), terms)
    for limit, article in limits_of(terms.book, "late_fee_rate"):
        most_a_day, found = limit.at_most, True

        def slow(_: Fee, of: Numbers, most: Any = most_a_day) -> bool:
            top = schedule.rate_on(of.asked)
            return top is None or bool(top * most.denominator <= schedule.bottom * most.numerator)

        told = f"{decimal_text(cast(Any, most_a_day) * 1000)}‰"
        title = Text(f"每天的费率不超过{article.cite}的 {told}", f"no day's rate above the {told} of {article.cite}")
        yield partial(asked, Sentence("lawful_rate", title, slow, partial(_in_force, article)), terms)
    if not found:
        packs = len(terms.book.laws)
        said = Text(f"{packs} 份法规文件都没有写违约金上限", f"none of {packs} law files names a figure for late fees")
        yield partial(Claim, "lawful_cap", _LAWFUL, "proved" if packs else "open", terms.told, said)


_LAWFUL = Text("不超过法律规定的上限", "never above a cap of the law")


def _in_force(article: Article, of: Numbers) -> list[Any]:
    since, until = article.since or date.min, article.until or date.max
    return [of.asked > of.due, of.asked >= since.toordinal(), of.asked <= until.toordinal()]


# The fee, of symbols and of accounts


class _Day:
    """A day whose number is a symbol."""

    def __init__(self, number: Number) -> None:
        self.number = number

    def toordinal(self) -> Number:
        return self.number


def _fee_of_symbols(terms: Terms, of: Numbers) -> Fee:
    """The fee as the ledger has it, of a charge that is opened, paid and assessed anew each time."""

    # Where there is one charge, all orders among charges are the same.
    one_by_one = replace(terms.book.payments, across_charges="earliest_due")

    def fee(asked: Symbol, *, paid_on: Symbol | None = None) -> Any:
        # What stands for numbers here is only reckoned with; nothing on the way looks at what else a charge says.
        tab = Tab(Charge(id="Q1", amount=0, due=date.min), of.due, date.min, of.principal)
        tab.counted = terms.late_fee.payment_day == "counted"
        tab.bear(terms.schedule)
        if paid_on is not None and paid_on <= asked:
            till = Till([tab], one_by_one)
            payment = Payment(id="P1", on=date.min, amount=0)
            till.receive(cast(int, paid_on), cast(date, _Day(paid_on)), [(payment, of.part)])
        return tab.assessed(cast(int, asked), cast(int, asked))

    return fee


def _fee_of_account(book: RuleBook, account: Account, of: Numbers) -> Fee:
    """The fee as an assessment of the account has it."""

    def fee(asked: int, *, paid_on: int | None = None) -> Fen | None:
        result = assess(_paying(account, of, paid_on), for_anyone(book), on=date.fromordinal(asked))
        return next((charge.late_fee.assessed for charge in result.charges), None)

    return fee


def _paying(account: Account, of: Numbers, paid_on: int | None) -> Account:
    """The account with its part paid on a day."""
    if paid_on is None:
        return account
    return replace(account, payments=(Payment(id="P1", on=date.fromordinal(paid_on), amount=of.part),))


# Asking


def asked(sentence: Sentence, terms: Terms) -> Claim:
    """Go every way through the code on which the sentence would be false; if none can be gone, it is proved."""
    of = NUMBERS
    given = [*of.possible(), of.due >= max(terms.since, 1), *sentence.given(of)]
    given.append(of.due <= min(LAST, terms.until + _LONGEST_ROLL))
    counter: list[Any] | None = None
    lost = False
    outcomes = ways(partial(_put, sentence, terms), given)
    for conditions, holds in islice(outcomes, MOST_WAYS):
        if holds:
            continue
        found = _checked(conditions)
        if found == z3.sat:
            counter = conditions
            break
        lost = lost or found != z3.unsat
    if counter is not None:
        shown = _shown(sentence, terms, counter)
        return Claim(sentence.name, sentence.title, "false", terms.told, NOTHING if shown else _NOT_SHOWN, shown)
    answer: Answer = "open" if lost or next(outcomes, None) is not None else "proved"
    return Claim(sentence.name, sentence.title, answer, terms.told, _REACH if answer == "proved" else _NO_ANSWER)


def _put(sentence: Sentence, terms: Terms, way: Way) -> bool:
    of = Numbers(*(way.symbol(term) for term in NUMBERS))
    return sentence.holds(_fee_of_symbols(terms, of), of)


def _checked(conditions: Sequence[Any], *more: Any) -> Any:
    """Whether numbers exist of which all of this is true; what one solver gives up another may answer."""
    for solver in (z3.Solver(), z3.SolverFor("QF_NIA")):
        solver.set("timeout", PATIENCE)
        solver.add(*conditions, *more)
        found = solver.check()
        if found != z3.unknown:
            return found
    return z3.unknown


_LONG_AGO = date(1990, 1, 1).toordinal()
_FAR = date(2999, 12, 31).toordinal()
"""No household is drawn up beyond this day: there are days to be counted after it."""
_LONGEST_ROLL = 30
"""Days a due date may move to be a working day: more than the longest holidays."""
_REACH = Text(
    "一笔账单, 金额不限, 到 9999 年的每一天; 无暂停计算、减免、分期, 合同没有更低的约定",
    "one charge of any amount, every day to the year 9999; no hold, relief or plan, and no lower terms in the contract",
)
_NO_ANSWER = Text("求解器没有在时限内给出答案", "the solver found no answer in time")
_NOT_SHOWN = Text("没有造出这样的户", "no such household could be drawn up")


# What is not claimed


_LATE_COSTS = Text("逾期就一定有违约金", "whoever is late owes a late fee")
_WHY_NOT = Text("取整到分, 金额很小的为 0", "rounded to the fen, that of a small amount is nothing")
_EARLY_BY_LAW = Text("几笔账单: 早缴不会更贵", "of several charges: paying earlier never costs")
_TOTAL_BY_LAW = Text("几笔账单: 缴了钱总额不会升", "of several charges: the total never rises by paying")
_WHY_BY_LAW = Text(
    "按民法典第560条抵充时不成立: 0.54 元第23天到期, 0.15 元第33天到期, 日 1%, 上限 7%, 第60天看: 第36天缴 0.16 元, "
    "违约金 3 分; 第20天缴, 4 分 (docs/design/fee-math.md)",
    "false where payments go by article 560: 0.54 due on day 23, 0.15 on day 33, at 1% a day up to 7%, asked about on "
    "day 60: 0.16 paid on day 36 leaves a fee of 3 fen, paid on day 20 one of 4 (docs/design/fee-math.md)",
)


def _not_claimed(terms: Terms) -> Claim:
    """The converse of "no fee without delay", with a household of which it is false."""
    schedule = terms.schedule
    assert schedule is not None

    def late_costs(fee: Fee, of: Numbers) -> bool:
        found = fee(of.asked)
        return found is None or bool(found > 0)

    sentence = Sentence("late_costs", _LATE_COSTS, late_costs, lambda of: [of.asked >= of.due + schedule.first])
    claim = asked(sentence, terms)
    return claim._replace(answer="not_claimed", reach=_WHY_NOT) if claim.answer == "false" else claim


# A household that shows it


def _shown(sentence: Sentence, terms: Terms, conditions: list[Any]) -> Shown | None:
    """A real account for which the sentence is false when it is assessed; on likely days first."""
    for more in _likely(terms):
        of = _numbers(conditions, more)
        if of is None:
            continue
        account = _drawn(terms, of)
        if account is None or sentence.holds(_fee_of_account(terms.book, account, of), of):
            continue
        return _told(sentence, terms, of, account)
    return None


def _likely(terms: Terms) -> Iterator[list[Any]]:
    """Numbers a reader can picture: up to 10,000 yuan and ten years, due on a working day of about now."""
    of = NUMBERS
    usual = [of.principal >= 1, of.principal <= 10_000_00, of.later <= of.due + 3650, of.due >= _LONG_AGO]
    around = min(max(trial_day(terms.book).toordinal() - 365, terms.since), terms.until)
    days = [around, terms.since + 1, terms.until - 1, terms.since]
    for day in days:
        working = _working_day(terms.book, day)
        if working is not None and terms.since <= working <= terms.until:
            yield [*usual, of.due == working]
    yield [*usual, of.later <= _FAR]


def _working_day(book: RuleBook, day: int) -> int | None:
    """The first day from a day on that is no rest day, on which nothing rolls."""
    if not 1 <= day <= LAST - _LONGEST_ROLL:
        return None
    return next(day + n for n in range(_LONGEST_ROLL) if _is_workday(book, day + n))


def _is_workday(book: RuleBook, day: int) -> bool:
    return book.calendar.kind(date.fromordinal(day)) == "workday"


def _numbers(conditions: list[Any], more: list[Any]) -> Numbers | None:
    """Some numbers of which the conditions are true, the smallest principal that is soon found."""
    solver = z3.Solver()
    solver.set("timeout", PATIENCE // 2)
    solver.add(*conditions, *more)
    if solver.check() != z3.sat:
        return None
    model = solver.model()
    return Numbers(*(model.eval(term, model_completion=True).as_long() for term in NUMBERS))


def _drawn(terms: Terms, of: Numbers) -> Account | None:
    charge = Charge(id="Q1", amount=of.principal, item=terms.late_fee.items[0], due=date.fromordinal(of.due))
    return account_of(terms.book, date.fromordinal(of.asked), charges=(charge,))


def _told(sentence: Sentence, terms: Terms, of: Numbers, account: Account) -> Shown:
    """The household on the day the sentence is about, with the fee that comes out."""
    asked = sentence.day(of)
    paid_on = of.paid if sentence.pays else None
    fee = _fee_of_account(terms.book, account, of)(asked, paid_on=paid_on)
    days, shown = asked - of.due, "-" if fee is None else yuan(fee)
    zh = f"本金 {yuan(of.principal)} 元, 逾期 {days} 天, 违约金 {shown} 元"
    en = f"{yuan(of.principal)} yuan, {days} days overdue: a late fee of {shown} yuan"
    return Shown(_paying(account, of, paid_on), date.fromordinal(asked), Text(zh, en))
