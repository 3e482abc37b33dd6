"""Templates: their heads, the fields they want filled in, where they come from, and what those we ship say."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

import dunning
from dunning.basis.errors import RulesError
from dunning.basis.finding import Finding
from dunning.check.run import check
from dunning.lang.folder import load_folder
from dunning.lang.library import shipped, templates_in
from dunning.lang.readers.read_template import read_template
from dunning.lang.words import words
from dunning.model.steps import Template

HEAD = "---\ntitle: 提醒\ntone: firm\n---\n"
PACK = """
rulebook: home
title: 试验
language: 1
version: "1"
applies: {{use: residential}}
law: cn
items: {{chased: [property_fee]}}
ladder:
  steps:
    - step: note
      title: 提醒
      at: due + 3d
      action: send_message
      template: {template}
"""


def read(text: str) -> tuple[Template | None, list[Finding]]:
    return read_template(text, "templates/note.md", "note")


def codes(text: str) -> list[str]:
    return [f"{found.code} {found.at}" for found in read(text)[1]]


# The head


def test_a_head_says_what_the_text_is_for() -> None:
    template, found = read("---\ntitle: 提醒\ntone: firm\nchannels: [sms, wechat]\n---\n\n{{ name }}您好\n再见\n\n")
    assert found == []
    assert template is not None
    assert (template.id, template.title, template.tone) == ("note", "提醒", "firm")
    assert (template.channels, template.language) == (("sms", "wechat"), "zh")
    assert (template.fields, template.text) == (("name",), "{{ name }}您好\n再见")
    assert str(template.at) == "templates/note.md:7:1"


def test_it_may_be_written_in_chinese_keys_and_with_windows_ends_of_line() -> None:
    template, found = read("\ufeff---\r\n标题: 提醒\r\n口径: 讲服务\r\n渠道: 短信\r\n---\r\n您好\r\n")
    assert found == []
    assert template is not None
    assert (template.tone, template.channels, template.text) == ("service_value", ("sms",), "您好")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("您好", ["R801 templates/note.md:1:1"]),
        ("", ["R801 templates/note.md:1:1"]),
        ("---\ntitle: 提醒\ntone: firm\n您好", ["R801 templates/note.md:1:1"]),
        ("---\n---\n您好", ["R801 templates/note.md:1:1"]),
        ("---\ntitle: 提醒\ntone: rude\n---\n您好", ["R104 templates/note.md:3:7"]),
        ("---\ntitle: 提醒\n---\n您好", ["R102 templates/note.md:2:1"]),
        ("---\ntitle: 提醒\ntone: firm\nchannels: fax\n---\n您好", ["N207 templates/note.md:4:11"]),
        ("---\ntitle: 提醒\ntone: firm\nlanguage: fr\n---\n您好", ["R104 templates/note.md:4:11"]),
        ("---\ntitle: 提醒\ntone: firm\ncolour: red\n---\n您好", ["R101 templates/note.md:4:1"]),
        (HEAD, ["R803 templates/note.md:4:1"]),
        (HEAD + " \n\n", ["R803 templates/note.md:4:1"]),
    ],
)
def test_what_is_wrong_with_a_template_is_told_where_it_stands(text: str, expected: list[str]) -> None:
    assert codes(text) == expected


# What is filled in


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("{{ total }}元, {{total}}元", []),
        ("您好\n共 {{ totel }}元", ["N213 templates/note.md:6:3"]),
        ("{{ total + 1 }}", ["R802 templates/note.md:5:1"]),
        ("{{ 合计 }}", ["R802 templates/note.md:5:1"]),
        ("{{ }}", ["R802 templates/note.md:5:1"]),
        ("{{ total", ["R802 templates/note.md:5:1"]),
        ("total }}", ["R802 templates/note.md:5:7"]),
        ("{% if x %}", ["R802 templates/note.md:5:1", "R802 templates/note.md:5:9"]),
        ("{ total }", []),
    ],
)
def test_what_is_filled_in_has_a_name_of_the_closed_list(body: str, expected: list[str]) -> None:
    assert codes(HEAD + body) == expected


def test_a_template_may_name_fields_of_its_own() -> None:
    head = HEAD.replace("tone: firm", "tone: firm\nfields: [coupon]")
    assert codes(head + "{{ coupon }} {{ total }}") == []
    assert [found.fix for found in read(head + "{{ coupun }}")[1]] == ["{{ coupon }}"]


# Where they come from


def folder(path: Path, template: str = "note", **templates: str) -> Path:
    """A rules folder with one pack, and these templates."""
    (path / "packs").mkdir()
    (path / "packs" / "home.yaml").write_text(PACK.format(template=template), encoding="utf-8")
    for name, text in templates.items():
        (path / "templates").mkdir(exist_ok=True)
        (path / "templates" / f"{name}.md").write_text(text, encoding="utf-8")
    return path


def test_a_folders_own_templates_go_before_the_shipped_ones(tmp_path: Path) -> None:
    (book,) = load_folder(folder(tmp_path, "visit", visit=HEAD + "您好", other=HEAD + "您好")).books
    assert {name: each.tone for name, each in book.templates.items()} == {"visit": "firm"}


def test_a_folder_without_templates_has_the_shipped_ones_and_may_keep_others_elsewhere(tmp_path: Path) -> None:
    (book,) = load_folder(folder(tmp_path, "visit")).books
    assert book.templates["visit"].tone == "service_value"
    (tmp_path / "other").mkdir()
    (book,) = load_folder(folder(tmp_path / "other", "kept_in_the_erp")).books
    assert book.templates == {}


def test_a_name_among_no_templates_keeps_the_book_from_loading(tmp_path: Path) -> None:
    with pytest.raises(RulesError) as caught:
        load_folder(folder(tmp_path, "notte", note=HEAD + "您好"))
    (found,) = caught.value.findings
    assert (found.code, found.fix) == ("N212", "note")
    (path := tmp_path / "packs" / "home.yaml").write_text(PACK.format(template="thanksgiving"), encoding="utf-8")
    (unlike,) = check(path)
    assert (unlike.code, "templates/thanksgiving.md" in unlike.help("zh")) == ("N212", True)


def test_a_template_that_cannot_be_read_keeps_the_folder_from_loading(tmp_path: Path) -> None:
    with pytest.raises(RulesError, match="R104"):
        load_folder(folder(tmp_path, "note", note=HEAD.replace("firm", "rude") + "您好", other=HEAD + "x"))


def test_another_text_is_another_book(tmp_path: Path) -> None:
    (one,) = load_folder(folder(tmp_path, note=HEAD + "您好")).books
    (tmp_path / "templates" / "note.md").write_text(HEAD + "您好!", encoding="utf-8")
    (other,) = load_folder(tmp_path).books
    assert one.digest != other.digest


def test_words_before_a_judgment_are_those_of_the_templates_too(tmp_path: Path) -> None:
    folder(tmp_path, note=HEAD + "您好\n再不缴就上失信名单")
    (found,) = [each for each in check(tmp_path) if each.code == "L512"]
    assert str(found.at).endswith("templates/note.md:6:6")
    assert found.line == "再不缴就上失信名单"
    pack = tmp_path / "packs" / "home.yaml"
    late = PACK.format(template="note").replace("send_message", "apply_enforcement")
    pack.write_text(late, encoding="utf-8")
    assert "L512" not in {each.code for each in check(tmp_path)}


# Those that are shipped


def test_the_shipped_packs_have_their_templates_and_nothing_is_wrong_with_them() -> None:
    templates, found = templates_in(shipped() / "templates")
    assert found == ()
    named = {
        step.template
        for book in load_folder().books
        for step in (*book.reminders, *book.ladder.steps)
        if isinstance(step.template, str)
    }
    assert named - set(templates) == set()
    assert {template.tone for template in templates.values()} == set(words.TONES)
    assert all(template.channels for template in templates.values())


def test_the_shipped_templates_are_courteous_and_say_nothing_the_law_forbids() -> None:
    templates, _ = templates_in(shipped() / "templates")
    assert [found for found in check(shipped()) if found.code == "L512"] == []
    rude = re.compile("滞纳金|老赖|失信|征信|信用记录|黑名单|曝光|停水|停电|门禁|强制措施|后果自负")
    assert {name: rude.findall(each.text) for name, each in templates.items() if rude.search(each.text)} == {}
    debtors = {name for name, each in templates.items() if each.tone != "legal" and "sms" in each.channels}
    assert {name for name in debtors if "您" not in templates[name].text and "请" not in templates[name].text} == set()


def test_steps_that_say_no_tone_have_that_of_their_template() -> None:
    book = dunning.load("residential")
    quiet = [step for step in (*book.reminders, *book.ladder.steps) if step.tone is None and step.template]
    assert len(quiet) > 5
    assert {step.id: book.templates[str(step.template)].tone for step in quiet}["quarter_campaign"] == "service_value"


def test_a_copy_of_the_shipped_rules_has_its_templates(tmp_path: Path) -> None:
    copy = tmp_path / "rules"
    shutil.copytree(shipped(), copy)
    (copy / "templates" / "visit.md").unlink()  # then the shipped one is used
    assert {book.name for book in load_folder(copy).books} >= {"residential"}
