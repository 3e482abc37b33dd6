"""Law packs beside each other: a lower layer may add to what a higher one forbids, and take nothing from it.

Looked at once all packs of a law are read, for each file may be sound by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dunning.basis.finding import Text
from dunning.lang.words.desk import Desk
from dunning.model.law import HARD, Article, LawPack, Permit, Prohibition
from dunning.model.statutes import lineage, rank

Read = tuple[LawPack, Desk]


def check_layers(read: Iterable[Read]) -> None:
    """Exceptions a lower layer writes to a higher prohibition, and permissions that do not own up to a conflict."""
    packs = list(read)
    articles = {article.id: article for pack, _ in packs for article in pack.articles}
    for pack, desk in packs:
        for rule in pack.prohibitions:
            _exception(pack, desk, rule, articles)
        for permit in pack.permits:
            _permission(pack, desk, permit, packs, articles)


def _exception(pack: LawPack, desk: Desk, rule: Prohibition, articles: Mapping[str, Article]) -> None:
    cited = [articles[name] for name in rule.articles if name in articles]
    above = all(rank(article.layer) < rank(pack.layer) for article in cited)
    if rule.unless is not None and rule.at is not None and cited and above:
        desk.report("L108", rule.at, article=cited[0].id, cite=cited[0].cite)


def _permission(pack: LawPack, desk: Desk, permit: Permit, packs: list[Read], articles: Mapping[str, Article]) -> None:
    """A permission against a higher prohibition stays without effect; it has to say so, that nobody relies on it."""
    mine = min((rank(articles[name].layer) for name in permit.articles if name in articles), default=rank(pack.layer))
    for other, _ in packs:
        for rule in other.prohibitions:
            cited = [articles[name] for name in rule.articles if name in articles]
            if (
                rule.verdict not in HARD
                or not (set(rule.effects) & set(permit.effects) or set(rule.actions) & set(permit.actions))
                or not _meet(pack, other)
                or not any(rank(article.layer) < mine and article.read for article in cited)
                or set(permit.conflicts_with) & set(rule.articles)
                or permit.at is None
            ):
                continue
            there = ((rule.at, Text("上位法的禁止", "the prohibition above")),) if rule.at else ()
            fix = f"conflicts_with: [{', '.join(article.id for article in cited)}]"
            desk.report("L109", permit.at, article=cited[0].id, cite=cited[0].cite, fix=fix, related=there)
            return


def _meet(pack: LawPack, other: LawPack) -> bool:
    """Whether there is a place where both hold."""
    return any(one in lineage(two) or two in lineage(one) for one in pack.places for two in other.places)
