"""Accept-Language, as browsers and programs write it."""

from __future__ import annotations

import pytest

from dunning_http.language import preferred


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "zh"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en", "en"),
        ("EN-us;q=0.7, fr", "en"),
        ("en;q=0.5, zh;q=0.5", "zh"),
        ("en, *;q=0.1", "en"),
        ("zh;q=0, *", "en"),
        ("*", "zh"),
        ("fr, de", "zh"),
        ("nonsense;;q=x, en;q=2", "zh"),
        (", ,en", "en"),
    ],
)
def test_the_better_of_the_two_is_spoken(header: str, language: str) -> None:
    assert preferred(header) == language
