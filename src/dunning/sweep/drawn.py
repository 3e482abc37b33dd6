"""A sweep as a drawing: a panel a figure, the value along the bottom, today's marked; nothing from elsewhere.

Amounts and counts are drawn as they are; grades as households more or fewer than today, which is what moves.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import NamedTuple

from dunning.basis.finding import Lang
from dunning.basis.width import width
from dunning.compare.page import STYLE, sheet_html
from dunning.sweep.swept import Sweep, size
from dunning.sweep.told import Told
from dunning.sweep.variants import TODAY

_WIDTH, _PANEL, _GAP = 1000, 240, 24
_LEFT, _RIGHT, _TOP, _BOTTOM = 78, 30, 58, 40  # within a panel
_HEAD = 64
_INK, _GREY, _FAINT, _LAW = "#1d2126", "#68707a", "#e2e4e8", "#b3261e"
_COLOURS = ("#2f6fb2", "#c2571a", "#2d8a57", "#8a4fa3", "#b58900", "#5b6770", "#c23a7a", "#1f8f9c")
_MOST = len(_COLOURS)
_LONGEST = 16


class Line(NamedTuple):
    """One line of a panel: its name, a value for each place along the bottom, and the variant that it is of."""

    name: str
    values: tuple[int, ...]
    places: tuple[int, ...]


class Panel(NamedTuple):
    """A figure; `fen`: its values are amounts, told in yuan. `around`: they are differences, about 0."""

    title: str
    lines: tuple[Line, ...]
    fen: bool = False
    around: bool = False


def sweep_svg(swept: Sweep, *, lang: Lang = "zh") -> str:
    """The drawing as an SVG file."""
    return "\n".join(_Drawing(swept, lang).svg()) + "\n"


def sweep_html(swept: Sweep, *, lang: Lang = "zh") -> str:
    """The drawing, the tables, and what `check` says, as one page a manager reads."""
    told = Told(swept, lang)
    code = "zh-CN" if lang == "zh" else "en"
    body = [f"<header><h1>{escape(told.title())}</h1><p class='sub'>{escape(told.setting())}</p></header><main>"]
    doubts = [
        f"<li><b>{escape(name)}</b> <code>{each.code}</code> {escape(each.message(lang))}"
        f" <small>{escape(each.why(lang))}</small></li>"
        for name, each in told.doubts()
    ]
    if doubts:
        title = escape(told.say("检查说", "what check says"))
        body.append(f"<section><h2>{title}</h2><ul>{''.join(doubts)}</ul></section>")
    body.append(f"<section class='wide'>{sweep_svg(swept, lang=lang)}</section>")
    body += [sheet_html(sheet) for sheet in told.sheets()]
    if unmoved := told.unmoved():
        body.append(f"<p class='quiet'>{escape(unmoved)}</p>")
    text = "\n".join(body)
    return (
        f'<!DOCTYPE html>\n<html lang="{code}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{escape(told.title())}</title>\n'
        f"<style>{STYLE}svg{{max-width:100%;height:auto;border-radius:10px}}</style>\n</head>\n<body>\n"
        f"{text}\n</main>\n</body>\n</html>\n"
    )


class _Drawing:
    def __init__(self, swept: Sweep, lang: Lang) -> None:
        self.swept = swept
        self.told = Told(swept, lang)
        self.lang = lang
        self.along, self.groups = self._places()
        self.panels = [panel for panel in self._panels() if len({v for line in panel.lines for v in line.values}) > 1]

    def _places(self) -> tuple[list[str], dict[str, list[int]]]:
        """What stands along the bottom, and for each line the places of its variants; of one parameter there is one
        line, of several one for each combination of the others.
        """
        swept = self.swept
        if len(swept.params) == 1:
            places = swept.in_order()
            return [swept.variants[place].values[0] for place in places], {"": places}
        along = list(dict.fromkeys(variant.values[0] for variant in swept.variants[1:]))
        groups: dict[str, list[int]] = {}
        for place, variant in enumerate(swept.variants):
            if place != TODAY or variant.values[0] in along:
                groups.setdefault(" · ".join(variant.values[1:]), []).append(place)
        whole = {}
        for name, places in sorted(groups.items(), key=lambda each: (size(each[0]) or 0, each[0])):
            by_value = {swept.variants[place].values[0]: place for place in places}
            if len(by_value) == len(along):
                whole[name] = [by_value[value] for value in along]
        return along, whole

    # What is drawn

    def _panels(self) -> Iterator[Panel]:
        swept, say = self.swept, self.told.say
        yield self._of(say("逾期欠费 (元)", "arrears (yuan)"), [c.arrears for c in swept.counts], fen=True)
        yield self._of(say("违约金 (元)", "late fee (yuan)"), [c.late_fee for c in swept.counts], fen=True)
        yield self._of(say("欠费户", "households in arrears"), [c.in_arrears for c in swept.counts])
        if swept.actions != "none":
            yield self._of(self.told.due(), [c.actions_in_all or 0 for c in swept.counts])
        if len(swept.params) == 1:
            for book, table in swept.tables():
                if swept.moves(book, table):
                    places = tuple(self.groups[""])
                    title = self.told.table_title(book, table)
                    lines = []
                    for word in swept.answers(book, table):
                        now = swept.of(swept.today, book, table, word)
                        values = tuple(swept.of(swept.counts[place], book, table, word) - now for place in places)
                        if any(values):
                            lines.append(Line(swept.answer_title(book, table, word, self.lang), values, places))
                    more = say(f"{title}: 比现在多或少几户", f"{title}: households more or fewer than now")
                    yield Panel(more, tuple(lines), around=True)

    def _of(self, title: str, values: Sequence[int], *, fen: bool = False) -> Panel:
        lines = [Line(name, tuple(values[place] for place in at), tuple(at)) for name, at in self.groups.items()]
        return Panel(title, tuple(lines[:_MOST]), fen=fen)

    # How

    def svg(self) -> Iterator[str]:
        rows = -(-len(self.panels) // 2)
        height = _HEAD + rows * (_PANEL + _GAP) + 20
        yield f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}"'
        yield f'  viewBox="0 0 {_WIDTH} {height}" role="img" font-family="system-ui, PingFang SC, Microsoft YaHei,'
        yield '  Noto Sans CJK SC, sans-serif">'
        yield f"<title>{escape(self.told.title())}</title>"
        yield f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>'
        yield _text(24, 32, self.told.title(), size=18, weight=600)
        yield _text(24, 52, self.told.setting(), size=12, colour=_GREY)
        wide = (_WIDTH - 3 * _GAP) / 2
        for place, panel in enumerate(self.panels):
            x, y = _GAP + (place % 2) * (wide + _GAP), _HEAD + (place // 2) * (_PANEL + _GAP)
            yield from self._panel(panel, x, y, wide)
        refused = any(variant.against_law for variant in self.swept.variants)
        hollow = self.told.say(
            "空心的点: 规则查不过, 见“检查说”", "hollow: rules that are refused, see what check says"
        )
        below = [self.told.still(), hollow if refused else ""]
        yield _text(24, height - 14, "; ".join(filter(None, below)), size=12, colour=_GREY)
        yield "</svg>"

    def _panel(self, panel: Panel, x: float, y: float, wide: float) -> Iterator[str]:
        yield f'<rect x="{x}" y="{y}" width="{wide}" height="{_PANEL}" rx="8" fill="none" stroke="{_FAINT}"/>'
        yield _text(x + 14, y + 22, panel.title, size=13, weight=600)
        values = [value for line in panel.lines for value in line.values]
        low, high, step = _scale(min(values, default=0), max(values, default=0), around=panel.around)
        left, right, top, bottom = x + _LEFT, x + wide - _RIGHT, y + _TOP, y + _PANEL - _BOTTOM
        across = (right - left) / max(len(self.along) - 1, 1)

        def at(place: int, value: int) -> tuple[float, float]:
            return round(left + place * across, 1), round(bottom - (bottom - top) * (value - low) / (high - low), 1)

        for tick in range(low, high + 1, step):
            _, level = at(0, tick)
            zero = panel.around and tick == 0
            yield f'<line x1="{left}" y1="{level}" x2="{right}" y2="{level}" stroke="{_GREY if zero else _FAINT}"/>'
            yield _text(left - 8, level + 4, self._number(tick, panel), size=10, anchor="end", colour=_GREY)
        yield from self._bottom(left, across, top, bottom)
        named = x + 14.0
        for line, colour in zip(panel.lines, _COLOURS, strict=False):
            points = [at(place, value) for place, value in enumerate(line.values)]
            path = " ".join(f"{px},{py}" for px, py in points)
            yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
            for place, (px, py) in enumerate(points):
                tip = f"{self.along[place]}: {self._number(line.values[place], panel)}"
                fill = "#ffffff" if self.swept.variants[line.places[place]].against_law else colour
                yield f'<circle cx="{px}" cy="{py}" r="3.5" fill="{fill}" stroke="{colour}" stroke-width="1.5">'
                yield f"  <title>{escape(f'{line.name} {tip}'.strip())}</title></circle>"
            if line.name and (len(panel.lines) > 1 or panel.around):
                yield f'<circle cx="{named + 4}" cy="{y + 38}" r="4" fill="{colour}"/>'
                short = line.name if width(line.name) <= _LONGEST else f"{line.name[: _LONGEST // 2]}…"
                yield _text(named + 12, y + 42, short, size=11, colour=_GREY)
                named += 28 + 6.2 * width(short)

    def _bottom(self, left: float, across: float, top: float, bottom: float) -> Iterator[str]:
        """The values, as many as there is room for; today's, and those the law does not allow, in any case."""
        widest = max((width(value) for value in self.along), default=1) * 6.5 + 12
        every = max(1, int(-(-widest // max(across, 1))))
        now = self._now()
        for place, value in enumerate(self.along):
            x = round(left + place * across, 1)
            unlawful = self._unlawful(place)
            if place == now:
                yield f'<line x1="{x}" y1="{top - 8}" x2="{x}" y2="{bottom}" stroke="{_INK}" stroke-dasharray="3 4"/>'
                yield _text(x, bottom + 30, self.told.say("现在", "now"), size=11, anchor="middle")
            elif unlawful and place % every == 0:
                yield _text(x, bottom + 30, self.told.say("不放行", "refused"), size=10, anchor="middle", colour=_LAW)
            near = now is not None and 0 < abs(place - now) < every
            if place == now or (place % every == 0 and not near):
                yield _text(x, bottom + 16, value, size=11, anchor="middle", colour=_LAW if unlawful else _INK)

    def _now(self) -> int | None:
        value = self.swept.variants[TODAY].values[0]
        return self.along.index(value) if value in self.along else None

    def _unlawful(self, place: int) -> bool:
        """Whether the law allows none of the variants that stand there."""
        variants = [self.swept.variants[places[place]] for places in self.groups.values()]
        return all(each.against_law for each in variants)

    def _number(self, value: int, panel: Panel) -> str:
        if not panel.fen:
            return f"{value:+,}" if panel.around and value else f"{value:,}"
        yuan = value / 100
        if self.lang == "zh" and abs(yuan) >= 1e4:
            unit, name = (1e8, "亿") if abs(yuan) >= 1e8 else (1e4, "万")
            return f"{yuan / unit:,.6g}{name}"
        return f"{yuan:,.10g}"


def _scale(low: int, high: int, *, around: bool) -> tuple[int, int, int]:
    """Round ends for a panel, and the step of its ticks: a few ticks; about 0 where they are differences."""
    if around:
        low, high = min(low, 0), max(high, 0)
    spread = max(high - low, 1)
    step = next(
        size * 10**power for power in range(20) for size in (1, 2, 5) if size * 10**power * 4 >= spread
    )  # four steps at most, and one beyond
    if high == low:
        return (low - step, high + step, step)
    return low // step * step, -(-high // step) * step, step


def _text(
    x: float, y: float, told: str, *, size: int = 13, anchor: str = "start", colour: str = _INK, weight: int = 400
) -> str:
    at = "" if anchor == "start" else f' text-anchor="{anchor}"'
    bold = f' font-weight="{weight}"' if weight != 400 else ""
    return (
        f'<text x="{round(x, 1)}" y="{round(y, 1)}" font-size="{size}" fill="{colour}"{at}{bold}>{escape(told)}</text>'
    )
