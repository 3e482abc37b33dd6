"""The late-fee settings examined: each kind of mistake that is in the wild, with its table, row and column."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from homes import Homes
from typer.testing import CliRunner

from dunning.adapter import Source
from dunning.adapter.documents import catalogue
from dunning_microcommunity import audit, audit_dict
from dunning_microcommunity.audit import BY_DAY, BY_MONTH, DAY_RATE, GRACE, MONTH_RATE, meaning
from dunning_microcommunity.main import app


@pytest.fixture
def homes(url: str) -> Homes:
    homes = Homes(url)
    for rule in (BY_DAY, BY_MONTH, "102020099"):
        homes.add("fee_discount_rule", rule_id=rule, bean_impl="rule", discount_type="1002", discount_small_type="3")
    return homes


def setting(homes: Homes, id_: str = "S1", rule: str = BY_DAY, **values: str) -> None:
    """A late-fee policy that is used by fee item K1; values by `day`, `month` and `grace`."""
    homes.add("fee_discount", discount_id=id_, discount_name="违约金", discount_type="2002", rule_id=rule)
    homes.add("pay_fee_config_discount", config_discount_id=f"C{id_}", config_id="K1", discount_id=id_)
    for name, value in values.items():
        spec = {"day": DAY_RATE, "month": MONTH_RATE, "grace": GRACE}[name]
        row = {"discount_spec_id": f"{id_}{name}", "discount_id": id_, "spec_id": spec, "spec_value": value}
        homes.add("fee_discount_spec", **row)


@pytest.mark.parametrize(
    ("rule", "values", "codes"),
    [
        (BY_DAY, {"day": "0.0005", "grace": "15"}, []),
        (BY_DAY, {"day": "0.003"}, []),
        (BY_DAY, {"day": "0.01"}, ["P622"]),
        (BY_DAY, {"day": "0.03"}, ["P622"]),
        (BY_DAY, {"day": "0.1"}, ["P621"]),
        (BY_DAY, {"day": "5"}, ["P621"]),
        (BY_DAY, {"day": "0"}, ["P628"]),
        (BY_DAY, {"day": "-0.0005"}, ["P628"]),
        (BY_DAY, {"day": "0.0005元"}, ["P624"]),
        (BY_DAY, {"day": "千分之五"}, ["P624"]),
        (BY_DAY, {"day": "NaN"}, ["P624"]),
        (BY_DAY, {"day": ""}, ["P624"]),
        (BY_DAY, {"day": "0.0005", "grace": "15天"}, ["P626"]),
        (BY_DAY, {"day": "0.0005", "grace": ""}, ["P626"]),
        (BY_DAY, {"month": "0.015"}, ["P627"]),
        (BY_DAY, {}, ["P627"]),
        (BY_MONTH, {"month": "0.015"}, []),
        (BY_MONTH, {"month": "0.0005"}, ["P625"]),
        (BY_MONTH, {"day": "0.0005"}, ["P627"]),
        (BY_MONTH, {"month": "0.3"}, ["P622"]),
        (BY_MONTH, {"month": "3"}, ["P621"]),
    ],
)
def test_a_mistake_is_told(homes: Homes, rule: str, values: dict[str, str], codes: list[str]) -> None:
    setting(homes, rule=rule, **values)
    found = audit(homes.url)
    assert [each.code for each in found] == ["P623", *codes], "none of its rules has a cap, and that is always told"
    for each in found[1:]:
        assert isinstance(each.at, Source)
        assert each.at.table == "fee_discount_spec"
        assert each.at.key.startswith("S1")


def test_a_finding_says_where_and_what_was_meant(homes: Homes) -> None:
    setting(homes, day="千分之五")
    told = audit_dict(audit(homes.url))[1]
    assert (told["table"], told["row"], told["column"]) == ("fee_discount_spec", f"S1/{DAY_RATE}", "spec_value")
    assert told["message_zh"] == "“违约金”的日率写的是“千分之五”, 不是数"
    assert told["message_en"] == "the rate by the day of `违约金` is `千分之五`, which is no number"
    assert told["help_en"] == told["help_zh"] == "0.005"


def test_ten_percent_a_day_is_told_by_the_year(homes: Homes) -> None:
    setting(homes, day="0.1")
    assert audit(homes.url)[1].message("en") == "`违约金` charges 0.1 a day, that is 10% a day and 3650% a year"


def test_what_is_deleted_or_no_late_fee_is_left_alone(homes: Homes) -> None:
    setting(homes, day="5")
    homes.change("UPDATE fee_discount SET status_cd = '1'")
    homes.add("fee_discount_rule", rule_id="9", discount_small_type="1")
    homes.add("fee_discount", discount_id="S2", discount_type="2002", rule_id="9")
    homes.add("fee_discount", discount_id="S3", discount_type="1001", rule_id=BY_DAY)
    assert audit(homes.url) == []


def test_one_community_is_examined_by_itself(homes: Homes) -> None:
    setting(homes, "S1", day="5")
    setting(homes, "S2", day="5")
    homes.change("UPDATE fee_discount SET community_id = discount_id")
    assert {str(each.at).partition("[")[2][:2] for each in audit(homes.url, community="S2")} == {"S2"}


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0.0005元", "0.0005"),
        ("千分之五", "0.005"),
        ("万分之五", "0.0005"),
        ("0.05%", "0.0005"),
        ("每日0.5‰", "0.0005"),
    ],
)
def test_what_a_text_was_meant_to_be(text: str, number: str) -> None:
    assert meaning(text) == Decimal(number)


@pytest.mark.parametrize("text", ["", "按合同", "NaN"])
def test_what_nobody_can_tell_is_not_guessed(text: str) -> None:
    assert meaning(text) is None


def test_on_the_command_line(homes: Homes) -> None:
    setting(homes, day="0.1")
    run = CliRunner()
    zh = run.invoke(app, ["audit", homes.url])
    assert zh.exit_code == 1
    assert f"fee_discount_spec[S1/{DAY_RATE}].spec_value" in zh.output
    assert "[P621] “违约金”的日率是 0.1, 即日 10%, 一年 3650%" in zh.output
    assert "charges 0.1 a day" in run.invoke(app, ["audit", homes.url, "--lang", "en"]).output
    data = json.loads(run.invoke(app, ["audit", homes.url, "--json"]).output)
    assert [each["code"] for each in data] == ["P623", "P621"]
    assert run.invoke(app, ["audit", "no address"]).exit_code == 2


def test_every_kind_is_seen_here() -> None:
    tested = {"P621", "P622", "P623", "P624", "P625", "P626", "P627", "P628"}
    assert {kind.code for kind in catalogue() if "P620" <= kind.code < "P630"} == tested
