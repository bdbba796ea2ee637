"""The command line tells the whole path, answers scripts in JSON, and never takes a secret as an argument."""

import json
from pathlib import Path

import pytest

from tests.helpers.office import BEGIN, StillClock
from workstation import bootstrap, cli
from workstation.core.determinations import Consultee
from workstation.core.people import Role
from workstation.demo import sample
from workstation.machine import RandomIds

PASSPHRASE = "a passphrase for tests only"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> "Desk":
    """A command line at a fresh demonstration vault, its clock standing."""
    monkeypatch.setenv("FRW_PASSPHRASE", PASSPHRASE)
    monkeypatch.setenv("FRW_NEW_PASSPHRASE", PASSPHRASE)
    clock = StillClock()
    monkeypatch.setattr(bootstrap, "SystemClock", lambda: clock)
    monkeypatch.setattr(bootstrap, "RandomIds", RandomIds)
    return Desk(tmp_path / "vault", capsys, clock)


class Desk:
    """Runs command lines in this process."""

    def __init__(self, vault: Path, capsys: pytest.CaptureFixture[str], clock: StillClock) -> None:
        self._vault, self._capsys, self.clock = vault, capsys, clock

    def run(self, *words: str, user: str = "", status: int = 0) -> dict[str, object]:
        """One command; its JSON answer, or an empty dict when it printed none."""
        options = ["--vault", str(self._vault), "--demo", "--json"] + (["--user", user] if user else [])
        head = 1 if words[0] == "verify" else 2
        assert cli.main([*words[:head], *options, *words[head:]]) == status, self._capsys.readouterr().err
        out = self._capsys.readouterr().out.strip()
        answer: dict[str, object] = json.loads(out) if out else {}
        return answer


def set_up(desk: Desk) -> None:
    """A vault with everybody enrolled."""
    desk.run("vault", "init", "--office", "Test Office", "--name", "Cus", "--staff-number", "1", user="cus")
    people = (
        ("lead", Role.LEAD_REVIEWER),
        ("rev", Role.REVIEWER),
        ("off", Role.DETERMINATION_OFFICIAL),
        ("sec", Role.SECURITY_OFFICER),
    )
    for number, (login, role) in enumerate(people, 2):
        facts = (
            "--login",
            login,
            "--name",
            login.title(),
            "--staff-number",
            str(number),
            "--role",
            str(role),
        )
        desk.run("people", "add", *facts, user="cus")
    for number, (login, _role) in enumerate(people, 2):
        if login != "off":  # the first who can confirm others is confirmed already
            badge = ("--staff-number", str(number))
            desk.run("people", "confirm", "--login", login, *badge, user="off")


def test_the_whole_path_from_the_command_line(desk: Desk, tmp_path: Path) -> None:
    """From ``vault init`` to a written export, every step a command with a documented exit status."""
    set_up(desk)
    release = BEGIN.date().replace(month=3, day=27)
    source = sample.write_sample(tmp_path, sent_on=BEGIN.date(), planned_release_on=release)
    facts = ("--developer", "D", "--model", "M", "--checkpoint", "C", "--marking", "UNCLASSIFIED")
    opened = desk.run(
        "case", "open", "--type", "pre-release-access", *facts, "--release", str(release), user="lead"
    )
    case = str(opened["case_id"])
    package = desk.run("intake", "receive", case, str(source), user="rev")
    desk.run("intake", "accept", str(package["package_id"]), user="lead")
    desk.run("case", "assign", case, "lead", "rev", user="lead")
    desk.run("case", "begin", case, user="lead")
    shown = desk.run("checklist", "show", case, user="rev")
    criteria = [row["criterion"] for row in shown["criteria"]]  # type: ignore[attr-defined, index]
    for login in ("lead", "rev"):
        for criterion in criteria:
            _answer(desk, case, criterion, login)
        desk.run("checklist", "submit", case, user=login)
    for login in ("lead", "rev"):
        desk.run("determine", "opinion", case, "not-covered", "--reasons", "because", user=login)
    desk.run("determine", "recommend", case, "not-covered", "--reasons", "because", user="lead")
    for party in Consultee:
        desk.run("determine", "consult", case, str(party), "--asked", str(BEGIN.date()), user="off")
    answer = desk.run("determine", "determine", case, "not-covered", "--reasons", "because", user="off")
    assert answer["determination"] == "Not a covered frontier model"
    report = desk.run("export", "sign", case, user="rev")
    request = desk.run("export", "request", str(report["report_id"]), "--recipient", "R", user="lead")
    (tmp_path / "stick").mkdir()
    stick = ("--medium", str(tmp_path / "stick"))
    desk.run("media", "add", "STICK-1", *stick, "--marking", "UNCLASSIFIED", user="cus")
    where = (*stick, "--medium-marking", "UNCLASSIFIED")
    written = desk.run("export", "release", str(request["export_id"]), *where, user="sec")
    assert "safe to remove" in str(written["ending"])
    assert desk.run("audit", "verify", user="cus")["holds"] is True
    shown = desk.run("case", "show", case, user="off")
    assert shown["determination"] == "Not a covered frontier model"


def _answer(desk: Desk, case: str, criterion: str, login: str) -> None:
    from workstation.app import reviewing
    from workstation.app import session as sessions
    from workstation.commands.desk import services
    from workstation.core.checklists import Result

    if (
        criterion == "K1.1"
    ):  # the first by the command, the rest by the function behind it: 126 unlocks take long
        desk.run("checklist", "answer", case, criterion, "met", "--detail", "seen", user=login)
        import argparse

        options = argparse.Namespace(vault=desk._vault, demo=True)
        session = sessions.unlock(
            services(options), login_name=login, passphrase=bytearray(PASSPHRASE.encode())
        )
        rest = [c.criterion_id for c in session.services.criteria.criteria if c.criterion_id != "K1.1"]
        answers = [reviewing.NewAnswer(criterion_id=c, result=Result.MET, detail="seen") for c in rest]
        reviewing.answer(session, case, *answers)  # type: ignore[arg-type]
        sessions.lock(session, reason="test")


def test_a_refusal_has_a_code_words_and_a_next_step(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    """What the rules refuse ends with status 2, an error object, and three lines for a person."""
    set_up(desk)
    capsys.readouterr()
    status = cli.main(
        ["case", "show", "--vault", str(desk._vault), "--demo", "--json", "--user", "lead", "NO-CASE"]
    )
    shown = capsys.readouterr()
    assert status == 2
    error = json.loads(shown.out)["error"]
    assert error["code"] == "CAS-009"
    assert all(error[part] for part in ("title", "what", "next"))
    assert "Next:" in shown.err


def test_a_wrong_passphrase_and_an_unknown_person_look_the_same(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither the words nor the status tell whether the person exists."""
    set_up(desk)
    monkeypatch.setenv("FRW_PASSPHRASE", "wrong but long enough")
    answers = []
    for login in ("lead", "nobody"):
        desk.clock.at += BEGIN - BEGIN.replace(hour=1)  # past the back-off
        capsys.readouterr()
        status = cli.main(["case", "list", "--vault", str(desk._vault), "--demo", "--user", login])
        answers.append((status, capsys.readouterr().err))
    assert answers[0] == answers[1]
    assert answers[0][0] == 2


def test_a_passphrase_comes_by_descriptor(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """``--passphrase-fd`` is read once and serves the whole command."""
    import os

    set_up(desk)
    monkeypatch.delenv("FRW_PASSPHRASE")
    reading, writing = os.pipe()
    os.write(writing, PASSPHRASE.encode() + b"\n")
    os.close(writing)
    assert desk.run("case", "list", "--passphrase-fd", str(reading), user="lead")["cases"] == []


def test_no_command_takes_a_secret_as_an_argument() -> None:
    """No option of any command is named after a passphrase, but for the descriptor's number."""
    import argparse

    for name in cli.COMMANDS:
        parser = argparse.ArgumentParser()
        cli._load(name).arguments(parser)
        parsers = [parser]
        for action in parser._actions:
            if isinstance(action, argparse._SubParsersAction):
                parsers += action.choices.values()
        options = {option for p in parsers for a in p._actions for option in a.option_strings}
        words = {option: option.strip("-").split("-") for option in options}
        secret = {one for one, parts in words.items() if {"pass", "passphrase", "secret", "pin"} & {*parts}}
        secret |= {option for option in options if "pass" in option or "secret" in option}
        assert secret <= {"--passphrase-fd", "--pin-fd"}, name
        numbers = {a for p in parsers for a in p._actions if secret & {*a.option_strings}}
        assert all(action.type is int for action in numbers), name


def test_help_is_there_for_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    """Each command explains itself without a vault."""
    for name in cli.COMMANDS:
        with pytest.raises(SystemExit) as ended:
            cli.main([name, "--help"])
        assert ended.value.code == 0
        assert "usage" in capsys.readouterr().out
