"""What a cluster costs against one machine: `python benchmarks/scale.py [--only WAY] FOLDER ...`, of `dunning convert`.

The same accounts five ways, each in processes of its own, all five tables written to Parquet: `dunning assess` on one
core and on two; Spark `local[1]` and `local[2]` from a row an account with nested lists; and `local[2]` from a table a
list. Processor seconds are told apart, the JVM's and those of Python, for they tell what a core does when others use
the machine too; memory is the peak of the JVM, and of the largest Python process.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

ON = "2026-11-22"
PER_PARTITION = 50_000
HEAP = "1g"
TICKS = os.sysconf("SC_CLK_TCK")


def processes(root: int) -> Iterator[tuple[int, str, float, int]]:
    """Of a process and all below it: id, command, processor seconds, peak of memory in MB."""
    below: dict[int, list[int]] = {}
    known: dict[int, tuple[int, str, float, int]] = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            name, rest = (folder / "stat").read_text().rsplit(")", 1)
            status = (folder / "status").read_text()
        except OSError:
            continue
        fields = rest.split()
        peak = next((int(line.split()[1]) // 1024 for line in status.splitlines() if line.startswith("VmHWM")), 0)
        pid = int(folder.name)
        known[pid] = (pid, name.partition("(")[2], (int(fields[11]) + int(fields[12])) / TICKS, peak)
        below.setdefault(int(fields[1]), []).append(pid)
    waiting = [root]
    while waiting:
        pid = waiting.pop()
        waiting.extend(below.get(pid, ()))
        if pid in known:
            yield known[pid]


class Watched:
    """Runs a command and says what it took."""

    def __init__(self, *command: str, **environment: str) -> None:
        self.seen: dict[int, tuple[str, float, int]] = {}
        began = time.monotonic()
        with tempfile.TemporaryFile() as said:
            env = {**os.environ, **environment}
            process = subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT, env=env)
            watch = threading.Thread(target=self._watch, args=(process,))
            watch.start()
            code = process.wait()
            watch.join()
            said.seek(0)
            self.output = said.read().decode()
        self.seconds = time.monotonic() - began
        if code > 1:
            raise SystemExit(self.output)

    def _watch(self, process: subprocess.Popen[bytes]) -> None:
        while process.poll() is None:
            for pid, name, seconds, peak in processes(process.pid):
                before = self.seen.get(pid, (name, 0.0, 0))  # who has ended has no memory any more
                self.seen[pid] = (name, seconds, max(peak, before[2]))
            time.sleep(0.2)

    def used(self, *, java: bool) -> tuple[float, int]:
        """Processor seconds and the largest peak of memory, of the JVM or of everything else."""
        names = ("java",) if java else ("python", "pyspark", "dunning")  # and none of those about to become another
        found = [(seconds, peak) for name, seconds, peak in self.seen.values() if name.startswith(names)]
        return sum(seconds for seconds, _ in found), max((peak for _, peak in found), default=0)


def session(cores: int) -> Any:
    from pyspark.sql import SparkSession

    return (
        SparkSession.builder.master(f"local[{cores}]")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.memory", HEAP)
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.log.level", "ERROR")
        .config("spark.sql.session.timeZone", "Asia/Shanghai")
        .getOrCreate()
    )


def lists(spark: Any, folder: Path) -> dict[str, Any]:
    found = [each for each in sorted(folder.iterdir()) if each.is_dir() and each.name != "rejected"]
    return {each.name: spark.read.parquet(str(each)) for each in found}


def nest(folder: Path, out: Path) -> None:
    """The folder as a row an account."""
    from pyspark.sql import functions as F  # noqa: N812

    spark = session(2)
    of = lists(spark, folder)
    frame = of.pop("accounts")
    for name, each in of.items():
        own = [F.col(f"`{column}`") for column in each.columns if column not in ("company", "account")]
        grouped = each.groupBy("company", F.col("account").alias("id")).agg(F.collect_list(F.struct(*own)).alias(name))
        frame = frame.join(grouped, ["company", "id"], "left")
    frame.write.mode("overwrite").parquet(str(out))
    spark.stop()


def run(source: Path, out: Path, cores: int, partitions: int) -> None:
    """One run on Spark; prints the seconds without those of its start."""
    from dunning_spark import assess_frame

    spark = session(cores)
    spark.range(1).count()
    began = time.monotonic()
    frame = spark.read.parquet(str(source)) if any(source.glob("*.parquet")) else lists(spark, source)
    spark.conf.set("spark.sql.shuffle.partitions", str(partitions))
    rules = Path(__file__).parents[3] / "rules"
    with assess_frame(frame, rules, date.fromisoformat(ON), partitions=partitions) as assessed:
        for name, each in assessed.items():
            each.write.mode("overwrite").parquet(str(out / name))
    print(json.dumps({"seconds": time.monotonic() - began}))
    spark.stop()


def told(way: str, accounts: int, seconds: float, watched: Watched) -> None:
    (jvm, heap), (python, peak) = watched.used(java=True), watched.used(java=False)
    a_core = accounts / (jvm + python)
    print(
        f"| {accounts:,} | {way} | {seconds:.0f} s | {jvm:.0f} s | {python:.0f} s | {a_core:,.0f} | {heap:,} MB "
        f"| {peak:,} MB |",
        flush=True,
    )


def measured(folder: Path, work: Path, only: str) -> None:
    accounts = json.loads((folder / "portfolio.json").read_text())["rows"]["accounts"]
    partitions = max(2, -(-accounts // PER_PARTITION))
    dunning = str(Path(sys.executable).with_name("dunning"))
    for jobs in (1, 2):
        way = f"`dunning assess --jobs {jobs}`"
        if only in way:
            shutil.rmtree(work / "local", ignore_errors=True)
            call = [dunning, "assess", str(folder), "--on", ON, "--out", str(work / "local"), "--jobs", str(jobs)]
            watched = Watched(*call)
            told(way, accounts, watched.seconds, watched)
    nested = work / "nested"
    own = [sys.executable, __file__]
    Watched(*own, "--nest", str(folder), str(nested), PYSPARK_PYTHON=sys.executable)
    for source, cores, what in ((nested, 1, "rows"), (nested, 2, "rows"), (folder, 2, "lists")):
        way = f"Spark `local[{cores}]`, {what}"
        if only in way:
            call = [*own, "--run", str(source), str(work / "out"), str(cores), str(partitions)]
            watched = Watched(*call, PYSPARK_PYTHON=sys.executable)
            seconds = json.loads(watched.output.strip().splitlines()[-1])["seconds"]
            told(way, accounts, seconds, watched)


def main(asked: list[str]) -> None:
    match asked:
        case ["--nest", folder, out]:
            nest(Path(folder), Path(out))
        case ["--run", source, out, cores, partitions]:
            run(Path(source), Path(out), int(cores), int(partitions))
        case _:
            only, folders = (asked[1], asked[2:]) if asked[:1] == ["--only"] else ("", asked)
            print("| accounts | way | seconds | of the JVM | of Python | accounts a core second | JVM | Python |")
            print("|---|---|---|---|---|---|---|---|")
            for folder in folders:
                with tempfile.TemporaryDirectory() as work:
                    measured(Path(folder), Path(work), only)


if __name__ == "__main__":
    main(sys.argv[1:])
