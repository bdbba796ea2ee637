"""Every case of bad input on the command line: words, exit status, JSON, and nothing harmed."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.helpers.bad_input import (
    WHO,
    Act,
    BadInput,
    Place,
    Target,
    require_told,
    require_unchanged,
    target,
)
from tests.helpers.bad_input_receiving import RECEIVING
from tests.helpers.bad_input_releasing import RELEASING, export_id
from tests.helpers.bad_input_store import contents, stored
from tests.helpers.bad_input_unlocking import UNLOCKING
from tests.ui.stages import CASE, Stages
from workstation import bootstrap, cli
from workstation.app.wording import catalogue
from workstation.demo.story import PASSPHRASE

CASES = (*UNLOCKING, *RECEIVING, *RELEASING)


@pytest.fixture
def until() -> Iterator[ExitStack]:
    """What is undone when the test ends."""
    with ExitStack() as stack:
        yield stack


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_bad_input_is_told_and_harms_nothing(
    case: BadInput,
    stages: Stages,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    until: ExitStack,
) -> None:
    """A code, a title, what happened and a next step, the documented status; the data are as they were."""
    office = stages.at(case.stage, tmp_path / "office")
    place = Place(office=office, tmp=tmp_path, patch=monkeypatch, until=until)
    case.given(place)
    before = stored(office)
    with target(case, place) as aimed:
        watched = contents(aimed.watched) if aimed.watched else {}
        words = _words(case, aimed, place)
        with monkeypatch.context() as patch:
            patch.setattr(bootstrap, "SystemClock", lambda: office.clock)
            patch.delenv("FRW_PASSPHRASE", raising=False)
            typed = iter((aimed.at_the_door or aimed.passphrase, aimed.passphrase))
            patch.setattr("getpass.getpass", lambda _prompt: next(typed))
            capsys.readouterr()
            status = cli.main(words)
        shown = capsys.readouterr()
        if aimed.watched:
            require_unchanged(case, watched, contents(aimed.watched))
    assert status == case.status, shown
    require_told(case, shown.err)
    assert "Next: " in shown.err
    _require_json(case, shown.out)
    after = stored(office)
    assert before.new_events(after) == case.events
    assert before.changed_tables(after) <= case.changes
    assert case.stores or before.files == after.files
    assert before.files.items() <= after.files.items()


def _words(case: BadInput, aimed: Target, place: Place) -> list[str]:
    who = aimed.login_name or WHO[case.act]
    options = ["--vault", str(place.profile), "--demo", "--json", "--user", who]
    if case.act is Act.UNLOCK:
        return ["case", "list", *options]
    if case.act is Act.RECEIVE:
        return ["intake", "receive", *options, CASE, str(aimed.path)]
    where = ["--medium", str(aimed.path), "--medium-marking", "UNCLASSIFIED"]
    return ["export", "release", *options, export_id(place.office), *where]


def _require_json(case: BadInput, out: str) -> None:
    answer = json.loads(out)
    if case.opens:
        assert "error" not in answer
        return
    error = answer["error"]
    assert error["code"] == case.code
    assert error["title"] == catalogue()[case.code]["title"]
    assert error["what"]
    assert error["next"]


@pytest.mark.slow
def test_a_medium_that_is_not_empty_is_said_before_it_is_written(
    stages: Stages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Other people's files and an unfinished export are told; the export is written beside them."""
    office = stages.at("requested", tmp_path / "office")
    stick = tmp_path / "stick"
    (stick / ".partial-EXPORT-OLD").mkdir(parents=True)
    (stick / "letter.txt").write_text("somebody's letter")
    monkeypatch.setattr(bootstrap, "SystemClock", lambda: office.clock)
    monkeypatch.setenv("FRW_PASSPHRASE", PASSPHRASE)
    who = ["--vault", str(office.folder / "profile"), "--demo", "--json", "--user", "tanaka"]
    where = ["--medium", str(stick), "--medium-marking", "UNCLASSIFIED"]
    words = ["export", "release", *who, export_id(office), *where]
    capsys.readouterr()
    assert cli.main(words) == 0
    told = capsys.readouterr().err
    assert "other files are on it and travel with it" in told
    assert "an unfinished export is still on it" in told
    assert (stick / "letter.txt").read_text() == "somebody's letter"
