"""What a book leans on: articles not in force on its days, and clauses that do not say where they come from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date

from dunning.basis.finding import Finding, Text
from dunning.basis.span import Place
from dunning.check.clauses import own_clauses
from dunning.model.law import Article
from dunning.model.rulebook import RuleBook
from dunning.model.steps import Declined


def citations(book: RuleBook) -> Iterator[Finding]:
    """Reasons for declining that cite what is no law on some day of the book, and clauses without a source."""
    articles = {article.id: article for pack in book.laws for article in pack.articles}
    for declined in book.declined:
        if declined.because in articles and declined.at is not None and declined.at.file == book.file:
            yield from _cited(book, declined, articles)
    yield from _sources(book)
    yield from _chapters(book, articles)


def _cited(book: RuleBook, declined: Declined, articles: Mapping[str, Article]) -> Iterator[Finding]:
    article = articles[declined.because]
    args = {"item": declined.item, "cite": article.cite, "since": article.since, "until": article.until}
    last = book.until or date.max
    if article.until is not None and article.until < last:
        successor = next((one for one in articles.values() if one.replaces == article.id), None)
        fix = "" if successor is None else successor.id
        yield Finding("D201", declined.at, args, fix, _there(article))
    elif article.since is not None and article.since > last:
        yield Finding("D202", declined.at, args, related=_there(article))


def _there(article: Article) -> tuple[tuple[Place, Text], ...]:
    return ((article.at, Text("条文在这里", "the article")),) if article.at else ()


def _sources(book: RuleBook) -> Iterator[Finding]:
    """Clauses without a source, in one finding; only of a book that somebody owns or that names sources at all."""
    clauses = list(own_clauses(book))
    bare = [clause for clause in clauses if not clause.source]
    if bare and (book.owner or len(bare) < len(clauses)):
        zh = "、".join(clause.title.zh for clause in bare)
        en = ", ".join(clause.title.en for clause in bare)
        yield Finding("D203", bare[0].at, {"count": len(bare), "titles": Text(zh, en)})


_CHAPTER = re.compile(
    r"(?P<law>[\u4e00-\u9fff]*(?:法典|条例|办法|规定|法))[》]?(?:\([^)]*\))?(?P<chapter>第[一二三四五六七八九十百]+章)"
)


def _chapters(book: RuleBook, articles: Mapping[str, Article]) -> Iterator[Finding]:
    """Sources that name a chapter of a law: what one has to do stands in an article, and a chapter proves nothing."""
    for clause in own_clauses(book):
        found = _CHAPTER.search(clause.source)
        if found is None:
            continue
        known = [article for article in articles.values() if article.cite.startswith(found["law"])]
        zh = f"; 法律文件里有: {'、'.join(one.cite for one in known)}" if known else ""
        en = f"; the law files have {', '.join(one.cite for one in known)}" if known else ""
        args = {"title": clause.title, "chapter": found[0], "known": Text(zh, en)}
        yield Finding("D204", clause.at, args, related=_there(known[0]) if known else ())
