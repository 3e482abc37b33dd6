"""Words in one language, for those who tell the parts of the document."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dunning.basis.finding import Finding, Lang, Text
from dunning.dossier.blocks import Cell, Grid

_SHOWN = 19
"""Characters of a digest that people compare by eye, as `dunning sign` shows them: `sha256:` and twelve digits."""


@dataclass(frozen=True, slots=True)
class Say:
    """Says things in one language."""

    lang: Lang

    def __call__(self, zh: str, en: str) -> str:
        return zh if self.lang == "zh" else en

    def text(self, text: Text) -> str:
        return text.to(self.lang)

    def listed(self, words: Iterable[str]) -> str:
        return self("、", ", ").join(words)

    def finding(self, finding: Finding) -> tuple[Cell, Cell, Cell]:
        """Code, place, and what is found: with what to do about it, and the household it happens to."""
        told = [finding.message(self.lang)]
        more = (finding.args.get(name) for name in ("sample", "region"))
        told += [each.to(self.lang) for each in more if isinstance(each, Text)]
        return Cell(finding.code), Cell(str(finding.at or "")), Cell("\n".join(told))

    def findings(self, found: Iterable[Finding], title: str = "") -> Grid:
        heads = (self("编号", "code"), self("位置", "where"), self("发现", "what"))
        return Grid(heads, tuple(self.finding(each) for each in found), (10, 28, 62), title)


def short(digest: str) -> str:
    """The first digits of a digest."""
    return digest[:_SHOWN]
