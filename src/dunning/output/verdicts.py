"""A verdict as text for a screen, and as data for the program behind the button.

In one language at a time; articles are cited in Chinese in both, for that is their name.
"""

from __future__ import annotations

from typing import Any

from dunning.basis.finding import Lang, Text
from dunning.engine.law.verdict import Rested, Verdict
from dunning.model.statutes import Law

_HEADS = {
    "articles": Text("依据", "articles"),
    "conditions": Text("还须", "still needed"),
    "rests": Text("今天先停", "rests today"),
    "charges": Text("涉及账单", "charges"),
    "notes": Text("说明", "notes"),
    "unreviewed": Text("未经律师审签", "reviewed by no lawyer"),
}
_BETWEEN = Text("、", ", ")


def verdict_dict(verdict: Verdict, *, lang: Lang = "zh") -> dict[str, Any]:
    """The verdict as plain data: what, when, where, the articles with what they say, the reason, what is needed."""
    return {
        "action": verdict.action.id,
        "title": verdict.action.title.to(lang),
        "verdict": verdict.verdict,
        "on": verdict.on.isoformat(),
        "places": list(verdict.statutes.places),
        "articles": [
            {"id": article.id, "cite": article.cite, "says": article.says.to(lang)} for article in verdict.articles
        ],
        "reason": verdict.reason.to(lang),
        "conditions": [condition.to(lang) for condition in verdict.conditions],
        "needs": list(verdict.needs),
        "charges": None if verdict.charges is None else list(verdict.charges),
        "rests": [_rest(rest, lang) for rest in verdict.rests],
        "conflicts": [article for permit in verdict.conflicts for article in permit.articles],
        "unresearched": list(verdict.unresearched),
        "unreviewed": unreviewed(verdict),
    }


def verdict_text(verdict: Verdict, lang: Lang = "zh") -> str:
    """The verdict for a person: one line that answers, then on what, what is still needed, and what is not known."""
    where = " ".join((verdict.statutes.places[-1], verdict.on.isoformat()))
    lines = [f"{verdict.action.title.to(lang)} ({verdict.action.id}): {verdict.headline.to(lang)}  [{where}]"]
    lines += _part("articles", [f"{a.id}  {a.cite}: {a.says.to(lang)}" for a in verdict.articles], lang)
    rests = dict.fromkeys(rest.says for rest in verdict.rests)
    lines += _part("conditions", [each.to(lang) for each in verdict.conditions if each not in rests], lang)
    lines += _part("rests", [rest.to(lang) for rest in rests], lang)
    if verdict.charges is not None:
        lines += _part("charges", [_BETWEEN.to(lang).join(verdict.charges) or "-"], lang)
    lines += _part("notes", [note.to(lang) for note in verdict.notes], lang)
    lines += _part("unreviewed", [_BETWEEN.to(lang).join(unreviewed(verdict))], lang)
    return "\n".join(lines)


def _rest(rest: Rested, lang: Lang) -> dict[str, Any]:
    return {
        "code": rest.code,
        "says": rest.says.to(lang),
        "record": rest.record,
        "until": None if rest.until is None else rest.until.isoformat(),
        "charges": None if rest.charges is None else list(rest.charges),
    }


def _part(head: str, told: list[str], lang: Lang) -> list[str]:
    """A head with its lines; nothing where there is nothing to tell."""
    lines = [line for line in told if line]
    if not lines:
        return []
    return [f"{_HEADS[head].to(lang)}:", *(f"  {line}" for line in lines)]


def unreviewed(verdict: Verdict) -> list[str]:
    """The law files behind the verdict that no lawyer has reviewed."""
    return [pack.title or pack.name for pack in Law(verdict.statutes.packs).unreviewed if not pack.unresearched]
