"""A difference as one page a manager reads: no script, nothing from elsewhere, light or dark as the reader has it.

First what it comes to, then every clause with what was and what is, whom it concerns, and a household that shows it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from html import escape

from dunning.basis.finding import Finding, Lang, Text
from dunning.compare.difference import Change, Compared, Difference, How, Move, Part, Witness
from dunning.compare.impact import Impact
from dunning.compare.impact_told import HEADLINE, Sheet, Told, money, signed
from dunning.compare.names import Names
from dunning.compare.told import GROUND, MORE, MOVES, NO_DIFFERENCE, UNDECIDED, WORDING, versions

HOW: dict[How, Text] = {
    "added": Text("新增", "added"),
    "removed": Text("删去", "removed"),
    "changed": Text("改动", "changed"),
    "moved": Text("换次序", "moved"),
    "follows": Text("随着变", "follows"),
}


def difference_html(difference: Difference, *, lang: Lang = "zh") -> str:
    """The whole difference as one self-contained page."""
    page = _Page(difference, lang)
    body = "\n".join(page.body())
    title = escape(page.title())
    code = "zh-CN" if lang == "zh" else "en"
    return (
        f'<!DOCTYPE html>\n<html lang="{code}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{title}</title>\n'
        f"<style>{STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


class _Page:
    def __init__(self, difference: Difference, lang: Lang) -> None:
        self.difference = difference
        self.lang: Lang = lang
        self.names = Names(difference)
        self.told = None if difference.impact is None else Told(difference.impact, self.names, lang)
        self.already: dict[Hashable, Text] = {}
        self.number = 0

    def say(self, zh: str, en: str) -> str:
        return escape(Text(zh, en).to(self.lang))

    def text(self, text: Text) -> str:
        return escape(text.to(self.lang))

    def title(self) -> str:
        names = [compared.title.to(self.lang) for compared in self.difference.books if compared]
        about = names[0] if len(names) == 1 else Text("规则书", "rules").to(self.lang)
        return Text(f"{about}: 改动说明", f"{about}: what changed").to(self.lang)

    def body(self) -> Iterator[str]:
        difference = self.difference
        on = self.say(f"比较的日期 {difference.on}", f"compared on {difference.on}")
        yield f"<header><h1>{escape(self.title())}</h1><p class='sub'>{on}</p>"
        yield from self.cards()
        yield "</header><main>"
        yield from self.contents()
        if difference.impact is not None and self.told is not None:
            yield from self.impact(self.told)
        for compared in difference.books:
            if compared or compared.wording:
                yield from self.book(compared)
        if difference.ground or difference.ground_wording:
            yield f"<section><h2>{self.text(GROUND)}</h2>"
            for change in difference.ground:
                yield from self.change(change)
            yield from self.wording(difference.ground_wording)
            yield "</section>"
        yield from self.findings()
        yield from self.unchanged()
        yield "</main>"

    # The whole in a few figures

    def cards(self) -> Iterator[str]:
        difference, impact = self.difference, self.difference.impact
        count = len({change.told_once for change in difference.changes})
        told = str(count) if difference else self.text(NO_DIFFERENCE)
        yield "<div class='cards'>"
        yield _card(self.say("意思不同的条款", "clauses that differ"), told)
        if impact is not None:
            yield from self.figures(impact)
        for findings, name in (
            (difference.new_findings, self.say("检查新发现", "new findings")),
            (difference.gone_findings, self.say("检查不再发现", "findings gone")),
        ):
            if findings is not None:
                yield _card(name, str(len(findings)))
        yield "</div>"

    def figures(self, impact: Impact) -> Iterator[str]:
        before, after = impact.total.before, impact.total.after
        yield _card(
            self.say("结果变了的户", "households that move"),
            f"{impact.moved:,}",
            self.say(f"共 {impact.households:,} 户", f"of {impact.households:,}"),
        )
        apart = signed(after.late_fee - before.late_fee) or "0.00"
        yield _card(
            self.say("违约金相差 (元)", "late fee (yuan)"), apart, f"{money(before.late_fee)} → {money(after.late_fee)}"
        )
        added, dropped = impact.steps_added.total(), impact.steps_dropped.total()
        yield _card(self.say("当天的步骤", "steps that day"), f"+{added:,} / −{dropped:,}")

    def contents(self) -> Iterator[str]:
        """Every change in one line, to find it by."""
        lines = []
        once: set[Hashable] = set()
        for number, change in enumerate(self.difference.changes, 1):
            if change.told_once not in once:
                once.add(change.told_once)
                count = f" <small>{self._counted(change)}</small>" if change.moves else ""
                link = f"<a href='#c{number}'>{self.text(change.title)}</a>"
                lines.append(f"<li>{self.badge(change.how)} {link}{count}</li>")
        if len(lines) > 1:
            yield f"<nav><h2>{self.say('目录', 'contents')}</h2><ul>{''.join(lines)}</ul></nav>"

    def _counted(self, change: Change) -> str:
        pairs = dict.fromkeys(f"{self.text(move.old)} → {self.text(move.new)}" for move in change.moves)
        few = list(pairs)[:2]
        return "; ".join(few) + (" …" if len(pairs) > len(few) else "")

    # Books and clauses

    def book(self, compared: Compared) -> Iterator[str]:
        title = f"{compared.title.to(self.lang)}" + (f" ({compared.name})" if self.lang == "zh" else "")
        yield f"<section><h2>{escape(title)}"
        if compared.old is None or compared.new is None:
            how: How = "added" if compared.old is None else "removed"
            yield f" {self.badge(how)}</h2></section>"
            return
        yield f" <small>{escape(versions(compared.old, compared.new))}</small></h2>"
        for change in compared.changes:
            first = self.already.setdefault(change.told_once, compared.title)
            yield from self.change(change, None if first is compared.title else first)
        yield from self.wording(compared.wording)
        yield "</section>"

    def change(self, change: Change, same: Text | None = None) -> Iterator[str]:
        self.number += 1
        because = ""
        if change.because:
            names = self.say("、", ", ").join(self.text(each) for each in change.because)
            because = f" <small>{self.say('随', 'with')} {names}</small>"
        if same is not None:
            because = f" <small>{self.say(f'同“{same.zh}”', f'as in {same.en}')}</small>"
        yield f"<article id='c{self.number}'><h3>{self.badge(change.how)} {self.text(change.title)}{because}</h3>"
        if same is None:
            yield from self.parts(change.parts)
            if change.undecided:
                yield f"<p>{self.text(UNDECIDED)}</p>"
            yield from self.moves(change.moves)
        yield "</article>"

    def parts(self, parts: Iterable[Part]) -> Iterator[str]:
        rows = [f"<tr><th>{self.text(part.what)}</th>{self._sides(part)}</tr>" for part in parts]
        if rows:
            heads = "".join(f"<th>{head}</th>" for head in ("", self.say("旧", "before"), self.say("新", "after")))
            yield f"<table class='parts'><thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table>"

    def _sides(self, part: Part) -> str:
        return f"<td class='old'>{self._lines(part.old)}</td><td class='new'>{self._lines(part.new)}</td>"

    def _lines(self, text: Text) -> str:
        return self.text(text).replace("\n", "<br>") or "—"

    def moves(self, moves: Iterable[Move]) -> Iterator[str]:
        rows = [row for move in moves for row in self.move(move)]
        if rows:
            yield f"<h4>{self.text(MOVES)}</h4><ul class='moves'>{''.join(rows)}</ul>"

    def move(self, move: Move) -> Iterator[str]:
        since = f" <small>{self.say(f'自 {move.since} 起', f'from {move.since}')}</small>" if move.since else ""
        more = f"<p class='quiet'>{self.text(MORE)}</p>" if move.more else ""
        answers = f"<span class='old'>{self.text(move.old)}</span> → <span class='new'>{self.text(move.new)}</span>"
        shows = self.witness(move.witness) if move.witness else ""
        yield f"<li><p>{self.text(move.where)}{since}</p><p class='answers'>{answers}</p>{shows}{more}</li>"

    def witness(self, shows: Witness) -> str:
        run = self.say(f"例 ({shows.on} 试算)", f"for example (run on {shows.on})")
        told = (
            f"<dt>{self.say('旧', 'before')}</dt><dd>{self.text(shows.old)}</dd>"
            f"<dt>{self.say('新', 'after')}</dt><dd>{self.text(shows.new)}</dd>"
        )
        return f"<details open><summary>{run}: {self.text(shows.like)}</summary><dl>{told}</dl></details>"

    def wording(self, changes: Iterable[Change]) -> Iterator[str]:
        rows = []
        for change in changes:
            what = self.say("、", ", ").join(dict.fromkeys(self.text(part.what) for part in change.parts))
            rows.append(f"<li>{self.text(change.title)}: {what}</li>")
        if rows:
            yield f"<details><summary>{self.text(WORDING)} ({len(rows)})</summary><ul>{''.join(rows)}</ul></details>"

    # The portfolio, the findings, and what stays

    def impact(self, told: Told) -> Iterator[str]:
        yield f"<section><h2>{self.text(HEADLINE)}</h2>"
        for sheet, below in told.sheets():
            yield sheet_html(sheet)
            if below:
                yield "<ul class='quiet'>" + "".join(f"<li>{escape(line)}</li>" for line in below) + "</ul>"
        yield "</section>"

    def findings(self) -> Iterator[str]:
        for findings, title in (
            (self.difference.new_findings, self.say("检查新发现的", "new findings of check")),
            (self.difference.gone_findings, self.say("检查不再发现的", "findings that are gone")),
        ):
            if findings:
                yield f"<section><h2>{title}</h2><ul>{''.join(map(self._finding, findings))}</ul></section>"

    def _finding(self, finding: Finding) -> str:
        at = f" <small>{escape(str(finding.at))}</small>" if finding.at else ""
        return f"<li><code>{finding.code}</code> {escape(finding.message(self.lang))}{at}</li>"

    def unchanged(self) -> Iterator[str]:
        """What is not changed, so that nobody has to guess."""
        rows = []
        for compared in self.difference.books:
            if compared.same:
                names = escape(", ".join(compared.same))
                rows.append(f"<li><b>{self.text(compared.title)}</b> ({len(compared.same)}): <code>{names}</code></li>")
        if rows:
            title = self.say("没有改动的条款", "clauses as they were")
            yield f"<details class='same'><summary>{title}</summary><ul>{''.join(rows)}</ul></details>"

    def badge(self, how: How) -> str:
        return f"<span class='badge {how}'>{self.text(HOW[how])}</span>"


def _card(name: str, figure: str, below: str = "") -> str:
    return f"<div class='card'><span>{name}</span><b>{figure}</b><small>{below}</small></div>"


def sheet_html(sheet: Sheet) -> str:
    """A table on a page of ours."""
    heads = "".join(f"<th>{escape(head)}</th>" for head in sheet.heads)
    rows = []
    for place, row in enumerate(sheet.rows):
        cells = []
        for column, cell in enumerate(row):
            kinds = [kind for kind, is_so in (("n", cell.number), ("mark", (place, column) in sheet.marked)) if is_so]
            cells.append(
                f"<td class='{' '.join(kinds)}'>{escape(cell.text)}</td>" if kinds else f"<td>{escape(cell.text)}</td>"
            )
        rows.append(f"<tr>{''.join(cells)}</tr>")
    note = f"<p class='quiet'>{escape(sheet.note)}</p>" if sheet.note else ""
    return (
        f"<h3>{escape(sheet.title)}</h3><div class='wide'><table class='sheet'><thead><tr>{heads}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table></div>{note}"
    )


STYLE = """
:root{color-scheme:light dark;--bg:#fbfbfa;--panel:#fff;--ink:#1d2126;--quiet:#68707a;--line:#e2e4e8;--old:#b3261e;
--oldbg:#fdeeec;--new:#146c2e;--newbg:#eaf6ec;--mark:#fff3cd;--link:#0b57d0}
@media(prefers-color-scheme:dark){:root{--bg:#14171a;--panel:#1c2024;--ink:#e6e8eb;--quiet:#98a1ab;--line:#31363c;
--old:#ff9d94;--oldbg:#3a1f1d;--new:#8fd8a0;--newbg:#1a3222;--mark:#4a3f16;--link:#8ab4f8}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);line-height:1.65;font-size:15px;
font-family:system-ui,-apple-system,"PingFang SC","Hiragino Sans GB","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
header,main{max-width:1040px;margin:0 auto;padding:0 24px}
header{padding-top:36px}h1{font-size:26px;line-height:1.3;margin:0}h2{font-size:20px;margin:40px 0 12px}
h3{font-size:16px;margin:0 0 10px}h4{font-size:14px;margin:16px 0 4px;color:var(--quiet)}
.sub,.quiet,small{color:var(--quiet)}small{font-weight:400;font-size:13px}p{margin:4px 0}
a{color:var(--link);text-decoration:none}
.cards{display:flex;flex-wrap:wrap;gap:12px;margin-top:20px}
.card{background:var(--panel);border:1px solid var(--line);border-radius:10px;padding:12px 16px;min-width:150px;flex:1}
.card span,.card small{display:block;color:var(--quiet);font-size:13px}
.card b{font-size:22px;font-variant-numeric:tabular-nums}
nav ul,.moves{list-style:none;padding:0;margin:0}nav li{padding:3px 0;border-bottom:1px solid var(--line)}
article{background:var(--panel);border:1px solid var(--line);border-radius:10px;padding:16px 18px;margin:12px 0}
.badge{display:inline-block;font-size:12px;font-weight:600;border-radius:4px;padding:0 7px;margin-right:4px;
background:var(--line);color:var(--ink);vertical-align:1px}
.badge.added{background:var(--newbg);color:var(--new)}.badge.removed{background:var(--oldbg);color:var(--old)}
.badge.changed,.badge.moved{background:var(--mark)}
table{border-collapse:collapse;width:100%;font-size:14px}th,td{text-align:left;padding:6px 10px;vertical-align:top;
border-bottom:1px solid var(--line)}th{font-weight:600;color:var(--quiet)}
.parts{table-layout:fixed}.parts th:first-child{width:22%}td.old{background:var(--oldbg)}td.new{background:var(--newbg)}
span.old{color:var(--old)}span.new{color:var(--new);font-weight:600}
.moves li{border-left:3px solid var(--line);padding:2px 0 2px 12px;margin:10px 0}
details{margin:4px 0}summary{cursor:pointer;color:var(--quiet)}dl{display:grid;grid-template-columns:max-content 1fr;
gap:2px 12px;margin:4px 0 0 16px;font-size:14px}dt{color:var(--quiet)}dd{margin:0}
.wide{overflow-x:auto}.sheet{width:auto;min-width:50%;background:var(--panel);margin-bottom:8px}
.sheet td,.sheet th{white-space:nowrap;padding:5px 14px}.sheet th:not(:first-child){text-align:right}
.n{text-align:right;font-variant-numeric:tabular-nums}.mark{background:var(--mark);font-weight:700}
section h3{margin-top:22px}article h3{margin-top:0}code{font-size:12px;word-break:break-word}.same{margin:32px 0 48px}
@media print{body{background:#fff;font-size:12px}article{break-inside:avoid}nav{display:none}}
"""
