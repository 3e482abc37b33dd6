"""`dunning fmt`: rule files laid out alike, and the mistakes of a keyboard mended, after showing what would change."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from dunning.basis.errors import UsageError
from dunning.basis.finding import Lang, Text
from dunning.cli.options import LangOption, with_rules
from dunning.cli.speech import chosen, says

if TYPE_CHECKING:
    from dunning.check.tidy import Tidied

TAB = "\t"


def fmt(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[PATH]...",
            help=says("规则文件或文件夹; 不写则本文件夹的 rules", "rule files or folders; by default `rules` here"),
            show_default=False,
        ),
    ] = None,
    check: Annotated[
        bool,
        typer.Option(
            "--check",
            help=says("只看不写: 列出要改的, 有则退出码 1", "write nothing; show changes, exit 1 if any"),
        ),
    ] = False,
    diff: Annotated[
        bool, typer.Option("--diff", help=says("只看不写: 列出要改的", "write nothing; show changes"))
    ] = False,
    fix: Annotated[
        bool,
        typer.Option(
            "--fix",
            help=says("同时改掉全角符号、缺的空格这类笔误", "mend full-width signs, missing blanks and the like"),
        ),
    ] = False,
    keys: Annotated[
        Literal["zh", "en"] | None,
        typer.Option(
            metavar="zh|en",
            help=says("键都换成中文或英文", "turn all keys into Chinese or English"),
            show_default=False,
        ),
    ] = None,
    lang: LangOption = None,
) -> None:
    """Lay rule files out alike; comments, order and meaning stay."""
    from dunning.check.tidy import tidied
    from dunning.cli.terminal import print_findings

    spoken = chosen(lang)
    files = [tidied(path, fix=fix, keys=keys) for path in _files(paths or [])]
    changed = [file for file in files if file.changed]
    only_shown = check or diff
    for file in changed:
        for line in _difference(file) if only_shown else _mends(file, spoken):
            typer.echo(line)
        if not only_shown:
            file.path.write_bytes(file.after.encode())
    findings = [found for file in files for found in file.findings]
    if findings:
        print_findings(findings, spoken)
    typer.echo(_counted(files, only_shown=only_shown).to(spoken))
    raise typer.Exit(1 if findings or (check and changed) else 0)


def _files(paths: list[Path]) -> list[Path]:
    """The files meant, each once. UsageError for a path that does not exist, or none where there is no `rules`."""
    from dunning.lang.library import yaml_files

    own = Path("rules")
    if not paths and not own.is_dir():
        zh, en = "这里没有 rules; 写明规则文件或文件夹", "there is no `rules` here; name a rule file or a folder"
        raise UsageError(Text(zh, en))
    found: dict[Path, None] = {}
    for path in paths or [own]:
        if not path.exists():
            raise UsageError(Text(f"“{path}”不是文件或文件夹", f"`{path}` is no file or folder"))
        found |= dict.fromkeys(yaml_files(Path(with_rules(str(path)))) if path.is_dir() else [path])
    return list(found)


def _mends(file: Tidied, lang: Lang) -> Iterator[str]:
    """Each mended line, old and new; with its indent where that is all that changed."""
    old, new = Text("原来", "was").to(lang), Text("改成", "now").to(lang)
    for number, was, now in file.mends():
        if was.strip() != now.strip():
            was, now = was.strip(), now.strip()
        yield f"{file.path.as_posix()}:{number}\n  {old}  {was.replace(TAB, '→')}\n  {new}  {now}"


def _difference(file: Tidied) -> Iterator[str]:
    """What would change, as a patch."""
    name = file.path.as_posix()
    before, after = (re.findall(r"[^\n]*\n|[^\n]+", text) for text in (file.before, file.after))
    for line in unified_diff(before, after, name, name):
        yield line.removesuffix("\n") + ("" if line.endswith("\n") else "\n\\ No newline at end of file")


def _counted(files: list[Tidied], *, only_shown: bool) -> Text:
    """How many files were changed, or would be, and how many were left for their errors."""
    count, changed, left = len(files), sum(file.changed for file in files), sum(bool(file.findings) for file in files)
    zh, en = ("要改", "to change") if only_shown else ("改了", "changed")
    told = Text(f"{count} 个文件, {zh} {changed} 个", f"{count} file{'s' * (count != 1)}, {changed} {en}")
    if not left:
        return told
    return told.joined(Text(f"; {left} 个还有错误, 要自己改好", f"; {left} with errors left, to be mended by hand"))
