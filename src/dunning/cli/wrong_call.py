"""What Typer has to say of a wrong call, in the language of this run and in the words of our own messages.

Typer speaks English only. What it says is known by its pattern; what is not known here is passed on as it is.
"""

from __future__ import annotations

import re
from typing import Any

from dunning.basis.finding import Lang, Text

_KNOWN: tuple[tuple[str, str], ...] = (
    (r"Missing argument '(.+)'\.?", r"缺少 \1"),
    (r"Missing option '(.+)'\.?", r"缺少选项 \1"),
    (r"Missing command\.?", "缺少命令"),
    (r"No such option: (\S+)", r"没有选项 \1"),
    (r"No such option: (\S+)(?: \(Possible options: |\.? Did you mean )(.+?)[)?]", r"没有选项 \1; 是想写 \2 吗?"),
    (r"No such command '(.+?)'\.", r"没有命令 \1"),
    (r"No such command '(.+?)'\. Did you mean '([^']+)'.*\?", r"没有命令 \1; 是想写 \2 吗?"),
    (r"Got unexpected extra arguments? \((.+)\)", r"多写了 \1"),
    (r"Got unexpected extra argument\(s\) \((.+)\)", r"多写了 \1"),
    (r"Option '(.+)' requires an argument\.", r"\1 后面要写一个值"),
    (r"Option '(.+)' requires (\d+) arguments\.", r"\1 后面要写 \2 个值"),
    (r"Option '(.+)' does not take a value\.", r"\1 后面不写值"),
    (r"Invalid value for '(.+)': Input should be a valid integer.*", r"\1 要写一个整数"),
    (r"Invalid value for '(.+)': '?(.+?)'? is not a valid int(?:eger)?\.", r"\1 要写一个整数, 不能是“\2”"),
    (r"Invalid value for '(.+)': Input should be greater than or equal to (.+)", r"\1 至少是 \2"),
    (r"Invalid value for '(.+)': (.+) is not in the range x>=(.+)\.", r"\1 至少是 \3, 不能是 \2"),
    (r"Invalid value for '(.+)': '?(.+?)'? is not one of (.+)\.", r"\1 不能是“\2”, 可以写 \3"),
    (r"Invalid value for '(.+)': (.+)", r"\1 写得不对: \2"),
)
"""Its sentences, and ours in Chinese; a whole sentence has to fit, the first that does is taken."""


def told(error: Any, lang: Lang) -> str:
    """A usage error of Typer's as text: what is wrong, how the command is called, where to read more."""
    lines = [f"dunning: {_sentence(error.format_message()).to(lang)}"]
    context = getattr(error, "ctx", None)
    if context is not None:
        usage = context.get_usage().removeprefix("Usage: ").replace("{", "").replace("}", "")
        lines.append(Text(f"用法: {usage}", f"usage: {usage}").to(lang))
        path = context.command_path
        lines.append(Text(f"详见: {path} --help", f"see: {path} --help").to(lang))
    return "\n".join(lines)


def _sentence(message: str) -> Text:
    flat = " ".join(message.split())
    english = flat[:1].lower() + flat[1:].rstrip(".")
    for pattern, chinese in _KNOWN:
        if found := re.fullmatch(pattern, flat):
            return Text(found.expand(chinese), english)
    return Text(english, english)
