"""A template: a text that is sent or said under a step, in a Markdown file with a YAML head.

    ---
    title: 到期前提醒
    tone: friendly
    channels: [sms, app]
    ---
    {{ name }}您好: ...

The ERP fills in and sends it; here it is known by its head, and what it wants filled in is held to a closed list.
"""

from __future__ import annotations

import re
from dataclasses import replace

from dunning.basis.finding import Finding, Text
from dunning.basis.span import Span
from dunning.lang.readers.read import Page, open_page
from dunning.lang.text.names import did_you_mean, nearest
from dunning.lang.words import words
from dunning.lang.words.desk import Desk, Fields
from dunning.model.steps import Template

TEMPLATE = ("title", "tone", "channels", "language", "fields")
RULE = "---"
_FIELD = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_BRACES = re.compile(r"\{[{%]|[}%]\}")
_NAME = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
_WHAT = Text("模板", "a template")


def read_template(text: str, file: str, name: str) -> tuple[Template | None, list[Finding]]:
    """The template of a file, named after it, with what is wrong in it; None where its head cannot be read."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    ends = next((place for place, line in enumerate(lines) if place and line.rstrip() == RULE), None)
    if lines[0].rstrip() != RULE or ends is None or not any(map(str.strip, lines[1:ends])):
        desk = Desk(file, lines)
        desk.report("R801", Span(file, 1, 1, len(lines[0]) + 1))
        return None, desk.results()
    # The rule above the head becomes an empty line, so that places are those of the file.
    head = open_page("\n".join(["", *lines[1:ends]]), file)
    desk = replace(head, lines=lines).desk()
    fields = _head(head, desk)
    if fields is None:
        return None, desk.results()
    own = fields.texts("fields")
    used = _filled_in(desk, lines[ends + 1 :], ends + 2, own)
    tone = fields.maybe_word("tone", words.TONES)
    begins = next((place for place in range(ends + 1, len(lines)) if lines[place].strip()), None)
    if begins is None:
        desk.report("R803", Span(file, ends + 1, 1, len(RULE) + 1))
    if tone is None or begins is None:
        return None, desk.results()
    template = Template(
        id=name,
        title=fields.text("title", name),
        tone=tone,
        channels=fields.words("channels", words.CHANNELS, code="N207"),
        language=fields.word("language", words.LANGUAGES, "zh"),
        fields=used,
        text="\n".join(lines[begins:]).rstrip(),
        at=Span(file, begins + 1, 1),
    )
    return template, desk.results()


def _head(page: Page, desk: Desk) -> Fields | None:
    if page.node is None:
        if not desk.findings:  # a list, or a single word
            desk.report("R801", Span(page.file, 1, 1))
        return None
    return desk.open(page.node, TEMPLATE, _WHAT, ("title", "tone"))


def _filled_in(desk: Desk, lines: list[str], first: int, own: tuple[str, ...]) -> tuple[str, ...]:
    """The fields of a text, each once; one nobody knows, and braces that hold none, are noted."""
    used: dict[str, None] = {}
    for number, line in enumerate(lines, start=first):
        for field in _FIELD.finditer(line):
            at = Span(desk.file, number, field.start() + 1, field.end() + 1)
            name = field[1]
            if not _NAME.fullmatch(name):
                desk.report("R802", at, text=field[0])
                continue
            used[name] = None
            if name not in words.FILLED_IN and name not in own:
                guess = nearest(name, [*words.FILLED_IN, *own])
                fix = f"{{{{ {guess} }}}}" if guess else ""
                desk.report("N213", at, name=name, hint=did_you_mean(guess), fix=fix)
        rest = _FIELD.sub(lambda field: " " * len(field[0]), line)
        for brace in _BRACES.finditer(rest):
            desk.report("R802", Span(desk.file, number, brace.start() + 1, brace.end() + 1), text=brace[0])
    return tuple(used)
