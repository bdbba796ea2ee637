"""Findings and referrals from the command line: results in JSON, documented exit statuses."""

import json
from pathlib import Path

import pytest

from tests.app.test_findings import VECTOR
from tests.helpers.ready_office import office_at
from workstation import bootstrap, cli
from workstation.app import queries
from workstation.demo.story import PASSPHRASE, Story
from workstation.machine import SystemClock


class Line:
    """Runs command lines at the vault of a story."""

    def __init__(self, story: Story, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.story, self._folder, self._capsys = story, folder, capsys

    def run(self, *words: str, user: str, status: int = 0) -> dict[str, object]:
        """One command; its JSON answer."""
        self._capsys.readouterr()
        options = ["--vault", str(self._folder / "profile"), "--demo", "--json", "--user", user]
        found = cli.main([*words[:2], *options, *words[2:]])
        told = self._capsys.readouterr()
        assert found == status, told.err
        answer: dict[str, object] = json.loads(told.out) if told.out.strip() else {}
        return answer


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Line:
    """A case both reviewers have submitted."""
    monkeypatch.setenv("FRW_PASSPHRASE", PASSPHRASE)
    story, _case_id = office_at("reviewed", tmp_path)
    monkeypatch.setattr(bootstrap, "SystemClock", lambda: story.clock)
    monkeypatch.setattr(SystemClock, "now", lambda _clock: story.clock.now())
    return Line(story, tmp_path, capsys)


def test_a_flaw_goes_from_report_to_receipt_by_commands(line: Line, tmp_path: Path) -> None:
    """Report, score, validate, embargo, patch, draft, sign, export, verify, receipt: each a command."""
    with line.story.acting("osei") as session:
        (row,) = queries.case_rows(session)
        package = queries.case_view(session, row.case_id).package
        assert package is not None
        path = queries.paths(session, package.package_id, limit=1)[0]
    case = str(row.case_id)
    (tmp_path / "said.txt").write_text("The template runs code.", encoding="utf-8")
    said = ("--title", "T", "--description-file", str(tmp_path / "said.txt"), "--component", "template")
    added = line.run("finding", "add", case, *said, "--evidence", f"{path}#page 1", user="osei")
    finding = str(added["finding_id"])
    assert line.run("finding", "score", finding, VECTOR, user="osei")["score"] == "8.8 High"
    line.run("finding", "validate", finding, "--reason", "mine", user="osei", status=2)
    line.run("finding", "validate", finding, "--reason", "Seen too.", user="ibarra")
    day = str(line.story.clock.now().date())
    line.run("finding", "embargo", finding, "--until", day, "--with", "D", "--reason", "r", user="osei")
    line.run("finding", "patch", finding, "in-progress", "--note", "Asked.", user="osei")
    shown = line.run("finding", "show", finding, user="ibarra")
    assert shown["description"] == "The template runs code."
    assert [row["act"] for row in shown["history"]][-1] == "Patch state"  # type: ignore[attr-defined]
    words = ("--title", "T", "--recipient", "Clearinghouse", "--summary", "One flaw.", "--finding", finding)
    draft = line.run("referral", "draft", case, "--kind", "flaw", *words, user="osei")
    referral = str(draft["referral_id"])
    line.run("referral", "preview", referral, str(tmp_path / "memo.pdf"), user="osei")
    assert (tmp_path / "memo.pdf").read_bytes().startswith(b"%PDF")
    line.run("referral", "preview", referral, str(tmp_path / "memo.pdf"), user="osei", status=3)
    signed = line.run("referral", "sign", referral, user="osei")
    request = line.run("export", "request", str(signed["report_id"]), "--recipient", "C", user="osei")
    stick = ("--medium", str(tmp_path / "medium-out"), "--medium-marking", "UNCLASSIFIED")
    line.run("media", "add", "STICK-1", *stick[:2], "--marking", "UNCLASSIFIED", user="abara")
    line.run("export", "release", str(request["export_id"]), *stick, user="tanaka")
    line.run("export", "roots", str(tmp_path / "trust"), user="tanaka")
    folder = str(tmp_path / "medium-out" / str(request["export_id"]))
    assert cli.main(["verify", folder, "--trust", str(tmp_path / "trust"), "--demo"]) == 0
    line.run("referral", "list", case, user="osei")
    line.story.clock.advance(line.story.to_window * 10)
    assert line.run("referral", "list", case, user="osei", status=1)["referrals"]
    (due,) = line.run("referral", "outstanding", user="osei", status=1)["referrals"]  # type: ignore[misc]
    assert due["referral_id"] == referral
    day = str(line.story.clock.now().date())
    done = line.run("referral", "receipt", referral, "--reference", "GE-7", "--received", day, user="osei")
    assert done["receipt"] == "Received"
    line.run("referral", "list", case, user="osei")
    assert line.run("referral", "outstanding", user="osei") == {"referrals": []}


def test_an_enforcement_referral_by_commands_stays_with_the_named(line: Line) -> None:
    """Drafting by a reviewer, sign-off by counsel; anybody else gets its identifier or exit status 2."""
    with line.story.acting("osei") as session:
        case = str(queries.case_rows(session)[0].case_id)
    words = ("--title", "Rig", "--recipient", "Office", "--summary", "Seen.", "--statute", "18 USC 1030")
    draft = line.run(
        "referral", "draft", case, "--kind", "enforcement", "--counsel", "feld", *words, user="osei"
    )
    referral = str(draft["referral_id"])
    for login_name in ("ibarra", "tanaka", "lindqvist"):
        line.run("referral", "show", referral, user=login_name, status=2)
        (told,) = line.run("referral", "list", case, user=login_name)["referrals"]  # type: ignore[misc]
        assert "Rig" not in json.dumps(told)
        line.run("audit", "show", user=login_name)
    line.run("referral", "sign-off", referral, user="osei", status=2)
    assert line.run("referral", "sign-off", referral, user="feld")["state"] == "Signed, not sent"
    named = line.run("referral", "name-reader", referral, "tanaka", user="feld")
    assert len(named["read_by"]) == 3  # type: ignore[arg-type]
    assert line.run("referral", "show", referral, user="tanaka")["title"] == "Rig"


def test_files_that_cannot_be_used_are_told(line: Line, tmp_path: Path) -> None:
    """A text that is missing, too long or not text ends with status 3 and records nothing."""
    with line.story.acting("osei") as session:
        case = str(queries.case_rows(session)[0].case_id)
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "long").write_bytes(b"x" * 500_000)
    for name in ("absent", "binary", "long"):
        said = ("--title", "T", "--description-file", str(tmp_path / name), "--component", "c")
        line.run("finding", "add", case, *said, user="osei", status=3)
    assert line.run("finding", "list", case, user="osei") == {"findings": []}
