"""Which language to speak, and how: Chinese unless the locale or `--lang` says English.

Help texts are fixed when the program starts, by the locale; messages follow `--lang`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import get_args

from dunning.basis.errors import DunningError, UsageError
from dunning.basis.finding import Lang, Text


class InterruptedRunError(DunningError):
    """Ctrl-C in the middle of something: what was finished by then, and how to go on."""

    def __init__(self, message: Text) -> None:
        self.message = message
        super().__init__(message.en)

    def told(self, lang: Lang) -> str:
        return self.message.to(lang)


def lang_of_locale() -> Lang:
    """English for an `en` locale, else Chinese (an unset or `C` locale included)."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(variable):
            return "en" if value.lower().startswith("en") else "zh"
    return "zh"


LOCALE = lang_of_locale()
_spoken: Lang = LOCALE


def chosen(lang: str | None) -> Lang:
    """The language asked for by `--lang`, else the locale's; from here on this run speaks it."""
    global _spoken  # one run speaks one language, its last error included
    if lang is not None:
        if lang not in get_args(Lang):
            raise UsageError(f"--lang {lang}: zh | en")
        _spoken = "zh" if lang == "zh" else "en"
    return _spoken


def heard(words: Sequence[str]) -> None:
    """Takes up `--lang` before the words of a call are parsed, so that what is wrong with them is told in it too."""
    found = re.search(rf" --lang[= ]({'|'.join(get_args(Lang))}) ", f" {' '.join(words)} ")
    if found:
        chosen(found[1])


def spoken() -> Lang:
    """The language this run speaks."""
    return _spoken


def says(zh: str, en: str) -> str:
    """A help text in the locale's language."""
    return Text(zh, en).to(LOCALE)
