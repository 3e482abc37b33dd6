"""Did you mean: the nearest known name to a mistyped one.

By edit distance with swaps, so that `overdue_day` finds `overdue_days` and nothing far-fetched is proposed.
"""

from __future__ import annotations

from collections.abc import Iterable

from dunning.basis.finding import Text


def distance(one: str, other: str) -> int:
    """Insertions, deletions, changes and swaps of neighbours from one word to the other."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, char in enumerate(one, 1):
        row = [i]
        for j, wanted in enumerate(other, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (char != wanted))
            if i > 1 and j > 1 and char == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known name most like `word`, if it is like enough (a third of its letters, at least one); None otherwise."""
    if len(word) > 60:
        return None
    wanted = word.casefold()
    scored = sorted((distance(wanted, name.casefold()), name) for name in known if abs(len(name) - len(word)) <= 6)
    if not scored:
        return None
    score, name = scored[0]
    return name if score <= max(1, max(len(word), len(name)) // 3) and score < len(name) else None


NOTHING = Text("", "")


def did_you_mean(name: str | None, title: Text = NOTHING) -> Text:
    """The question after a name that stands for nothing, with the title of what is near; empty if nothing is."""
    if not name:
        return NOTHING
    zh, en = (f" ({told})" if told and told != name else "" for told in title)
    return Text(f"; 是想写 {name}{zh} 吗?", f"; did you mean `{name}`{en}?")
