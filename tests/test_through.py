"""`dunning assess adapter:...` and `dunning adapters` as a user meets them: what is read, kept, listed, delivered."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from dunning.adapter import Delivery, Receipt, RefusedError
from dunning.adapter.lookup import KNOWN
from dunning.adapter.sending import Dropped, Handed, Heard, Withdrawn
from dunning.adapter.sweeps import Bookmark
from dunning.cli.through import DELIVERIES, DROPPED, GONE, RECEIPTS, Through
from dunning.engine.assess import Rules
from dunning.output.record.batch import Also, Job, assess_portfolio, read_rules
from shelf import NOON, Shelf

ROOT = Path(__file__).resolve().parent.parent
ADAPTER = '''
import json
from pathlib import Path

import dunning
from dunning.adapter import Capabilities, Gone, Mark, Receipt
from shelf import NOON, Shelf

CAPABILITIES = Capabilities(name="filed", changes="partial", delivers=True)


def open_filed(*, folder: str, delivers: str = "yes", changes: str = "partial"):
    """Accounts of folder/accounts.jsonl; what is delivered is added to folder/delivered.txt."""
    return Filed(Path(folder), delivers=delivers == "yes", changes=changes)


class Filed(Shelf):
    def __init__(self, folder, **declared):
        super().__init__(**declared)
        self.folder = folder
        for line in (folder / "accounts.jsonl").read_text(encoding="utf-8").splitlines():
            data = json.loads(line)
            if "because" in data:
                self.items["main", data["id"]] = Gone("main", data["id"], data["because"])
            else:
                account = dunning.read_account(data)
                self.items[account.company, account.id] = account

    def receipts(self, since):
        sent = self.folder / "sent.txt"
        if sent.exists():
            yield Receipt(sent.read_text(encoding="utf-8"), "sent", NOON)
        yield Mark("2")

    def cancel(self, keys, because):
        return [Receipt(key, "cancelled", NOON, detail=because) for key in keys]

    def deliver(self, deliveries):
        with (self.folder / "delivered.txt").open("a", encoding="utf-8") as file:
            file.writelines(f"{one.account} {one.action.step}\\n" for one in deliveries)
        return super().deliver(deliveries)
'''
RULES = """
rulebook: plain
title: 试验
language: 1
version: "1"
applies: {use: residential}
law: cn
owner: 合规部
reviewed: null
items: {chased: [property_fee]}
ladder:
  steps:
    - {step: first_letter, title: 第一封信, action: deliver_letter, at: due + 10d, channels: {first_of: [letter]}}
"""


@pytest.fixture
def erp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with three households of an ERP, whose adapter is installed as pip would."""
    site, folder = tmp_path / "site", tmp_path / "erp"
    site.mkdir()
    folder.mkdir()
    (site / "filed_erp.py").write_text(ADAPTER, encoding="utf-8")
    info = site / "dunning_filed-2.1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: dunning-filed\nVersion: 2.1\n", encoding="utf-8")
    (info / "entry_points.txt").write_text("[dunning.adapters]\nfiled = filed_erp:open_filed\n", encoding="utf-8")
    (tmp_path / "plain.yaml").write_text(RULES.lstrip(), encoding="utf-8")
    monkeypatch.syspath_prepend(str(site))
    write(folder, household("A1"), household("A2"), household("A3", due=-3))
    yield folder
    sys.modules.pop("filed_erp", None)


def household(name: str, *, due: int = -12, paid: str = "", on: datetime = NOON) -> dict[str, object]:
    """A debt that fell due so many days from today; the letter is due ten days after."""
    day = (on + timedelta(days=due)).date().isoformat()
    payments = [{"id": "P1", "on": on.date().isoformat(), "amount": paid, "for": ["Q1"]}] if paid else []
    return {
        "id": name,
        "use": "residential",
        "charges": [{"id": "Q1", "amount": "1000.00", "due": day}],
        "payments": payments,
        "data_as_of": on.isoformat(),
    }


def write(folder: Path, *households: dict[str, object]) -> None:
    lines = "".join(json.dumps(one) + "\n" for one in households)
    (folder / "accounts.jsonl").write_text(lines, encoding="utf-8")


def delivered(folder: Path) -> list[str]:
    path = folder / "delivered.txt"
    return path.read_text(encoding="utf-8").split("\n")[:-1] if path.exists() else []


# In this process, at a noon that stays where it is


def rules(erp: Path) -> Rules:
    return read_rules(str(erp.parent / "plain.yaml"))


def through(erp: Path, *, now: datetime = NOON, deliver: bool = True, **options: str) -> Through:
    query = "&".join(f"{name}={value}" for name, value in {"folder": str(erp), **options}.items())
    return Through(f"adapter:filed?{query}", rules(erp), bookmark=erp.parent / "cursor.json", deliver=deliver, now=now)


def assess(run: Through, erp: Path) -> Path:
    """The pass itself, with what it finds to deliver."""
    from dunning.adapter.delivery import deliveries_jsonl

    out = erp.parent / "out"
    job = Job(str(erp.parent / "plain.yaml"), NOON.date(), "en", "jsonl", also=Also(DELIVERIES, deliveries_jsonl))
    assess_portfolio(run.portfolio, job, out)
    run.assessed(out)
    return out


def test_what_is_due_is_planned_then_looked_at_again_and_delivered(erp: Path) -> None:
    run = through(erp)
    out = assess(run, erp)
    assert [one.account for one in run.planned(out)] == ["A1", "A2"]
    write(erp, household("A1"), household("A2", paid="1000.00"), household("A3", due=-3))
    again = through(erp)
    done = list(again.deliver(out, now=NOON))
    assert [type(one) for one in done] == [Handed, Dropped]
    assert delivered(erp) == ["A1 first_letter"]
    dropped = [json.loads(line) for line in (out / DROPPED).read_text("utf-8").splitlines()]
    assert [(one["account"], one["state"]) for one in receipts(out)] == [("A1", "accepted")]
    assert [(one["account"], one["why_en"]) for one in dropped] == [("A2", "the principal is paid")]


def test_receipts_are_added_to_and_never_overwritten(erp: Path) -> None:
    run = through(erp)
    out = assess(run, erp)
    list(run.deliver(out, now=NOON))
    list(run.deliver(out, now=NOON))
    assert [one["state"] for one in receipts(out)] == ["accepted"] * 4


def receipts(out: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in (out / RECEIPTS).read_text("utf-8").splitlines()]


def test_money_that_comes_before_the_message_leaves_takes_it_back(erp: Path) -> None:
    run = through(erp)
    out = assess(run, erp)
    list(run.deliver(out, now=NOON))
    write(erp, household("A1", paid="1000.00"), household("A2"), household("A3", due=-3))
    again = through(erp, now=NOON + timedelta(hours=1))
    assess(again, erp)
    back, kept = again.deliver(out, now=NOON + timedelta(hours=1))
    assert isinstance(back, Withdrawn)
    assert (back.pending.account, back.why.en) == ("A1", "the principal is paid")
    assert isinstance(kept, Handed)
    assert [(one["account"], one["state"]) for one in receipts(out)[2:]] == [("A1", "cancelled"), ("A2", "accepted")]


def test_what_has_left_meanwhile_is_heard_of_and_not_taken_back(erp: Path) -> None:
    run = through(erp)
    out = assess(run, erp)
    list(run.deliver(out, now=NOON))
    (erp / "sent.txt").write_text(json.loads((out / RECEIPTS).read_text("utf-8").splitlines()[0])["key"], "utf-8")
    again = through(erp, now=NOON + timedelta(hours=1))
    write(erp, household("A1", paid="1000.00"), household("A2"), household("A3", due=-3))
    assess(again, erp)
    first, *_ = again.deliver(out, now=NOON + timedelta(hours=1))
    assert isinstance(first, Heard)
    assert (first.pending.account, first.receipt.state) == ("A1", "sent")
    again.done()
    assert Bookmark.from_json((erp.parent / "cursor.json").read_text("utf-8")).receipts == "2"


def test_a_crash_while_delivering_keeps_the_receipts_there_are_and_the_old_cursor(erp: Path) -> None:
    """The next run delivers all of them again; the adapter knows by their keys which it has."""
    write(erp, *(household(f"A{n}") for n in range(120)))
    run = through(erp)
    out = assess(run, erp)
    for count, _ in enumerate(run.deliver(out, now=NOON), start=1):
        if count == 60:
            break  # the process dies here
    assert 0 < len((out / RECEIPTS).read_text("utf-8").splitlines()) <= 60
    assert not (erp.parent / "cursor.json").exists()


def test_the_cursor_is_kept_at_the_end_and_then_only_news_is_read(erp: Path) -> None:
    first = through(erp)
    assess(first, erp)
    first.done()
    kept = Bookmark.from_json((erp.parent / "cursor.json").read_text("utf-8"))
    assert (kept.cursor, kept.full_at) == ("1", NOON)
    assert not list(erp.parent.glob("*.part"))
    second = through(erp, now=NOON + timedelta(hours=1))
    assert (second.sweep.since, [one.code for one in second.findings]) == ("1", ["P402", "P405"])
    assess(second, erp)
    second.done()
    assert Bookmark.from_json((erp.parent / "cursor.json").read_text("utf-8")).full_at == NOON


def test_a_cursor_of_another_erp_is_refused(erp: Path) -> None:
    first = through(erp)
    assess(first, erp)
    first.done()
    with pytest.raises(Exception, match="begin anew"):
        through(erp, changes="complete")


def test_who_is_gone_is_listed(erp: Path) -> None:
    write(erp, household("A1"), {"id": "A9", "because": "closed"})
    run = through(erp)
    out = assess(run, erp)
    assert json.loads((out / GONE).read_text("utf-8")) == {
        "company": "main", "id": "A9", "because": "closed", "into": None,
    }  # fmt: skip


def test_an_adapter_that_delivers_nothing_is_refused_before_anything_is_read(erp: Path) -> None:
    with pytest.raises(RefusedError, match="deliver"):
        through(erp, delivers="no")
    assert through(erp, delivers="no", deliver=False).sweep.since is None


def test_the_shelf_takes_what_it_is_given() -> None:
    """The ERP these tests stand on: what it was given it has, and what it never sent it cannot take back."""
    shelf = Shelf()
    assert isinstance(shelf.deliver([]), Sequence)
    assert [one.state for one in shelf.cancel(["k"], "paid")] == ["too_late"]
    assert not any(isinstance(one, (Receipt, Delivery)) for one in shelf.accounts(None))


# From the command line


def dunning(*words: str, erp: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from dunning.cli.main import main; main()", *words, "--lang", "en"]
    paths = (ROOT / "src", ROOT / "tests", erp.parent / "site")
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths)), "COLUMNS": "120", "NO_COLOR": "1"}
    return subprocess.run(command, capture_output=True, text=True, cwd=erp.parent, env=env, timeout=120)


def today() -> datetime:
    """Deliveries are for today, so what the command line is given must be of today."""
    from dunning.cli.options import now_in_china

    return now_in_china()


def test_listed_first_and_delivered_with_yes(erp: Path) -> None:
    """Whether a letter may go at this hour the law says; each planned one is delivered or told why not."""
    write(erp, *(household(f"A{n}", on=today(), due=-12) for n in range(30)))
    words = ("assess", f"adapter:filed?folder={erp}", "--rules", "plain.yaml", "--cursor", "c.json", "--deliver")
    listed = dunning(*words, erp=erp)
    assert listed.returncode == 0, listed.stderr
    planned = (erp.parent / "out" / DELIVERIES).read_text("utf-8").splitlines()
    assert f"{len(planned)} are in" in listed.stdout
    assert "none was delivered" in listed.stdout
    assert "P402" in listed.stdout
    assert (delivered(erp), (erp.parent / "c.json").exists()) == ([], False)
    done = dunning(*words, "--yes", erp=erp)
    assert done.returncode == 0, done.stderr
    receipts, dropped = ((erp.parent / "out" / name).read_text("utf-8").splitlines() for name in (RECEIPTS, DROPPED))
    assert len(receipts) + len(dropped) == len(planned)
    assert len(delivered(erp)) == len(receipts)
    assert "Today's: " in done.stdout
    assert (erp.parent / "c.json").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("assess", "adapter:filed?folder=.", "--deliver", "--on", "2026-01-05"), "deliveries are for today"),
        (("assess", "adapter:filed?folder=erp&delivers=no", "--deliver"), "does not declare `deliver`"),
        (("assess", "adapter:filed?folder=erp", "--cursor", "plain.yaml"), "no cursor file"),
        (("assess", "adapter:fled?folder=erp"), "did you mean `filed`"),
        (("assess", "adapter:filed"), "adapter:filed?folder=..."),
        (("assess", "erp", "--deliver"), "--deliver is for adapters"),
        (("assess", "erp", "--cursor", "c.json"), "--cursor is for adapters"),
        (("adapters", "fled?folder=erp"), "did you mean `filed`"),
        (("adapters", "--format", "yaml"), "text | json"),
    ],
)
def test_a_wrong_call_says_what_would_be_right(words: tuple[str, ...], said: str, erp: Path) -> None:
    done = dunning(*words, erp=erp)
    assert done.returncode == 2, done.stdout + done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr


SPEAKS_OF_ONE = [
    (("explain", "--account", "A2"), "main/A2"),
    (("explain", "--account", "A2", "--company", "main"), "main/A2"),
    (("timeline", "--account", "A2", "--since", "2026-11-22", "--until", "2026-12-22"), "main/A2"),
    (("case", "--account", "A2"), "1000.00"),
]


@pytest.mark.parametrize(("words", "said"), SPEAKS_OF_ONE)
def test_what_speaks_of_one_household_reads_it_through_an_adapter(words: tuple[str, ...], said: str, erp: Path) -> None:
    command, *options = words
    done = dunning(command, "adapter:filed?folder=erp", *options, "--rules", "plain.yaml", erp=erp)
    assert done.returncode == 0, done.stderr
    assert said in done.stdout


def test_may_asks_about_a_household_of_an_adapter(erp: Path) -> None:
    done = dunning("may", "cut_water", "--account", "adapter:filed?folder=erp", "--id", "A2", erp=erp)
    assert "CC-944.3" in done.stdout, done.stderr


def test_a_household_an_adapter_does_not_have_is_told_with_the_nearest(erp: Path) -> None:
    for name, said in (("A22", "did you mean `A2`"), ("nobody", "ids there are like A1, A2, A3")):
        done = dunning("explain", "adapter:filed?folder=erp", "--account", name, erp=erp)
        assert done.returncode == 2
        assert said in done.stderr, done.stderr


def test_the_adapters_there_are(erp: Path) -> None:
    told = dunning("adapters", erp=erp).stdout
    assert "dunning-filed 2.1" in told
    assert "changes: part" in told
    assert "pip install ./adapters/dunning-" in told or {"erpnext", "odoo"} <= KNOWN.keys()
    by_name = {one["name"]: one for one in json.loads(dunning("adapters", "--format", "json", erp=erp).stdout)}
    assert by_name.keys() >= KNOWN.keys()
    assert by_name["filed"]["capabilities"]["changes"] == "partial"
    assert by_name["filed"]["version"] == "2.1"


def test_one_adapter_opened_says_what_it_really_can(erp: Path) -> None:
    told = dunning("adapters", "filed?folder=erp&delivers=no", "--format", "json", erp=erp).stdout
    (filed,) = json.loads(told)
    assert filed["capabilities"]["delivers"] is False
    assert "contacts" in filed["capabilities"]["lists"]


def test_night_after_night_the_state_keeps_the_records_and_the_cursor(erp: Path) -> None:
    now = today()
    write(erp, *(household(name, on=now) for name in ("A1", "A2", "A3")))
    address = f"adapter:filed?folder={erp}&changes=complete"
    call = ("assess", address, "--rules", "plain.yaml", "--incremental", "state")
    first = dunning(*call, "--out", "one", erp=erp)
    assert first.returncode == 0, first.stderr
    again = dunning(*call, "--out", "one", erp=erp)
    assert again.returncode == 0, again.stderr
    assert "P408" not in again.stdout + again.stderr  # the same results are not read for again
    second = dunning(*call, "--out", "two", erp=erp)
    assert second.returncode == 0, second.stderr
    assert "P408" in second.stdout + second.stderr
    assert "3 accounts stand as they were" in second.stdout
    assert "nobody has news, and nobody's day has come" in second.stdout
    assert "0 households in" not in second.stdout
    other = dunning("assess", address.replace("filed?", "filed?delivers=no&"), *call[2:], "--out", "three", erp=erp)
    assert other.returncode == 2
    assert "the cursor is of filed" in other.stderr
    told = dunning("explain", "one", "--account", "A1", erp=erp)
    assert "has newer records" in told.stderr


@pytest.mark.parametrize("option", [("--cursor", "c.json"), ("--deliver",), ("--record", "log")])
def test_what_does_not_go_with_a_state_is_said(erp: Path, option: tuple[str, ...]) -> None:
    done = dunning("assess", f"adapter:filed?folder={erp}", "--incremental", "state", *option, erp=erp)
    assert done.returncode == 2
    assert f"{option[0]} does not go with --incremental" in done.stderr
    assert not (erp.parent / "state").exists()
