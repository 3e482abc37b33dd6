"""The command line: one file a command family, each importing what it needs only when it runs.

Exit codes: 0 all well, 1 some accounts rejected or findings of severity error, 2 the rules or the call are wrong.
"""

from __future__ import annotations

import sys

import typer

from dunning.basis.errors import DunningError, RulesError
from dunning.cli import assess, books, check, explain, sample
from dunning.cli.speech import says, spoken

app = typer.Typer(
    name="dunning",
    help=says("物业费催缴: 欠多少, 今天能做什么, 不能做什么, 为什么.", "Property-fee dunning: what is owed, and why."),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("assess")(assess.assess)
app.command("explain")(explain.explain)
app.command("check")(check.check)
app.command("test")(check.run_cases)
app.command("show")(books.show)
app.command("facts")(books.facts)
app.command("schema")(books.schema)
app.command("sample")(sample.sample)


def main() -> None:
    """Run the command line; a wrong call or rule file ends with its message and exit code 2."""
    try:
        app()
    except RulesError as error:
        from dunning.cli.terminal import print_findings

        print_findings(error.findings, spoken(), to_stderr=True)
        sys.exit(2)
    except DunningError as error:
        sys.stderr.write(f"dunning: {error}\n")
        sys.exit(2)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(141)
