"""What people call the facts and tables of a book, and their values: ids are for files, titles for reading."""

from __future__ import annotations

from collections.abc import Mapping

from dunning.basis.finding import Text
from dunning.engine.known.catalogue import CATALOGUE
from dunning.model.rulebook import RuleBook


def titles_of(book: RuleBook) -> dict[str, Text]:
    """What people call the facts and tables a book speaks of."""
    named = {name: fact.title for name, fact in CATALOGUE.items()}
    named |= {name: fact.title for name, fact in book.facts.items()}
    return named | {name: table.title for name, table in book.tables.items()}


def words_of(book: RuleBook) -> dict[str, Mapping[str, Text]]:
    """What people call the values of those facts and tables that have words."""
    typed = {name: fact.type.values for name, fact in CATALOGUE.items()}
    typed |= {name: fact.type.values for name, fact in book.facts.items()}
    typed |= {name: table.output.words for name, table in book.tables.items()}
    return {name: words for name, words in typed.items() if words}
