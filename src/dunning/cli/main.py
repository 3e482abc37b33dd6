"""The command line: one file a command family, each importing what it needs only when it runs.

Exit codes: 0 all well, 1 some accounts rejected or findings of severity error, 2 the rules or the call are wrong, 3 the
law prohibits what `may` was asked (docs/reference/commands.md has the table).
"""

from __future__ import annotations

import signal
import sys
from io import TextIOWrapper
from types import FrameType
from typing import Annotated, NoReturn

import typer

from dunning.basis.errors import AccountError, DunningError, RulesError, told_by_system
from dunning.basis.finding import Text
from dunning.cli import (
    adapters,
    assess,
    books,
    check,
    convert,
    diff,
    dmn,
    explain,
    fmt,
    may,
    prove,
    record,
    review,
    sample,
    selfcheck,
    serve,
    sign,
    sql_map,
    sweep,
    timeline,
)
from dunning.cli.speech import InterruptedRunError, heard, says, spoken

app = typer.Typer(
    name="dunning",
    help=says("物业费催缴: 欠多少, 今天能做什么, 不能做什么, 为什么.", "Property-fee dunning: what is owed, and why."),
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for name, command, zh, en in (
    ("assess", assess.assess, "评估一批户: 欠多少, 从何时起, 哪一级", "assess every account of a portfolio"),
    ("explain", explain.explain, "一户的结果, 和每个数的来由", "one household's answer, and the why of every figure"),
    ("may", may.may, "某个动作可不可以做, 依据哪一条", "whether an action may be done, and by which article"),
    (
        "timeline",
        timeline.timeline,
        "把一户往后演: 每一步哪天做, 哪天到期",
        "one household played forward, step by step",
    ),
    ("replay", record.replay, "按记录重算, 结果应逐字节相同", "decide again from the record; say what differs"),
    ("verify", record.verify, "查决定记录有没有被改过", "whether a decision record is as it was written"),
    ("forget", record.forget, "删除一个人的钥匙", "delete a person's key: no record can be tied to them any more"),
    ("check", check.check, "查规则文件的错", "find what is wrong with rule files"),
    ("fmt", fmt.fmt, "把规则文件排整齐, 改掉笔误", "lay rule files out alike, mend slips of the keyboard"),
    ("test", check.run_cases, "运行规则用例", "run the cases reviewers wrote"),
    ("prove", prove.prove, "证明违约金的算法对任何金额和天数都成立", "prove what holds of every late fee"),
    ("case", check.case, "把一户写成用例, 去掉姓名编号", "a household as a case, without names"),
    ("diff", diff.diff, "两版规则意思有什么不同, 结果会变的是哪些户", "what changed in meaning, and for whom"),
    ("review", review.review, "签字之前读的变更说明, 一份 Word", "the document to read before signing a change"),
    (
        "sweep",
        sweep.sweep,
        "改一个值, 欠费、违约金、各级户数和动作会怎样",
        "what comes of changing a value of the rules",
    ),
    ("selfcheck", selfcheck.selfcheck, "在自己的数据上自查: 几种算法一不一致", "whether all ways agree on your data"),
    ("sign", sign.sign, "给规则书或法律文件签字", "sign a rule book or a law file"),
    ("show", books.show, "用文字写出整本规则书, 注明来源", "a whole book in prose, with where each part comes from"),
    ("rules", books.rules, "把随附的规则抄一份出来改", "a copy of the shipped rules, to change"),
    ("facts", books.facts, "规则里能用的事实", "the facts that rules may test"),
    ("schema", books.schema, "规则文件的 JSON Schema, 供编辑器用", "the JSON Schema of rule files, for editors"),
    ("export-dmn", dmn.export_dmn, "把决策表写成 DMN, 供建模工具打开", "decision tables as DMN, for modellers"),
    ("import-dmn", dmn.import_dmn, "把 DMN 文件的决策表写成规则文件", "the tables of a DMN file as a rule file"),
    ("eval-dmn", dmn.eval_dmn, "直接运行 DMN 文件的决策表", "run the decision tables of a DMN file"),
    ("export-xlsx", dmn.export_xlsx, "把决策表写成 Excel, 一张表一页", "decision tables as a workbook"),
    ("import-xlsx", dmn.import_xlsx, "把 Excel 里的决策表写成规则文件", "the tables of a workbook as a rule file"),
    ("serve", serve.serve, "用 HTTP 提供服务, 供别的系统调用", "answer over HTTP, for other systems"),
    (
        "adapters",
        adapters.adapters,
        "接各种系统的适配器, 各能做什么",
        "adapters to other systems, and what each can do",
    ),
    ("convert", convert.convert, "把户数据写成 Parquet 文件夹", "a portfolio as a Parquet folder"),
    ("sample", sample.sample, "写一份逼真的样例数据", "write a realistic portfolio"),
):
    app.command(name, help=says(zh, en))(command)
app.add_typer(
    sql_map.app,
    name="sql-map",
    help=says("把任何数据库的表映射成账户: 起草, 检查", "map any database's tables onto accounts: draft, check"),
)


WrongCall: type[BaseException] = typer.BadParameter.__bases__[0]
"""What Typer raises for any wrong call; it has no name of its own there."""


@app.callback(invoke_without_command=True)
def begin(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help=says("版本", "the version"))] = False,
) -> None:
    """Before any command: `--version`; without a command, the help."""
    if version:
        from dunning.output.record.record import engine_version

        typer.echo(f"dunning {engine_version()}")
    elif context.invoked_subcommand is None:
        typer.echo(context.get_help())


_INTERRUPTED = Text("中断了, 没有做完; 要做就再运行一次", "interrupted, and not finished; run it again")


def _ended(number: int, _: FrameType | None) -> NoReturn:
    """Asked to end: as if by an exit, so that worker processes end too."""
    raise SystemExit(128 + number)


def main() -> None:
    """Run the command line; a wrong call or rule file ends with its message and exit code 2."""
    heard(sys.argv[1:])
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without a sign shows a question mark, not a traceback
    signal.signal(signal.SIGTERM, _ended)
    try:
        sys.exit(app(prog_name="dunning", standalone_mode=False))
    except WrongCall as error:
        from dunning.cli.wrong_call import told

        sys.stderr.write(told(error, spoken()) + "\n")
        sys.exit(2)
    except typer.Abort as error:  # a question answered with no, or Ctrl-C
        if isinstance(error.__cause__, KeyboardInterrupt):
            sys.stderr.write(f"dunning: {_INTERRUPTED.to(spoken())}\n")
            sys.exit(128 + signal.SIGINT)
        sys.stderr.write(Text("没有做\n", "nothing was done\n").to(spoken()))
        sys.exit(1)
    except InterruptedRunError as error:
        sys.stderr.write(f"dunning: {error.told(spoken())}\n")
        sys.exit(128 + signal.SIGINT)
    except (AccountError, RulesError) as error:
        from dunning.cli.terminal import print_findings

        print_findings(error.findings, spoken(), to_stderr=True)
        sys.exit(2)
    except DunningError as error:
        sys.stderr.write(f"dunning: {error.told(spoken())}\n")
        sys.exit(2)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(141)
    except OSError as error:  # a folder that is a file, a disk that is full
        where = f"{error.filename}: " if error.filename else ""
        sys.stderr.write(f"dunning: {where}{told_by_system(error).to(spoken())}\n")
        sys.exit(2)
