"""Words: what titles and templates may not say, from the `text` rules of the law packs.

A debtor reads titles on a screen and templates on paper; what may not be said before a judgment is said by neither.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from dunning.basis.finding import Finding, Text
from dunning.basis.span import Span
from dunning.check.clauses import own_clauses
from dunning.engine.law.guard import law_of
from dunning.engine.law.refusal import pointing_at
from dunning.model.law import Article, TextRule
from dunning.model.rulebook import RuleBook
from dunning.model.steps import By, Step

AFTER_JUDGMENT = frozenset({"apply_enforcement", "apply_dishonest_list"})
"""Actions that only follow a judgment: what may be said then is theirs to say."""


def wording(book: RuleBook) -> Iterator[Finding]:
    """Forbidden words in the titles of a book's own clauses, each with the article."""
    late = {step.at for step in _steps(book) if step.action in AFTER_JUDGMENT}
    for clause in own_clauses(book):
        for rule, word in forbidden(clause.title.zh, book):
            if rule.before != "judgment" or clause.at not in late:
                yield _finding("L511", book, rule, word, title=clause.title, at=clause.at)
    yield from _of_templates(book)


def _of_templates(book: RuleBook) -> Iterator[Finding]:
    """Forbidden words in the texts the book's steps use; used before a judgment and after, what is strict holds."""
    for template in book.templates.values():
        begins = template.at or Span(template.id, 1, 1)
        early = any(step.action not in AFTER_JUDGMENT for step in _steps(book) if template.id in _named(step, book))
        lines = template.text.split("\n")
        for rule, word in forbidden(template.text, book):
            if rule.before == "judgment" and not early:
                continue
            place = next(number for number, line in enumerate(lines) if word in line)
            line, column = lines[place], lines[place].index(word) + 1
            at = Span(begins.file, begins.line + place, column, column + len(word))
            title = Text(template.title, template.title)
            yield replace(_finding("L512", book, rule, word, title=title, at=at), line=line)


def _named(step: Step, book: RuleBook) -> Collection[str]:
    """The templates a step may use."""
    if isinstance(step.template, By):
        return book.tables[step.template.table].output.words
    return () if step.template is None else (step.template,)


def forbidden(text: str, book: RuleBook) -> Iterator[tuple[TextRule, str]]:
    """The words of a text that a rule forbids, outside the phrases it allows; each word once."""
    for pack in law_of(book).packs:
        for rule in pack.text:
            rest = text
            for phrase in rule.allow:
                rest = rest.replace(phrase, "")
            yield from ((rule, word) for word in rule.never if word in rest)


def _steps(book: RuleBook) -> tuple[Step, ...]:
    return (*book.reminders, *book.ladder.steps)


def _finding(code: str, book: RuleBook, rule: TextRule, word: str, *, title: Text, at: object) -> Finding:
    known = law_of(book).articles
    articles: list[Article] = [known[name] for name in rule.articles if name in known]
    cite = "、".join(article.cite for article in articles)
    when = Text("判决之前", "before a judgment") if rule.before else Text("任何时候", "at any time")
    related = pointing_at(articles[0].at, Text("条文在这里", "the article")) if articles else ()
    return Finding(code, at, {"title": title, "word": word, "cite": cite, "when": when}, related=related)  # type: ignore[arg-type]
