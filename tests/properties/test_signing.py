"""However a rule file is laid out, a signature goes in at its place, changes nothing else, and can be read back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from dunning.lang.folder import read_calendar
from dunning.lang.readers.read import Ground, open_page, read_book
from dunning.lang.signatures import Signed
from dunning.lang.signing import with_signature
from dunning.model.rulebook import RuleBook

HEADS = {"en": ("rulebook: home", "title: 住宅", "owner: 合规部"), "zh": ("规则书: home", "标题: 住宅", "归口: 合规部")}
RESTS = {"en": ("items:", "  chased: [property_fee]"), "zh": ("费项:", "  催缴: [property_fee]")}
ENTRY = {"en": "reviewed:", "zh": "审签:"}
GROUND = Ground(calendar=read_calendar())

comments = st.sampled_from(["", "", "# 备注", "# reviewed: null", "#"])
beside = st.sampled_from(["", "", "  # 由谁签", " # 'x': {"])
nothing = st.sampled_from([None, "", " null", " ~", "  null"])
names = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=12)
days = st.dates(date(2021, 1, 1), date(2030, 12, 31))
signatures = st.builds(Signed, by=names, on=days, digest=st.just("sha256:ab"), law_digest=st.just("sha256:cd"))
seconds = st.builds(
    Signed,
    by=names,
    on=days,
    digest=st.just("sha256:ef"),
    section=st.sampled_from(["late_fee", "relief"]),
    role=st.sampled_from(["finance", "legal"]),
)


@st.composite
def files(draw: st.DrawFn) -> str:
    """A small book: its entry absent, empty or `null`, anywhere in the head, comments and blank lines between."""
    keys = draw(st.sampled_from(["en", "zh"]))
    head, rest, empty = list(HEADS[keys]), list(RESTS[keys]), draw(nothing)
    if empty is not None:
        head.insert(draw(st.integers(1, 3)), ENTRY[keys] + empty + draw(beside))
    lines = [line for each in (*head, *rest) for line in ([draw(comments), each] if draw(st.booleans()) else [each])]
    end = draw(st.sampled_from(["\n", "\r\n"]))
    return draw(st.sampled_from(["", "\ufeff"])) + end.join(lines) + draw(st.sampled_from(["", end]))


def book_of(data: bytes) -> RuleBook:
    read = read_book(open_page(data, "home.yaml"), GROUND)
    assert read.book is not None, [found.message("en") for found in read.findings]
    return read.book


def after(data: bytes, *given: Signed) -> bytes:
    for signed in given:
        data = with_signature(data, open_page(data, "home.yaml"), signed)
    return data


def without_entry(data: bytes) -> list[str]:
    """The lines of a file but for the entry, its comment left."""
    kept, inside = [], False
    for line in data.decode().split("\n"):
        if line.removeprefix("\ufeff").startswith(("reviewed:", "审签:")):
            inside = True
            kept.append(line[line.index("#") :].strip() if "#" in line else "")
        elif not (inside and line.startswith("  ")):
            inside = False
            kept.append(line.strip())
    return [line for line in kept if line]


@given(files(), st.lists(st.one_of(signatures, seconds), min_size=1, max_size=5))
def test_signatures_are_read_back_and_leave_the_meaning(text: str, signed: list[Signed]) -> None:
    before = book_of(text.encode())
    data = after(text.encode(), *signed)
    now = book_of(data)

    assert (now.meaning, now.findings) == (before.meaning, before.findings)
    assert without_entry(data) == without_entry(text.encode())
    assert data.decode().count("\r") in (0, data.decode().count("\n"))
    seen = now.reviewed
    assert seen is not None
    whole = [each for each in signed if not each.section]
    if whole:
        last = whole[-1]
        assert (seen.by, seen.on, seen.digest, seen.law_digest) == (last.by, last.on, last.digest, last.law_digest)
    latest = {(each.section, each.role): (each.by, each.on) for each in signed if each.section}
    assert {(each.section, each.role): (each.by, each.on) for each in seen.sections} == latest
    assert len(seen.sections) == len(latest)


@given(files(), signatures, seconds)
def test_signing_twice_is_signing_once(text: str, whole: Signed, second: Signed) -> None:
    once = after(text.encode(), whole, second)

    assert after(once, whole, second) == once
    assert after(after(once, replace(whole, by="别人")), whole) == once
