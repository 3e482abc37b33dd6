"""The command line as a user meets it: what it prints, in which language, and the exit codes 0, 1 and 2."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dunning import __version__
from dunning.cli.options import rules_at_hand
from dunning.lang.library import shipped

ROOT = Path(__file__).resolve().parent.parent


def dunning(
    *words: str, lang: str = "zh_CN.UTF-8", cwd: Path = ROOT, width: int = 120
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from dunning.cli.main import main; main()", *words]
    env = {name: value for name, value in os.environ.items() if name not in ("LC_ALL", "LC_MESSAGES")}
    env |= {"LANG": lang, "PYTHONPATH": str(ROOT / "src"), "COLUMNS": str(width), "NO_COLOR": "1"}
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, env=env, timeout=120)


def test_doubts_keep_their_code_and_count_on_a_narrow_screen(tmp_path: Path) -> None:
    words = ("assess", "examples/portfolio", "--on", "2026-11-22", "--out", str(tmp_path), "--lang", "en")
    told = dunning(*words, width=60).stdout
    assert re.search(r"│ A301 +│ .* │ +4 │", told)
    assert all(len(line) <= 60 for line in told.partition("Doubts in the data")[2].splitlines() if "│" in line)


def test_the_example_portfolio(tmp_path: Path) -> None:
    """Four of the 300 households have mistakes, so the exit code is 1 and the others have their answers."""
    done = dunning("assess", "examples/portfolio", "--on", "2026-11-22", "--out", str(tmp_path))
    assert done.returncode == 1, done.stderr
    assert "按分级" in done.stdout
    assert "违约金" in done.stdout
    assert "滞纳金" not in done.stdout
    summary = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    lines = (tmp_path / "assessments.jsonl").read_text(encoding="utf-8").splitlines()
    rejected = (tmp_path / "rejected.jsonl").read_text(encoding="utf-8").splitlines()
    assert (summary["households"], len(lines) + len(rejected), len(rejected)) == (300, 300, 4)
    assert not list(tmp_path.glob("*.part"))
    assert "2026年2月只有28天" in done.stdout  # why one of them was rejected, on screen


def test_english_by_locale_and_by_option(tmp_path: Path) -> None:
    words = ("assess", "examples/portfolio", "--on", "2026-11-22", "--out", str(tmp_path))
    assert "households in arrears" in dunning(*words, lang="en_US.UTF-8").stdout
    assert "households in arrears" in dunning(*words, "--lang", "en").stdout
    assert "评估一批户" in dunning("--help").stdout
    assert "assess every account" in dunning("--help", lang="en_GB.UTF-8").stdout


def test_explain_one_household_and_one_rejected() -> None:
    told = dunning("explain", "examples/portfolio", "--account", "XD-1-1404/O-215", "--on", "2026-11-22")
    assert told.returncode == 0
    assert "应付 769.78元" in told.stdout
    rejected = dunning("explain", "examples/portfolio", "--account", "XA-1-1004/O-36", "--on", "2026-11-22")
    assert rejected.returncode == 1
    assert "2026-02-30" in rejected.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("assess", "nosuch", "--on", "2026-11-22"), "nosuch"),
        (("assess", "examples/portfolio", "--on", "2026-02-30"), "2026年2月只有28天"),
        (("assess", "examples/portfolio", "--rules", "residentail", "--on", "2026-11-22"), "residential"),
        (("assess", "examples/portfolio", "--format", "ods", "--on", "2026-11-22"), "jsonl | csv | xlsx"),
        (("explain", "examples/portfolio", "--account", "XD-1-1404/O-216"), "XD-1-1404/O-215"),
        (("facts", "arears"), "arrears"),
        (("assess", "examples/portfolio", "--on", "2026-11-22", "--out", "README.md"), "README.md"),
        (("assess", "examples/portfolio", "--on", "2026-11-22", "--out", "examples/portfolio"), "examples/portfolio"),
        (("sample", "--accounts", "1", "--out", "examples"), "examples"),
        (("check", "residentail"), "residential"),
        (("show", "examples/portfolio", "--lang", "fr"), "zh | en"),
    ],
)
def test_a_wrong_call_is_exit_2_and_says_what_would_be_right(words: tuple[str, ...], said: str) -> None:
    done = dunning(*words)
    assert done.returncode == 2, done.stdout + done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("name", "text", "code", "said"),
    [
        ("p.jsonl", "", 2, "是空的: 0 户, 连表头也没有"),
        ("p.jsonl", "\n \n", 2, "是空的: 0 户, 连表头也没有"),
        ("p/accounts.csv", "id\n", 0, "里有 0 户"),
        ("p/accounts.csv", "", 2, "没有表头"),
        ("p.jsonl", '{"id": "A1", "use": "parking", "charges": []}\n', 0, "没有一户有适用于 2026-11-22 的规则"),
    ],
)
def test_nobody_to_assess_is_no_silent_success(name: str, text: str, code: int, said: str, tmp_path: Path) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(text, encoding="utf-8")
    path = str(tmp_path / name.removesuffix("/accounts.csv"))
    more = ("--on", "2026-11-22", "--out", str(tmp_path / "out"), "--rules", "residential")

    done = dunning("assess", path, *more)

    assert (done.returncode, said in done.stdout + done.stderr) == (code, True), done.stdout + done.stderr


@pytest.mark.parametrize("command", ["check", "fmt"])
def test_a_folder_without_a_rule_file_is_not_called_right(command: str, tmp_path: Path) -> None:
    done = dunning(command, str(tmp_path))

    assert (done.returncode, "没有规则文件 (.yaml), 什么也没有查" in done.stderr) == (2, True)


@pytest.mark.parametrize("day", ["1850-01-01", "2999-01-01"])
def test_a_year_no_record_can_be_of_is_refused(day: str) -> None:
    done = dunning("may", "call", "--on", day)

    assert (done.returncode, "在 1900 年到 2199 年之间" in done.stderr) == (2, True)


def test_every_reason_of_a_rejected_account_is_shown(tmp_path: Path) -> None:
    charges = [{"id": f"C{number}", "amount": "x", "due": "2026-01-15"} for number in range(7)]
    (tmp_path / "p.jsonl").write_text(json.dumps({"id": "A1", "charges": charges}), encoding="utf-8")

    done = dunning("assess", str(tmp_path / "p.jsonl"), "--on", "2026-11-22", "--out", str(tmp_path / "out"))

    shown = done.stdout[done.stdout.index("拒收 A1") :].splitlines()
    assert shown[0].startswith(f"拒收 A1 ({tmp_path}/p.jsonl:1")
    assert [line[:2] for line in shown[1:5]] == ["  "] * 4
    assert re.fullmatch(r"  还有 \d+ 处", shown[5])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("export-dmn", "parking", "--out", "."), ".: 是文件夹, 不是文件"),
        (("export-dmn", "parking", "--out", "/dev/full"), "磁盘满了"),
        (("export-dmn", "parking", "--out", "nowhere/x.dmn"), "nowhere/x.dmn: 没有这个文件或文件夹"),
        (("assess", "examples/portfolio", "--out", "README.md/x"), "README.md/x: 是文件, 不是文件夹"),
    ],
)
def test_what_the_system_says_of_a_file_is_told_in_the_language_of_the_run(words: tuple[str, ...], said: str) -> None:
    done = dunning(*words)

    assert (done.returncode, done.stderr) == (2, f"dunning: {said}\n")


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_ctrl_c_in_columns_keeps_what_was_done(jobs: str, tmp_path: Path) -> None:
    done = dunning("sample", "--accounts", "3000", "--format", "jsonl", "--out", str(tmp_path / "p"))
    assert done.returncode == 0
    source, out = str(tmp_path / "p" / "portfolio.jsonl"), tmp_path / "out"
    words = ("assess", source, "--engine", "columns", "--on", "2026-11-22", "--out", str(out), "--jobs", jobs)
    command = [sys.executable, "-c", "from dunning.cli.main import main; main()", *words, "--lang", "en"]
    env = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=env, start_new_session=True) as run:
        while not (out / "run.json").exists():
            time.sleep(0.001)
        os.killpg(run.pid, signal.SIGINT)
        _, said = run.communicate(timeout=60)
    assert (run.returncode, said.splitlines()[-1][:53]) == (
        130,
        "dunning: interrupted; what was done is kept: run the ",
    )
    assert "Traceback" not in said
    again = dunning(*words)
    assert again.returncode == 1, again.stderr
    assert not list(out.glob("**/*.tmp"))


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_ctrl_c_says_what_was_finished_and_how_to_go_on(jobs: str, tmp_path: Path) -> None:
    done = dunning("sample", "--accounts", "12000", "--format", "jsonl", "--out", str(tmp_path / "p"))
    assert done.returncode == 0
    source = next((tmp_path / "p").glob("*.jsonl")) if (tmp_path / "p").is_dir() else tmp_path / "p"
    words = ("assess", str(source), "--on", "2026-11-22", "--out", str(tmp_path / "out"), "--jobs", jobs)
    command = [sys.executable, "-c", "from dunning.cli.main import main; main()", *words, "--lang", "en"]
    env = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=env, start_new_session=True) as run:
        while not (tmp_path / "out").exists():  # from here on, whether or not workers are at work yet
            time.sleep(0.001)
        os.killpg(run.pid, signal.SIGINT)
        _, said = run.communicate(timeout=60)

    assert run.returncode == 130
    assert re.fullmatch(
        r"dunning: interrupted after [\d,]+ households: no results were written, .* run it again\n", said
    )
    assert not (tmp_path / "out" / "assessments.jsonl").exists()


HOUSE = '{{"id": "{id}", "charges": [{{"id": "Q1", "amount": "{amount}", "due": "2026-01-15"}}]}}'


def test_check_tells_which_accounts_of_a_portfolio_cannot_be_read_and_where(tmp_path: Path) -> None:
    file = tmp_path / "accounts.jsonl"
    lines = [
        HOUSE.format(id="1-101", amount="100.00"),
        '{"id": "1-102", "charges": [}',
        HOUSE.format(id="1-103", amount="x"),
    ]
    file.write_text("\n".join(lines), encoding="utf-8")
    told = ("check", "residential", "--lang", "en", "--on", "2026-06-01", "--accounts", str(file))
    done = dunning(*told)
    assert done.returncode == 1
    assert "accounts.jsonl:2 [I301] the line is not JSON: at character 29" in done.stdout
    assert "accounts.jsonl:3" in done.stdout
    assert "2 errors" in done.stdout
    file.write_text(lines[0], encoding="utf-8")
    assert dunning(*told).returncode == 0


def test_check_shows_the_first_of_many_accounts_that_cannot_be_read_and_counts_the_rest(tmp_path: Path) -> None:
    (tmp_path / "accounts.jsonl").write_text("{\n" * 25, encoding="utf-8")
    told = ("check", "residential", "--lang", "en", "--accounts", str(tmp_path / "accounts.jsonl"))
    done = dunning(*told)
    assert done.stdout.count("[I301]") == 20
    assert "5 more accounts are rejected: dunning assess tells why" in done.stdout
    assert len([one for one in json.loads(dunning(*told, "--format", "json").stdout) if one["code"] == "I301"]) == 25


def test_check_shows_every_mistake_and_its_exit_code(tmp_path: Path) -> None:
    assert dunning("check", "rules").returncode == 0
    file = tmp_path / "bad.yaml"
    text = (ROOT / "rules/packs/common.yaml").read_text(encoding="utf-8")
    file.write_text(
        text.replace("30天以内", "30个月以内").replace("superseded", "").replace("cap: 5% of charge", "cap: 5")
    )
    done = dunning("check", str(file))
    assert done.returncode == 1
    assert "^" in done.stdout
    found = json.loads(dunning("check", str(file), "--format", "json").stdout)
    assert set(found[0]) == {"code", "severity", "file", "line", "column", "message", "help", "related"}
    assert len({finding["line"] for finding in found}) == 2


def test_without_a_path_the_rules_here_or_else_the_shipped_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert rules_at_hand(None) == str(shipped())
    (tmp_path / "rules").mkdir()
    assert rules_at_hand(None) == "rules"
    assert rules_at_hand("residential") == "residential"


def test_rules_that_do_not_load_are_exit_2(tmp_path: Path) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text("rulebook: bad\n标题: 坏\n", encoding="utf-8")
    done = dunning(
        "assess", "examples/portfolio", "--rules", str(file), "--on", "2026-11-22", "--out", str(tmp_path / "o")
    )
    assert done.returncode == 2
    assert "bad.yaml" in done.stderr


def test_the_shipped_cases_pass_and_a_wrong_one_tells_why(tmp_path: Path) -> None:
    assert dunning("test", "rules").returncode == 0
    file = tmp_path / "cases.yaml"
    text = (ROOT / "rules/cases/residential.yaml").read_text(encoding="utf-8")
    file.write_text(
        text.replace("late_fee: 35.83", "late_fee: 35.84").replace("tone_by_age: friendly", "tone_by_age: legal")
    )
    done = dunning("test", str(file))
    assert done.returncode == 1
    assert "违约金: 期望 35.84, 得到 35.83" in done.stdout
    assert "话术口径: 期望 legal, 得到 friendly 友好提醒, 因为" in done.stdout


def test_show_facts_and_schema() -> None:
    assert "上限为应缴本金的 5%" in dunning("show", "residential").stdout
    assert "欠费金额" in dunning("facts").stdout
    assert json.loads(dunning("schema").stdout)["$schema"]


def test_the_shipped_rules_can_be_copied_changed_and_used_and_nothing_is_overwritten(tmp_path: Path) -> None:
    done = dunning("rules", "--out", "rules", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "错误" not in dunning("check", cwd=tmp_path).stdout.splitlines()[-1]
    pack = tmp_path / "rules/packs/residential.yaml"
    pack.write_text(pack.read_text(encoding="utf-8").replace("title: 住宅物业费催缴规则", "title: 自己的规则"), "utf-8")

    again = dunning("rules", "--out", "rules", cwd=tmp_path)
    assert (again.returncode, "不覆盖" in again.stderr) == (2, True)
    assert "自己的规则" in pack.read_text(encoding="utf-8")

    words = ("explain", str(ROOT / "examples/portfolio"), "--account", "XD-1-1404/O-215", "--on", "2026-11-22")
    shipped = dunning(*words, cwd=tmp_path).stdout
    assert "用的是随附规则, 不是这里的 rules; 要用自己的, 写 --rules rules" in shipped
    assert "规则: 随附规则" in shipped
    assert "自己的规则" not in shipped
    own = dunning(*words, "--rules", "rules", cwd=tmp_path).stdout
    assert "自己的规则" in own
    assert "规则: rules" in own
    assert "不是这里的" not in own

    shown = dunning("show", "residential", cwd=tmp_path).stdout
    assert "不是这里的 rules/packs/residential.yaml; 要用自己的, 写 rules/packs/residential.yaml" in shown
    assert dunning("show", "rules/packs/residential.yaml", cwd=tmp_path).stdout.startswith("自己的规则")


def test_the_summary_names_the_rules_in_use(tmp_path: Path) -> None:
    words = ("assess", "examples/portfolio", "--on", "2026-11-22", "--out", str(tmp_path))
    assert "│ 规则                     │      随附规则 │" in dunning(*words).stdout
    assert "the shipped pack residential" in dunning(*words, "--rules", "residential", "--lang", "en").stdout


@pytest.mark.parametrize(
    ("word", "meant"), [("欠费天数", "overdue_days (逾期天数)"), ("逾期天", "overdue_days"), ("arears", "arrears")]
)
def test_facts_by_a_wrong_name_say_which_is_meant(word: str, meant: str) -> None:
    done = dunning("facts", word)
    assert done.returncode == 2
    assert f"是想写 {meant}" in done.stderr


def test_a_sample_can_be_assessed(tmp_path: Path) -> None:
    for shape in ("csv", "jsonl", "xlsx"):
        out = tmp_path / shape
        made = dunning("sample", "--accounts", "40", "--seed", "3", "--out", str(out), "--format", shape)
        assert made.returncode == 0, made.stderr
        path = made.stdout.strip().rpartition(": ")[2]
        done = dunning("assess", path, "--on", "2026-11-22", "--out", str(tmp_path / f"{shape}-out"))
        assert done.returncode in (0, 1), done.stderr
    sums = {(tmp_path / f"{shape}-out/summary.json").read_text() for shape in ("csv", "jsonl", "xlsx")}
    assert len(sums) == 1


def test_signing_shows_asks_writes_and_tells_the_history(tmp_path: Path) -> None:
    assert dunning("rules", cwd=tmp_path).returncode == 0
    pack = tmp_path / "rules/packs/handover.yaml"
    before = pack.read_text(encoding="utf-8")

    unasked = dunning("sign", "handover", "--by", "张三", "--on", "2026-11-22", cwd=tmp_path)
    assert unasked.returncode == 1
    assert "文件    rules/packs/handover.yaml" in unasked.stdout
    assert pack.read_text(encoding="utf-8") == before

    done = dunning("sign", "handover", "--by", "张三", "--on", "2026-11-22", "--yes", cwd=tmp_path)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "已签, 写进 rules/packs/handover.yaml")
    assert "  by: 张三\n  date: 2026-11-22\n  digest: sha256:" in pack.read_text(encoding="utf-8")
    ahead = dunning("sign", "handover", "--by", "李四", "--on", "2199-01-01", "--lang", "en", cwd=tmp_path)
    assert "2199-01-01, the day of signing, lies ahead" in ahead.stderr
    told = dunning("sign", "--history", "handover", "--lang", "en", cwd=tmp_path).stdout
    assert told.startswith("2026-11-22  张三  the whole  sha256:")
    assert "2026.1  in force" in told
    nobody = dunning("sign", "handover", cwd=tmp_path)
    assert (nobody.returncode, "--by" in nobody.stderr) == (2, True)


def test_where_signatures_are_required_unsigned_rules_assess_nobody(tmp_path: Path) -> None:
    assert dunning("rules", cwd=tmp_path).returncode == 0
    (tmp_path / "rules/folder.yaml").write_text("require_signed: true\n", encoding="utf-8")
    pack = "rules/packs/residential.yaml"
    portfolio = str(ROOT / "examples/portfolio")
    household = ("--account", "XD-1-1404/O-215", "--rules", pack)

    for words in (
        ("assess", portfolio, "--rules", pack),
        ("assess", portfolio, "--rules", "rules"),
        ("explain", portfolio, *household),
        ("may", "visit", "--rules", pack),
    ):
        refused = dunning(*words, cwd=tmp_path)
        assert refused.returncode == 2
        assert "[S805] 规则书“residential”没有签字, 不能用来评估" in refused.stderr
    assert not (tmp_path / "out").exists()

    for words in (
        ("check", pack),
        ("test", "rules/cases/residential.yaml"),
        ("show", pack),
        ("timeline", portfolio, *household, "--since", "2026-11-22", "--until", "2026-12-01"),
    ):
        done = dunning(*words, cwd=tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_version_is_told() -> None:
    done = dunning("--version")
    assert (done.returncode, done.stdout) == (0, f"dunning {__version__}\n")


def test_without_a_command_there_is_help() -> None:
    done = dunning()
    assert done.returncode == 0
    assert "评估一批户" in done.stdout


@pytest.mark.parametrize(
    ("words", "zh", "en"),
    [
        (("verify",), "缺少 RECORD", "missing argument 'RECORD'"),
        (("explain", "x"), "缺少选项 --account", "missing option '--account'"),
        (("asess", "x"), "没有命令 asess; 是想写 assess 吗?", "no such command 'asess'. Did you mean 'assess'"),
        (("assess", "x", "--rule", "y"), "没有选项 --rule; 是想写 --rules", "no such option: --rule"),
        (("assess", "x", "--nope"), "没有选项 --nope", "no such option: --nope"),
        (("assess", "x", "y", "z"), "多写了 y z", "got unexpected extra argument"),
        (("assess", "x", "--on"), "--on 后面要写一个值", "option '--on' requires an argument"),
        (("sign", "x", "--yes=1"), "--yes 后面不写值", "option '--yes' does not take a value"),
        (("assess", "x", "--jobs", "many"), "--jobs 要写一个整数", "'--jobs': "),
        (("sample", "--accounts", "0"), "--accounts 至少是 1", "'--accounts': "),
    ],
)
def test_a_wrong_call_is_told_in_our_words(words: tuple[str, ...], zh: str, en: str) -> None:
    for lang, said in (("zh", zh), ("en", en)):
        done = dunning(words[0], "--lang", lang, *words[1:])
        assert done.returncode == 2
        assert done.stderr.startswith("dunning: ")
        assert said in done.stderr.splitlines()[0]


@pytest.mark.parametrize(
    ("more", "locale", "said"),
    [
        ((), "C", "缺少 RECORD"),
        (("--lang=zh",), "en_US.UTF-8", "缺少 RECORD"),
        ((), "en_US.UTF-8", "missing argument 'RECORD'"),
    ],
)
def test_a_wrong_call_is_told_in_the_language_of_the_run(more: tuple[str, ...], locale: str, said: str) -> None:
    assert said in dunning("verify", *more, lang=locale).stderr


def test_how_a_command_is_called_is_told_with_what_is_wrong() -> None:
    told = "dunning: 缺少 RECORD\n用法: dunning verify [OPTIONS] RECORD\n详见: dunning verify --help\n"
    assert dunning("verify").stderr == told
