"""The decision record: nothing lost, nothing twice, nothing changed unseen, nobody named; and the same bytes again."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest

import dunning
from dunning.engine.result import Assessment
from dunning.intake.files.tables import open_portfolio
from dunning.intake.headers import LISTS
from dunning.model import account as model
from dunning.output.exchange import to_dict
from dunning.output.record import chain, replay
from dunning.output.record.batch import Job, assess_portfolio, read_rules
from dunning.output.record.forgetting import forget
from dunning.output.record.keyring import INDEX, KEYS, Keyring, head_of, keyed
from dunning.output.record.pseudonyms import KEPT_OF, TOLD, TOLD_OF_ACTION, unmasked_text
from dunning.output.record.record import Decided, Kept, Recorder
from test_assess import HOME
from test_cli import ROOT
from test_cli import dunning as command

ON = date(2026, 11, 22)
LEFT_OUT = {"key", "bundle", "because"}


def portfolio(path: Path, *accounts: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(account) + "\n" for account in accounts), encoding="utf-8")
    return path


def run(source: Path, record: Path, *, on: date = ON, jobs: int = 1, rules: str | None = None) -> Recorder:
    with Recorder(record) as recorder, open_portfolio(source) as opened:
        job = Job(rules, on, "zh", "jsonl")
        assess_portfolio(opened, job, record.with_name(f"{record.name}-out"), jobs=jobs, recorder=recorder)
    return recorder


def lines(record: Path) -> list[dict[str, Any]]:
    return [line.data for line in chain.lines(record) if line.data is not None]


def decisions(record: Path) -> list[dict[str, Any]]:
    return [one for line in lines(record) for one in line.get("decisions", ())]


def faults(record: Path) -> list[tuple[str, str]]:
    return [(fault.kind, fault.message.en) for fault in chain.verify(record, known=head_of(record)).faults]


def home(number: int = 1, debtor: str = "", **changes: Any) -> dict[str, Any]:
    return {**HOME, "id": f"XH-{number:03}", "debtor": {"id": debtor or f"O-{number:03}", "kind": "person"}, **changes}


FULL = home(
    unit="星河花园1幢502室",
    payments=[{"id": "P1", "on": "2026-03-01", "amount": "800.00", "for": ["2026Q1", "2099Q9"], "ref": "wx-42-zhang"}],
    contacts=[
        {"id": "CT-9", "at": "2026-02-01T10:15:00+08:00", "step": "second_reminder", "channel": "phone", "by": "cs-07",
         "party": "O-001", "outcome": "refused", "content": "张三, 13812345678, 说不交", "key": "k-secret"},
    ],
    holds=[{"id": "HD-1", "kind": "contact", "since": "2026-11-01", "until": "2026-12-30", "reason": "张三住院"}],
    attributes={"satisfaction": 82, "phone": "13812345678", "remark": "难缠"},
)  # fmt: skip


# What is kept


def test_replay_gives_the_same_bytes_for_the_example_portfolio(tmp_path: Path) -> None:
    recorder = run(ROOT / "examples/portfolio", tmp_path / "record")
    replayed = list(replay.replay(tmp_path / "record", read_rules(None)))
    assert recorder.added == len(replayed) == 296
    assert [one.differs for one in replayed if not one.same] == []
    assert faults(tmp_path / "record") == []


def test_nothing_of_a_person_is_kept(tmp_path: Path) -> None:
    run(portfolio(tmp_path / "p.jsonl", FULL), tmp_path / "record")
    text = (tmp_path / "record/000001.jsonl").read_text(encoding="utf-8")
    private = "XH-001 O-001 星河花园 wx-42 zhang 张三 1381234 难缠 cs-07 k-secret CT-9 HD-1 2099Q9"
    assert [word for word in private.split() if word in text] == []
    (line,) = lines(tmp_path / "record")
    (account,) = line["input"]
    assert account["attributes"] == {"satisfaction": 82}
    assert account["payments"][0]["for"] == ["charges1", "charges2"]
    assert account["contacts"][0]["step"] == "second_reminder"


def test_what_a_record_keeps_of_a_decision(tmp_path: Path) -> None:
    run(portfolio(tmp_path / "p.jsonl", FULL), tmp_path / "record")
    (line,) = lines(tmp_path / "record")
    (one,) = line["decisions"]
    assert (line["seq"], line["prev"], line["on"]) == (1, chain.START, "2026-11-22")
    assert line["engine"] == dunning.__version__
    assert one["result"]["account"] == "accounts1"
    assert one["result"]["balance"]["total"] == "775.00"
    assert one["rulebook"] == one["result"]["rulebook"]["digest"]
    assert one["law"] == one["result"]["law"]["digest"]
    assert one["doubts"] == ["A301"]  # a payment for an account's unknown charge
    assert all(line[name].startswith("sha256:") for name in ("input_digest", "rules"))


def test_a_person_s_accounts_are_one_line(tmp_path: Path) -> None:
    """A contact told of on one account counts for the other, so the one cannot be replayed without the other."""
    said = {"id": "C1", "at": "2026-11-20T10:00:00+08:00", "channel": "phone", "account": "XH-002"}
    source = portfolio(tmp_path / "p.jsonl", home(2, "O-1", contacts=[said]), home(5), home(1, "O-1"))
    run(source, tmp_path / "record")
    first, second = lines(tmp_path / "record")
    assert [account["id"] for account in first["input"]] == ["accounts2", "accounts1"]
    assert first["input"][0]["contacts"][0]["account"] == "accounts2"
    assert len(second["decisions"]) == 1
    assert all(one.same for one in replay.replay(tmp_path / "record", read_rules(None)))


def test_every_text_of_the_model_is_kept_masked_or_dropped_on_purpose() -> None:
    kinds = [kind for kind in vars(model).values() if isinstance(kind, type) and hasattr(kind, "__dataclass_fields__")]
    assert len(kinds) >= len(LISTS)
    assert {kind.__name__: unmasked_text(kind) for kind in kinds if unmasked_text(kind)} == {}
    assert {kind.__name__ for kind in KEPT_OF} <= {kind.__name__ for kind in kinds}


def test_every_part_of_an_answer_is_kept_or_left_out_on_purpose() -> None:
    """What is new in an answer is not recorded until somebody says whether it holds an id."""
    due = dunning.assess(dunning.read_account({**HOME, "data_as_of": "2026-11-22T09:00:00+08:00"}), BOOK, on=ON)
    data = to_dict(due)
    assert set(data) == set(TOLD)
    assert data["actions"]
    assert data["withheld"]
    assert data["deadlines"]
    told = {field for part in ("actions", "withheld", "deadlines") for one in data[part] for field in one}
    assert told - LEFT_OUT == set(TOLD_OF_ACTION) - {"account"}  # of what a message carries
    assert "offers" in Assessment.__slots__
    assert data["offers"] == []


BOOK = dunning.load("residential")


# Twice, in parts, by several


def test_a_second_run_records_nothing_and_news_is_recorded(tmp_path: Path) -> None:
    source, record = portfolio(tmp_path / "p.jsonl", home(1), home(2)), tmp_path / "record"
    assert run(source, record).added == 2
    before = (record / "000001.jsonl").read_bytes()
    again = run(source, record)
    assert (again.added, again.known) == (0, 2)
    assert (record / "000001.jsonl").read_bytes() == before
    assert run(portfolio(source, home(1), home(2, payments=[])), record).added == 1
    assert run(source, record, on=date(2026, 11, 23)).added == 2
    people = Counter(line["person"] for line in lines(record))
    assert sorted(people.values()) == [2, 3]
    assert faults(record) == []


def test_workers_change_no_order(tmp_path: Path) -> None:
    source = portfolio(tmp_path / "p.jsonl", *(home(number, f"O-{number % 300}") for number in range(450)))
    run(source, tmp_path / "one")
    run(source, tmp_path / "two", jobs=2)

    def bare(record: Path) -> list[Any]:
        return [(line["input"], [one["result"] for one in line["decisions"]]) for line in lines(record)]

    assert bare(tmp_path / "one") == bare(tmp_path / "two")


def test_recording_changes_no_result(tmp_path: Path) -> None:
    source = portfolio(tmp_path / "p.jsonl", FULL)
    run(source, tmp_path / "record")
    with open_portfolio(source) as opened:
        assess_portfolio(opened, Job(None, ON, "zh", "jsonl"), tmp_path / "out")
    name = "assessments.jsonl"
    assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "record-out" / name).read_bytes()


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    with Recorder(tmp_path / "record"), pytest.raises(dunning.UsageError, match="another program is using"):
        Recorder(tmp_path / "record")


# Killed

CHILD = """
import sys
from pathlib import Path
from test_record import *
from dunning.output.record import chain
chain.SEGMENT_BYTES, chain.SYNC_EVERY = 20_000, 16
with Recorder(Path(sys.argv[1])) as recorder:
    for number in range(0, 300, 3):
        recorder.record([made(each) for each in range(number, number + 3)])
        print(number + 3, flush=True)
"""


def made(number: int) -> Kept:
    """What a worker would hand over, without a worker."""
    result = json.dumps({"status": "assessed", "padding": "x" * 200})
    decided = Decided(f"H-{number}", "", "", signed=False, doubts=(), result=result)
    return Kept("main", f"O-{number}", "2026-11-22", "sha256:0", f"[{number}]", (decided,))


def child(record: Path, *, until: int | None, pause: float = 0.0) -> int:
    """Runs the child, kills it after so many told lines; how many decisions it said were recorded."""
    path = os.pathsep.join((str(ROOT / "src"), str(ROOT / "tests")))
    process = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(record)], stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": path}
    )
    assert process.stdout is not None
    told = 0
    for count, line in enumerate(process.stdout, 1):
        told = int(line)
        if count == until:
            if pause:
                time.sleep(pause)
            process.kill()
    process.stdout.close()
    process.wait()
    return told


def test_killed_again_and_again_nothing_is_lost_and_nothing_twice(tmp_path: Path) -> None:
    record, source = tmp_path / "record", Random(3)
    recorded = 0
    for _ in range(8):
        told = child(record, until=source.randrange(1, 40), pause=source.random() / 500)
        there = [line["input"][0] for line in lines(record) if line["kind"] == "decision"]
        recorded = max(recorded, told)
        assert there[:recorded] == list(range(recorded))
        assert len(there) == len(set(there))
        assert {kind for kind, _ in faults(record)} <= {"torn"}
    assert child(record, until=None) == 300
    assert [line["input"][0] for line in lines(record) if line["kind"] == "decision"] == list(range(300))
    keys = Keyring(record)
    for number, line in enumerate(line for line in lines(record) if line["kind"] == "decision"):
        key = keys.key("main", f"O-{number}")  # no line is written before its key
        assert key is not None
        assert keyed(key, "person", "main", f"O-{number}") == line["person"]
    keys.close()
    assert len(chain.segments(record)) > 3
    assert faults(record) == []


def test_a_torn_last_line_is_named_and_healed(tmp_path: Path) -> None:
    source, record = portfolio(tmp_path / "p.jsonl", *map(home, range(4))), tmp_path / "record"
    run(source, record)
    file = record / "000001.jsonl"
    whole = file.read_bytes()
    shutil.copy(record / INDEX, tmp_path / INDEX)
    more = portfolio(tmp_path / "more.jsonl", *map(home, range(6)))
    run(more, record)
    shutil.copy(tmp_path / INDEX, record / INDEX)  # as a kill leaves it: behind the chain
    end = file.read_bytes().index(b"\n", len(whole)) + 1
    file.write_bytes(file.read_bytes()[: end + 500])
    assert faults(record) == [
        ("torn", "000001.jsonl:6: the last line is torn (killed while writing); the next run heals it")
    ]
    healed = run(more, record)
    assert (healed.added, healed.known) == (1, 5)
    assert "cut off" in healed.told().en
    assert [line["kind"] for line in lines(record)] == ["decision"] * 5 + ["healed", "decision"]
    assert lines(record)[5]["bytes"] == 500
    assert faults(record) == []


def test_a_last_line_that_lacks_only_its_newline_is_kept(tmp_path: Path) -> None:
    source, record = portfolio(tmp_path / "p.jsonl", home(1), home(2)), tmp_path / "record"
    run(source, record)
    (record / INDEX).unlink()
    file = record / "000001.jsonl"
    file.write_bytes(file.read_bytes()[:-1])
    again = run(source, record)
    assert (again.added, again.known, again.healed) == (0, 2, None)
    assert faults(record) == []


def test_an_index_that_is_lost_is_made_anew(tmp_path: Path) -> None:
    source, record = portfolio(tmp_path / "p.jsonl", *map(home, range(5))), tmp_path / "record"
    run(source, record)
    (record / INDEX).unlink()
    assert run(source, record).known == 5
    assert head_of(record) == chain.verify(record).head


# Changed


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    record = tmp_path_factory.mktemp("sound") / "record"
    run(portfolio(record.with_name("p.jsonl"), *map(home, range(6))), record)
    return record


Change = Callable[[list[bytes]], list[bytes]]


def changed(sound: Path, folder: Path, change: Change) -> Path:
    record = folder / "changed"
    shutil.copytree(sound, record)
    file = record / "000001.jsonl"
    file.write_bytes(b"".join(change(file.read_bytes().splitlines(keepends=True))))
    return record


@pytest.mark.parametrize(
    ("change", "kinds", "said"),
    [
        (lambda rows: [*rows[:2], *rows[3:]], ["missing"], "record 3 is missing"),
        (lambda rows: rows[2:], ["missing"], "records 1 to 2 are missing"),
        (lambda rows: rows[:4], ["missing"], "records 5 to 6 are missing"),
        (lambda rows: [*rows[:1], rows[2], rows[1], *rows[3:]], ["moved"], "000001.jsonl:3: record 2 is not"),
        (lambda rows: [*rows[:3], rows[1], *rows[3:]], ["repeated"], "000001.jsonl:4: record 2 is there twice"),
        (lambda rows: [*rows[:5], rows[5][:100]], ["torn", "missing"], "000001.jsonl:6: the last line is torn"),
        (lambda rows: [*rows[:1], rows[1].rstrip(), *rows[2:]], ["changed", "missing"], "000001.jsonl:2: this line"),
    ],
)  # fmt: skip
def test_what_was_done_to_a_record_is_named(
    sound: Path, tmp_path: Path, change: Change, kinds: list[str], said: str
) -> None:
    found = faults(changed(sound, tmp_path, change))
    assert [kind for kind, _ in found] == kinds
    assert said in found[0][1]


def test_any_changed_byte_is_found_and_its_line_named(sound: Path, tmp_path: Path) -> None:
    """Each of 150 places all over the file, newlines apart, which the case before has."""
    record = changed(sound, tmp_path, lambda rows: rows)
    file = record / "000001.jsonl"
    data = file.read_bytes()
    source = Random(5)
    for place in (source.randrange(len(data)) for _ in range(150)):
        if data[place] == ord("\n"):
            continue
        other = data[place] ^ 1 << source.randrange(3)
        file.write_bytes(data[:place] + bytes([other]) + data[place + 1 :])
        row = data.count(b"\n", 0, place) + 1
        assert (f"000001.jsonl:{row}:") in " ".join(message for _, message in faults(record)), (place, other)


def test_a_line_written_anew_with_a_fitting_hash_is_found(sound: Path, tmp_path: Path) -> None:
    def forge(rows: list[bytes]) -> list[bytes]:
        data = json.loads(rows[1])
        body = rows[1].decode().split(f'"prev":"{data["prev"]}",')[1].rsplit(',"hash"', 1)[0]
        line, _ = chain.sealed(data["seq"], data["prev"], body.replace("775.00", "0.00"))
        return [rows[0], line, *rows[2:]]

    ((kind, said),) = faults(changed(sound, tmp_path, forge))
    assert kind == "rewritten"
    assert "000001.jsonl:3: record 3 does not follow the one before" in said


def test_a_chain_written_anew_is_found_by_the_index_or_a_hash_kept_elsewhere(sound: Path, tmp_path: Path) -> None:
    def forge(rows: list[bytes]) -> list[bytes]:
        found, prev = [], chain.START
        for number, row in enumerate(rows, 1):
            body = row.decode().split('",', 1)[1].rsplit(',"hash"', 1)[0]
            line, prev = chain.sealed(number, prev, body.replace("775.00", "0.00"))
            found.append(line)
        return found

    record = changed(sound, tmp_path, forge)
    ((kind, said),) = faults(record)
    assert (kind, "another hash than the index kept" in said) == ("rewritten", True)
    (record / INDEX).unlink()
    head = chain.verify(sound).head.hash
    assert command("verify", str(record)).returncode == 0
    done = command("verify", str(record), "--head", head)
    assert (done.returncode, head in done.stdout) == (1, True)
    assert command("verify", str(sound), "--head", head).returncode == 0


def test_nothing_is_added_to_a_record_that_was_changed(sound: Path, tmp_path: Path) -> None:
    record = changed(sound, tmp_path, lambda rows: rows[:3])
    with pytest.raises(dunning.UsageError, match="dunning verify"):
        Recorder(record)


def test_exit_codes_of_the_commands(sound: Path, tmp_path: Path) -> None:
    assert command("verify", str(sound)).returncode == 0
    bad = command("verify", str(changed(sound, tmp_path, lambda rows: [*rows[:2], *rows[3:]])))
    assert (bad.returncode, "缺第3条" in bad.stdout) == (1, True)
    nowhere = command("verify", str(tmp_path / "nowhere"))
    assert (nowhere.returncode, "nowhere" in nowhere.stderr) == (2, True)


# Replayed


def test_one_decision_on_the_command_line(sound: Path) -> None:
    one = decisions(sound)[2]
    done = command("replay", str(sound), "--id", one["id"])
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == one["result"]
    missing = command("replay", str(sound), "--id", "0" * 32)
    assert (missing.returncode, "0" * 32 in missing.stderr) == (2, True)


def test_rules_that_are_not_there_are_named_and_those_of_that_day_are_found(sound: Path, tmp_path: Path) -> None:
    file = tmp_path / "residential.yaml"
    text = (ROOT / "rules/packs/residential.yaml").read_text(encoding="utf-8")
    file.write_text(text.replace('version: "2026.1"', 'version: "2026.9"'), encoding="utf-8")
    assert text not in file.read_text(encoding="utf-8")
    told = next(replay.replay(sound, read_rules(str(file))))
    assert (told.same, told.result) == (False, None)
    assert f"rule book residential 2026.1 ({decisions(sound)[0]['rulebook']}) not found" in told.differs[0].en
    assert all(one.same for one in replay.replay(sound, read_rules("residential")))  # alone, without the other packs


def test_another_engine_version_is_said(sound: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay, "engine_version", lambda: "9.9.9")
    one = next(replay.replay(sound, read_rules(None)))
    assert one.same
    assert one.differs[0].en == f"engine version: {dunning.__version__} when recorded, 9.9.9 now"


def test_where_a_result_differs_is_said(sound: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def other(text: str) -> Callable[[Assessment], str]:
        return lambda result: json.dumps(to_dict(result), ensure_ascii=False).replace("775.00", text)

    monkeypatch.setattr(replay, "to_json", other("776.00"))
    one = next(replay.replay(sound, read_rules(None)))
    assert not one.same
    assert "balance.total: 775.00 -> 776.00" in [what.en for what in one.differs]


def test_an_account_no_book_applies_to_is_replayed_too(tmp_path: Path) -> None:
    run(portfolio(tmp_path / "p.jsonl", home(1, use="other"), home(2, use=None)), tmp_path / "record")
    assert {one["result"]["status"] for one in decisions(tmp_path / "record")} == {"not_applicable"}
    assert all(one.same for one in replay.replay(tmp_path / "record", read_rules(None)))
    told = [one.differs[0].en for one in replay.replay(tmp_path / "record", read_rules("residential"))]
    assert all("rules not found" in what for what in told)


# Forgotten

SUIT = {"id": "S1", "kind": "suit", "on": "2026-09-01"}
PAID = [{"id": "P1", "on": "2026-01-10", "amount": "1500.00", "for": ["2026Q1"]}]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "a claim is open (775.00 yuan)"),
        ({"payments": PAID, "proceedings": [SUIT]}, "the suit of 2026-09-01"),
        (
            {
                "payments": PAID,
                "plans": [{"id": "L1", "signed": "2026-11-01", "charges": ["2026Q1"],
                           "instalments": [{"due": "2026-12-01", "amount": "1.00"}]}],
            },
            "a payment plan runs until 2026-12-01",
        ),
        ({"use": "other"}, "no book applied"),
    ],
)  # fmt: skip
def test_nobody_is_forgotten_while_something_is_open(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    run(portfolio(tmp_path / "p.jsonl", home(1, **changes)), tmp_path / "record")
    with pytest.raises(dunning.UsageError) as caught:
        forget(tmp_path / "record", "O-001", on=ON)
    assert said in str(caught.value)
    assert len(lines(tmp_path / "record")) == 1


def test_the_forgotten_cannot_be_found_and_the_chain_verifies(tmp_path: Path) -> None:
    over = [
        SUIT,
        {"id": "S2", "kind": "withdrawn", "on": "2026-10-01", "charges": ["2026Q1"]},
    ]
    source = portfolio(tmp_path / "p.jsonl", home(1, payments=PAID, proceedings=over), home(2))
    record = tmp_path / "record"
    run(source, record)
    person = lines(record)[0]["person"]
    assert b"O-001" in (record / KEYS).read_bytes()
    assert forget(record, "O-001", on=ON) == person
    assert lines(record)[-1]["kind"] == "forgotten"
    assert not any(b"O-001" in path.read_bytes() for path in record.iterdir())
    assert b"O-002" in (record / KEYS).read_bytes()
    assert faults(record) == []
    assert all(one.same for one in replay.replay(record, read_rules(None)))
    with pytest.raises(dunning.UsageError, match="no key of a debtor `O-001`"):
        forget(record, "O-001", on=ON)
    run(source, record)  # assessed again: somebody new
    assert person not in {line["person"] for line in lines(record)[3:]}


def test_forget_asks_for_the_company_where_two_have_the_id(tmp_path: Path) -> None:
    homes = [home(1, payments=PAID, company=company) for company in ("wy-01", "wy-02")]
    run(portfolio(tmp_path / "p.jsonl", *homes), tmp_path / "record")
    with pytest.raises(dunning.UsageError, match="wy-01, wy-02"):
        forget(tmp_path / "record", "O-001", on=ON)
    forget(tmp_path / "record", "O-001", on=ON, company="wy-02")
    assert command("forget", str(tmp_path / "record"), "--party", "O-001").returncode == 0
    refused = command("forget", str(tmp_path / "record"), "--party", "O-001")
    assert (refused.returncode, "O-001" in refused.stderr) == (2, True)


def test_assess_says_what_it_recorded(tmp_path: Path) -> None:
    source, record = portfolio(tmp_path / "p.jsonl", home(1), home(2)), tmp_path / "record"
    words = ("assess", str(source), "--on", "2026-11-22", "--out", str(tmp_path / "out"), "--record", str(record))
    assert "记录: 新 2 条, 原有 0 条" in command(*words).stdout
    assert "recorded: 0 new, 2 known already" in command(*words, "--lang", "en", "--format", "csv").stdout
