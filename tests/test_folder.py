"""Rules folders: names, bases, law, calendars, versions, communities, tracks, and the one book for an account."""

from __future__ import annotations

import pickle
from datetime import date
from pathlib import Path

import pytest

from dunning.basis.errors import RulesError, UsageError
from dunning.basis.finding import Finding
from dunning.lang.folder import load, load_folder, read_calendar, resolve, shipped_packs
from dunning.lang.library import shipped
from dunning.model.account import Account, Party
from dunning.model.rulebook import RuleBook
from rule_files import write

TODAY = date(2026, 11, 22)
HOME = Account(id="1", use="residential", community="xinghe")
SHOP = Account(id="2", use="commercial")


def book(name: str, applies: str = "{use: residential}", more: str = "") -> str:
    return f"rulebook: {name}\ntitle: {name}\napplies: {applies}\n{more}"


def name_of(found: RuleBook | Finding | None) -> str | None:
    return found.name if isinstance(found, RuleBook) else found.code if found else None


# --- names and paths ---------------------------------------------------------------------------------------------


def test_shipped_packs_go_by_name() -> None:
    assert "residential" in shipped_packs()
    assert load("residential").name == "residential"
    assert resolve("residential") == shipped() / "packs" / "residential.yaml"


def test_findings_of_shipped_packs_name_no_path_of_this_machine() -> None:
    assert load("residential").file == "rules/packs/residential.yaml"


def test_a_file_goes_by_its_path(tmp_path: Path) -> None:
    write(tmp_path, {"mine.yaml": book("mine")})

    assert load(tmp_path / "mine.yaml").name == "mine"
    assert load(str(tmp_path / "mine.yaml")).file == (tmp_path / "mine.yaml").as_posix()


def test_a_name_that_is_none_is_refused_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="did you mean `residential`"):
        load("residental")


def test_a_folder_is_no_file_to_load(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is a folder; one rule file is wanted"):
        load(tmp_path)


def test_a_file_with_errors_does_not_load_and_all_of_them_are_told(tmp_path: Path) -> None:
    write(tmp_path, {"bad.yaml": "rulebook: bad\nlate_feee: 1\npayments: {across_charges: oldest}\n"})

    with pytest.raises(RulesError) as raised:
        load(tmp_path / "bad.yaml")
    assert [found.code for found in raised.value.findings] == ["R101", "R104"]


def test_a_file_that_is_no_text_does_not_load(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_bytes(b"rulebook: \xff\xfe\x00")

    with pytest.raises(RulesError):
        load(tmp_path / "bad.yaml")


# --- bases -------------------------------------------------------------------------------------------------------


def test_a_base_is_found_beside_the_file(tmp_path: Path) -> None:
    write(tmp_path, {
        "common.yaml": "rulebook: common\npayments: {chase_from: 10元}\n",
        "mine.yaml": book("mine", more="based_on: common\n"),
    })  # fmt: skip

    assert load(tmp_path / "mine.yaml").payments.chase_from == 1000


def test_a_base_is_found_by_the_name_it_gives_itself(tmp_path: Path) -> None:
    write(tmp_path, {
        "common-2026.yaml": "rulebook: common\npayments: {chase_from: 10元}\n",
        "mine.yaml": book("mine", more="based_on: common\n"),
    })  # fmt: skip

    assert load(tmp_path / "mine.yaml").payments.chase_from == 1000


def test_books_that_stand_on_each_other_are_refused(tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": book("a", more="based_on: b\n"), "b.yaml": book("b", more="based_on: a\n")})

    with pytest.raises(RulesError) as raised:
        load(tmp_path / "a.yaml")
    assert [found.code for found in raised.value.findings] == ["R308"]


def test_a_base_that_is_missing_is_one_mistake(tmp_path: Path) -> None:
    more = "based_on: comon\ntables: {t: {output: [A], rows: [{when: {of_the_base: A}, then: A}]}}\n"
    write(tmp_path, {"mine.yaml": book("mine", more=more)})

    with pytest.raises(RulesError) as raised:
        load(tmp_path / "mine.yaml")
    assert [found.code for found in raised.value.findings] == ["N209"]


def test_a_name_that_leads_out_of_the_folder_is_no_name(tmp_path: Path) -> None:
    write(
        tmp_path, {"secret.yaml": "rulebook: secret\n", "rules/mine.yaml": book("mine", more="based_on: ../secret\n")}
    )

    with pytest.raises(RulesError) as raised:
        load(tmp_path / "rules" / "mine.yaml")
    assert [found.code for found in raised.value.findings] == ["N209"]


# --- law and calendar --------------------------------------------------------------------------------------------

LAW = """\
law: cn
title: 全国
layer: statute
places: [CN]
articles:
  CC-944.3:
    cite: 民法典第九百四十四条第三款
    says: 不得停止供水
    checked: {text: copy, in_force: copy}
prohibitions: [{effects: [water_supply], verdict: prohibited, articles: [CC-944.3]}]
"""


def test_a_folder_brings_its_own_law(tmp_path: Path) -> None:
    write(tmp_path, {"packs/mine.yaml": book("mine", more="law: cn\n"), "law/cn/national.yaml": LAW})

    (pack,) = (pack for pack in load(tmp_path / "packs" / "mine.yaml").laws if pack.name == "cn")
    assert [article.id for article in pack.articles] == ["CC-944.3"]


def test_without_law_of_its_own_a_folder_stands_on_the_shipped_one(tmp_path: Path) -> None:
    write(tmp_path, {"mine.yaml": book("mine", more="law: cn\n")})

    assert {pack.name for pack in load(tmp_path / "mine.yaml").laws} >= {"cn", "policy"}


def test_law_is_part_of_the_digest(tmp_path: Path) -> None:
    write(tmp_path, {"packs/mine.yaml": book("mine", more="law: cn\n"), "law/cn/national.yaml": LAW})
    before = load(tmp_path / "packs" / "mine.yaml")
    write(tmp_path, {"law/cn/national.yaml": LAW.replace("water_supply", "water_supply, power_supply")})
    after = load(tmp_path / "packs" / "mine.yaml")

    assert before.meaning == after.meaning
    assert (before.law_digest, before.digest) != (after.law_digest, after.digest)


def test_errors_of_the_law_keep_the_book_from_loading(tmp_path: Path) -> None:
    write(tmp_path, {"packs/mine.yaml": book("mine", more="law: cn\n"), "law/cn/national.yaml": LAW + "gate: []\n"})

    with pytest.raises(RulesError) as raised:
        load(tmp_path / "packs" / "mine.yaml")
    assert [found.code for found in raised.value.findings] == ["R101"]


def test_the_shipped_calendar_knows_2026() -> None:
    calendar = read_calendar()

    assert calendar.kind(date(2026, 2, 14)) == "workday"  # a make-up Saturday
    assert calendar.kind(date(2026, 2, 17)) == "festival"
    assert calendar.kind(date(2026, 2, 23)) == "rest_day"
    assert not calendar.known(date(2027, 1, 4))


def test_a_folder_may_bring_a_newer_calendar(tmp_path: Path) -> None:
    years = (
        "calendar: cn\nyears:\n  2027: {notice: null, festivals: {元旦: 01-01}, rest: [01-01..01-03], work: [01-09]}\n"
    )
    write(tmp_path, {"packs/mine.yaml": book("mine"), "calendars/cn.yaml": years})

    calendar = load(tmp_path / "packs" / "mine.yaml").calendar
    assert calendar.kind(date(2027, 1, 9)) == "workday"


# --- which book --------------------------------------------------------------------------------------------------


def test_each_account_has_the_one_book_that_applies(tmp_path: Path) -> None:
    folder = load_folder(
        write(tmp_path, {"home.yaml": book("home"), "shop.yaml": book("shop", "{use: [commercial, office]}")})
    )

    assert name_of(folder.book_for(HOME, TODAY)) == "home"
    assert name_of(folder.book_for(SHOP, TODAY)) == "shop"
    assert folder.book_for(Account(id="3", use="parking"), TODAY) is None


def test_two_books_for_one_account_are_a_finding(tmp_path: Path) -> None:
    folder = load_folder(write(tmp_path, {"a.yaml": book("a"), "b.yaml": book("b", "{community: xinghe}")}))

    found = folder.book_for(HOME, TODAY)
    assert isinstance(found, Finding)
    assert found.code == "R412"
    assert "a.yaml" in found.message("zh")


def test_an_account_that_does_not_say_its_use_is_a_finding(tmp_path: Path) -> None:
    folder = load_folder(write(tmp_path, {"a.yaml": book("a")}))

    found = folder.book_for(Account(id="4"), TODAY)
    assert isinstance(found, Finding)
    assert found.code == "A701"


def test_a_base_applies_to_nobody(tmp_path: Path) -> None:
    folder = load_folder(write(tmp_path, {"common.yaml": "rulebook: common\n", "a.yaml": book("a")}))

    assert name_of(folder.book_for(HOME, TODAY)) == "a"
    assert folder.book_for(SHOP, TODAY) is None


def test_own_facts_may_decide_which_book_applies(tmp_path: Path) -> None:
    facts = "facts: {segment: {type: text, title: 板块, from: attributes.segment}}\n"
    folder = load_folder(write(tmp_path, {"a.yaml": book("a", "{segment: north}", facts)}))

    north, south = (Account(id=name, attributes={"segment": name}) for name in ("north", "south"))
    assert name_of(folder.book_for(north, TODAY)) == "a"
    assert folder.book_for(south, TODAY) is None


def test_the_debtor_may_decide_which_book_applies(tmp_path: Path) -> None:
    folder = load_folder(write(tmp_path, {"a.yaml": book("a", "{debtor_kind: company, tags: 含 key}")}))

    key = Party(id="D", kind="company", tags=("key",))
    assert name_of(folder.book_for(Account(id="5", debtor=key), TODAY)) == "a"
    assert folder.book_for(Account(id="6", debtor=Party(id="D", kind="company")), TODAY) is None


def test_a_folder_without_a_book_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no rule book"):
        load_folder(tmp_path)


def test_a_file_or_a_name_is_a_folder_of_one(tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": book("a")})

    assert [rules.name for rules in load_folder(tmp_path / "a.yaml").books] == ["a"]
    assert [rules.name for rules in load_folder("residential").books] == ["residential"]


def test_a_folder_can_be_handed_to_another_process(tmp_path: Path) -> None:
    folder = pickle.loads(pickle.dumps(load_folder(write(tmp_path, {"home.yaml": book("home")}))))

    assert name_of(folder.book_for(HOME, TODAY)) == "home"


def test_the_shipped_folder_loads() -> None:
    folder = load_folder()

    assert isinstance(folder.book_for(HOME, TODAY), RuleBook)


# --- versions ----------------------------------------------------------------------------------------------------


def test_the_version_in_force_on_the_day_applies(tmp_path: Path) -> None:
    folder = load_folder(write(tmp_path, {
        "2025.yaml": book("home", more='version: "2025"\nin_force: {since: 2025-01-01, until: 2025-12-31}\n'),
        "2026.yaml": book("home", more='version: "2026"\nin_force: {since: 2026-01-01}\n'),
    }))  # fmt: skip

    def version(on: date) -> str | None:
        found = folder.book_for(HOME, on)
        return found.version if isinstance(found, RuleBook) else None

    assert version(date(2025, 12, 31)) == "2025"
    assert version(date(2026, 1, 1)) == "2026"
    assert version(date(2024, 12, 31)) is None


def test_overlapping_versions_do_not_load_and_a_gap_is_a_warning(tmp_path: Path) -> None:
    def versions(until: str) -> dict[str, str]:
        return {
            "2025.yaml": book("home", more=f"in_force: {{since: 2025-01-01, until: {until}}}\n"),
            "2026.yaml": book("home", more="in_force: {since: 2026-01-01}\n"),
        }

    with pytest.raises(RulesError) as raised:
        load_folder(write(tmp_path / "overlap", versions("2026-01-01")))
    assert [found.code for found in raised.value.findings] == ["R410"]
    gap = load_folder(write(tmp_path / "gap", versions("2025-12-30")))
    assert [(found.code, found.severity) for found in gap.findings] == [("R411", "warning")]


# --- communities -------------------------------------------------------------------------------------------------

PACK = book("home", more="""\
late_fee: {rate: 0.5‰ per day, cap: 5% of charge, items: [property_fee]}
contact:
  windows:
    phone: {workday: [10:00-12:00, 15:00-18:00], rest_day: [10:30-12:00], festival: []}
  caps: [{at_most: 3, of: phone, per: 7d}]
reminders:
  - {step: due_notice, action: send_notice, at: due - 7d, channels: {all_of: [sms, wechat]}, role: collector}
""")  # fmt: skip


def community(tmp_path: Path, text: str) -> RuleBook:
    files = {"packs/home.yaml": PACK, "communities/xinghe.yaml": "community: xinghe\nbased_on: home\n" + text}
    return load(write(tmp_path, files) / "communities" / "xinghe.yaml")


def test_a_community_takes_the_place_of_its_pack_there(tmp_path: Path) -> None:
    files = {"packs/home.yaml": PACK, "communities/xinghe.yaml": "community: xinghe\nbased_on: home\n"}
    folder = load_folder(write(tmp_path, files))

    assert name_of(folder.book_for(HOME, TODAY)) == "home@xinghe"
    assert name_of(folder.book_for(Account(id="7", use="residential", community="other"), TODAY)) == "home"


def test_a_community_may_be_stricter(tmp_path: Path) -> None:
    rules = community(tmp_path, """\
late_fee: {rate: 0.3‰ per day, cap: 3% of charge}
contact:
  windows: {phone: {workday: [15:30-18:00], rest_day: [], festival: []}}
  caps: [{at_most: 2, of: phone, per: 7d}, {at_most: 1, of: visit, per: 30d}]
steps: {due_notice: {channels: [sms], role: customer_service}}
""")  # fmt: skip

    (terms,) = rules.late_fees
    assert terms.rate.on(TODAY) is not None
    assert str(terms.rate.on(TODAY)) == "3/10000"
    assert sorted((cap.of, cap.count) for cap in rules.contact.caps) == [("phone", 2), ("visit", 1)]
    assert len(rules.contact.windows["phone"]["workday"]) == 1
    assert rules.reminders[0].channels is not None
    assert rules.reminders[0].channels.channels == ("sms",)
    assert rules.reminders[0].role == "customer_service"


@pytest.mark.parametrize(
    "laxer",
    [
        "late_fee: {rate: 0.6‰ per day}\n",
        "late_fee: {cap: 6% of charge}\n",
        "late_fee: {cap: none}\n",
        "contact: {windows: {phone: {workday: [09:00-12:00], rest_day: [], festival: []}}}\n",
        "contact: {windows: {phone: {workday: [], rest_day: [], festival: [10:00-11:00]}}}\n",
        "contact: {caps: [{at_most: 4, of: phone, per: 7d}]}\n",
        "steps: {due_notice: {channels: [sms, phone]}}\n",
    ],
)
def test_a_community_may_not_be_laxer(tmp_path: Path, laxer: str) -> None:
    with pytest.raises(RulesError) as raised:
        community(tmp_path, laxer)
    assert {found.code for found in raised.value.findings} == {"R310"}


DATED = PACK.replace("rate: 0.5‰ per day", "rate: {2021-01-01: 0.5‰ per day, 2025-01-01: 0.4‰ per day}")


def late_fee_rate(tmp_path: Path, text: str, on: str) -> str:
    files = {"packs/home.yaml": DATED, "communities/xinghe.yaml": f"community: xinghe\nbased_on: home\n{text}"}
    (terms,) = load(write(tmp_path, files) / "communities" / "xinghe.yaml").late_fees
    return str(terms.rate.on(date.fromisoformat(on)))


@pytest.mark.parametrize(
    ("text", "on", "expected"),
    [
        # Without a day it is for as long as the base has a rate, and brings none to earlier years.
        ("late_fee: {rate: 0.3‰ per day}\n", "2026-01-01", "3/10000"),
        ("late_fee: {rate: 0.3‰ per day}\n", "2021-01-01", "3/10000"),
        ("late_fee: {rate: 0.3‰ per day}\n", "2020-12-31", "None"),
        # From a day on; before it, the base's.
        ("late_fee: {rate: {2026-01-01: 0.3‰ per day}}\n", "2026-01-01", "3/10000"),
        ("late_fee: {rate: {2026-01-01: 0.3‰ per day}}\n", "2025-12-31", "1/2500"),
        ("late_fee: {rate: {2021-01-01: 0.5‰ per day, 2024-01-01: 0.2‰ per day}}\n", "2023-01-01", "1/2000"),
    ],
)
def test_a_communitys_rate_is_held_against_the_bases_of_the_same_day(
    tmp_path: Path, text: str, on: str, expected: str
) -> None:
    assert late_fee_rate(tmp_path, text, on) == expected


def test_a_dated_cap_of_a_community_leaves_the_bases_before_it(tmp_path: Path) -> None:
    (terms,) = community(tmp_path, "late_fee: {cap: {2026-01-01: 3% of charge}}\n").late_fees
    caps = [terms.cap.on(date(year, 12, 31)) for year in (2025, 2026)]
    assert [str(cap.share) if cap else "" for cap in caps] == ["1/20", "3/100"]


@pytest.mark.parametrize(
    ("rate", "said"),
    [
        ("0.45‰ per day", "费率 (自 2025-01-01 起)只能更严: 这里是 0.45‰, 基础规则书是 0.4‰"),
        ("{2020-01-01: 0.3‰ per day}", "费率 (自 2020-01-01 起)只能更严: 这里是 0.3‰, 基础规则书是 0"),
    ],
)
def test_a_laxer_rate_is_named_with_its_day(tmp_path: Path, rate: str, said: str) -> None:
    with pytest.raises(RulesError) as raised:
        late_fee_rate(tmp_path, f"late_fee: {{rate: {rate}}}\n", "2026-01-01")
    (found,) = raised.value.findings
    assert said in found.message("zh")


def test_a_community_may_change_nothing_else(tmp_path: Path) -> None:
    with pytest.raises(RulesError) as raised:
        community(tmp_path, "tables: {}\nlate_fee: {grace: 0d}\n")
    assert [found.code for found in raised.value.findings] == ["R101", "R101"]


# --- tracks ------------------------------------------------------------------------------------------------------


def test_a_track_takes_the_place_of_the_book_that_follows(tmp_path: Path) -> None:
    handover = book("handover", "{use: residential, from: handover - 30d, to: handover + 45d, then: home}")
    folder = load_folder(write(tmp_path, {"home.yaml": book("home"), "handover.yaml": handover}))
    new = Account(id="8", use="residential", handed_over=date(2026, 6, 1))

    assert name_of(folder.book_for(new, date(2026, 5, 1))) == "home"
    assert name_of(folder.book_for(new, date(2026, 5, 2))) == "handover"
    assert name_of(folder.book_for(new, date(2026, 7, 16))) == "handover"
    assert name_of(folder.book_for(new, date(2026, 7, 17))) == "home"
    assert name_of(folder.book_for(HOME, TODAY)) == "home"


def test_a_track_has_to_be_followed_by_a_book_there_is(tmp_path: Path) -> None:
    handover = book("handover", "{use: residential, from: handover, then: hoem}")

    with pytest.raises(RulesError) as raised:
        load_folder(write(tmp_path, {"home.yaml": book("home"), "handover.yaml": handover}))
    assert [(found.code, found.fix) for found in raised.value.findings] == [("N209", "home")]


# --- settings ----------------------------------------------------------------------------------------------------


def test_settings_of_a_folder_are_kept(tmp_path: Path) -> None:
    files = {"a.yaml": book("a"), "folder.yaml": "require_signed: true\nsign_by: {late_fee: [finance, legal]}\n"}
    folder = load_folder(write(tmp_path, files), draft=True)

    assert folder.require_signed
    assert folder.sign_by == {"late_fee": ("finance", "legal")}


def test_what_is_wrong_with_a_base_is_told_before_what_follows_from_it(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        'rulebook: a\ntitle: a\nlanguage: 1\nversion: "1"\nbased_on: z\n', encoding="utf-8"
    )
    bad = 'rulebook: z\ntitle: z\nlanguage: 1\nversion: "1"\npayments: {across_charges: oldest}\nitems: {chased: [x]}\n'
    (tmp_path / "z.yaml").write_text(bad, encoding="utf-8")
    with pytest.raises(RulesError) as caught:
        load_folder(tmp_path)
    told = [(found.code, found.at.file.rpartition("/")[2]) for found in caught.value.findings if found.at is not None]
    assert told[0] == ("R104", "z.yaml")
    assert told[-1] == ("R309", "a.yaml")
    assert str(caught.value.findings[0].at) in caught.value.findings[-1].message("en")
