"""Every case of bad input on the command line: words, exit status, JSON, and nothing harmed."""

import json
from pathlib import Path

import pytest

from tests.helpers.bad_input import WHO, Act, BadInput, Place, Target, require_told
from tests.helpers.bad_input_harm import CASES, harmless
from tests.helpers.bad_input_releasing import export_id
from tests.helpers.listed import listed_folder
from tests.ui.stages import CASE, Stages
from workstation import bootstrap, cli
from workstation.app.wording import catalogue
from workstation.demo.story import PASSPHRASE


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_bad_input_is_told_and_harms_nothing(
    case: BadInput,
    stages: Stages,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A code, a title, what happened and a next step, the documented status; the data are as they were."""
    with harmless(case, stages, tmp_path, monkeypatch) as (place, aimed):
        words = _words(case, aimed, place)
        with monkeypatch.context() as patch:
            patch.setattr(bootstrap, "SystemClock", lambda: place.office.clock)
            patch.delenv("FRW_PASSPHRASE", raising=False)
            typed = iter((aimed.at_the_door or aimed.passphrase, aimed.passphrase))
            patch.setattr("getpass.getpass", lambda _prompt: next(typed))
            capsys.readouterr()
            status = cli.main(words)
        shown = capsys.readouterr()
    assert status == case.status, shown
    require_told(case, shown.err)
    assert "Next: " in shown.err
    _require_json(case, shown.out)


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
    listed_folder(office.services, stick)
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
