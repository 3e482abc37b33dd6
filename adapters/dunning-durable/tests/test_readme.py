"""The README's example runs, and prints what the README shows."""

from __future__ import annotations

from pathlib import Path

import pytest


def test_the_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    readme = (Path(__file__).parent.parent / "README.md").read_text("utf-8")
    code = readme.partition("```python\n")[2].partition("```")[0]
    exec(compile(code, "README.md", "exec"), {})
    told = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    shown = readme.partition("```text\n")[2].partition("```")[0].splitlines()
    assert [line for line in told if line in shown] == shown
