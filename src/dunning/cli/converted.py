"""Any portfolio as a Parquet folder: made once, gone on with if it was stopped, and made again only if it changed.

What a folder was made of is told by the digests of its files: an export that is written every night has a new time
though nothing is new in it, and a copy can keep the old one though something is. Reading a file to digest it takes a
small part of the time of converting it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import file_digest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dunning.basis.errors import UsageError
from dunning.basis.finding import Lang, Text
from dunning.cli.household import ADAPTER
from dunning.cli.options import now_in_china
from dunning.cli.parquet import in_parquet, is_ours, needs_pyarrow

if TYPE_CHECKING:
    from dunning.columns.sink import Converted


def convert_to(source: str, out: Path, lang: Lang) -> Converted:
    """Any portfolio, in files or behind an adapter, into a Parquet folder; nothing is done if it is there already."""
    needs_pyarrow()
    if source.startswith(ADAPTER):
        return _from_adapter(source, out, lang)
    from dunning.columns.convert import convert_parquet, convert_portfolio
    from dunning.columns.sink import already
    from dunning.intake.files.tables import open_portfolio

    path = Path(source)
    if is_ours(path):
        told = Text(
            f"“{path}”已经是 dunning 写出的 Parquet, 直接用",
            f"`{path}` is Parquet of dunning's already; use it as it is",
        )
        raise UsageError(told)
    _not_within(path, out)
    of = _of_files(path)
    if stands := already(out, of):
        return stands
    if in_parquet(path):
        with counting(lang, path.name, None) as tick:
            return convert_parquet(path, out, of=of, tick=tick)
    with open_portfolio(path) as portfolio, counting(lang, path.name, portfolio.count) as tick:
        return convert_portfolio(portfolio, out, of=of, tick=tick)


def _from_adapter(address: str, out: Path, lang: Lang) -> Converted:
    """What was read through an adapter and not yet written is still written the same day; read, it is always anew."""
    from dunning.adapter.lookup import open_adapter
    from dunning.adapter.supply import AdapterPortfolio
    from dunning.adapter.sweeps import source_of
    from dunning.columns.convert import convert_portfolio

    of = {**made_by(), "adapter": source_of(address), "on": now_in_china().date().isoformat()}
    with counting(lang, address.partition("?")[0], None) as tick:
        return convert_portfolio(AdapterPortfolio(open_adapter(address)), out, of=of, steady=False, tick=tick)


def told(done: Converted, out: Path) -> Text:
    """What became of it, and what of an earlier run was used."""
    if done.stands:
        return Text(
            f"{out} 就是用这些文件写出的 ({done.accounts:,} 户, {done.parts} 份), 文件没有变, 不用再写",
            f"{out} was made of these very files ({done.accounts:,} accounts in {done.parts} parts): nothing to do",
        )
    told = Text(
        f"已写出 {done.accounts:,} 户, {done.parts} 份: {out}",
        f"{done.accounts:,} accounts written in {done.parts} parts: {out}",
    )
    before = [
        Text(f"已排好的 {done.sorted_before:,} 行", f"{done.sorted_before:,} rows sorted")
        if done.sorted_before
        else None,
        Text(f"已读的 {done.read_before:,} 户", f"{done.read_before:,} accounts read") if done.read_before else None,
        Text(f"已写的 {done.written_before} 份", f"{done.written_before} parts written")
        if done.written_before
        else None,
    ]
    kept = [each for each in before if each is not None]
    if not kept:
        return told
    return told.joined(
        Text(
            f"; 接着上次中断的做, {'、'.join(each.zh for each in kept)}没有重做",
            f"; went on with a run that was stopped, not doing again: {', '.join(each.en for each in kept)}",
        )
    )


@contextmanager
def counting(lang: Lang, name: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """A progress bar with rate and time left; what is ticked is added."""
    from dunning.cli.terminal import progress

    began = time.monotonic()
    with progress(lang) as bar:
        task = bar.add_task(name, total=total, rate="")

        def tick(count: int) -> None:
            bar.advance(task, count)
            seconds = time.monotonic() - began
            bar.update(task, rate=f"{bar.tasks[0].completed / seconds:,.0f}/s" if seconds else "")

        yield tick


def _of_files(path: Path) -> dict[str, Any]:
    """What a portfolio in files is made of: their names within it, sizes and digests."""
    files = [path] if path.is_file() else sorted({*path.glob("*.[cC][sS][vV]"), *path.rglob("*.parquet")})
    said = {str(file.relative_to(path) if file != path else file.name): _digest(file) for file in files}
    return {**made_by(), "files": said}


def made_by() -> dict[str, Any]:
    """By which program, and in which form, a folder was made: another reads otherwise."""
    from dunning.columns.store import FORMAT
    from dunning.output.record.record import engine_version

    return {"dunning": engine_version(), "format": FORMAT}


def _digest(file: Path) -> list[Any]:
    with file.open("rb") as opened:
        return [file.stat().st_size, file_digest(opened, "sha256").hexdigest()]


def _not_within(path: Path, out: Path) -> None:
    """What is written beside the source's own files would be read as one of them the next time."""
    if in_parquet(path) and path.resolve() in (out.resolve(), *out.resolve().parents):
        told = Text(
            f"{out} 在数据的文件夹 {path} 里面; 写到别处去",
            f"{out} lies in the folder of the data, {path}; write it elsewhere",
        )
        raise UsageError(told)
