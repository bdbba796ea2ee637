"""A trainer's controls: only in a demonstration, only for a trainer."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.helpers.office import StillClock
from workstation import bootstrap
from workstation.app import queries, training
from workstation.app import session as sessions
from workstation.app.services import Session
from workstation.commands import demo
from workstation.core.jobs import JobControl
from workstation.core.people import Role
from workstation.core.vault import Profile
from workstation.demo.clock import SettableClock
from workstation.demo.story import Story, passphrase
from workstation.demo.training import FOLDERS, clock_of, invented


def _office(out: Path) -> Story:
    """A demonstration as the command makes it, with nobody in it yet."""
    for name in FOLDERS[1:]:
        (out / name).mkdir(parents=True)
    clock = SettableClock(StillClock(), StillClock().now())
    return demo._office(out, clock, invented(out, clock))


def _as(story: Story, login_name: str) -> Session:
    return sessions.unlock(story.services, login_name=login_name, passphrase=passphrase())


def test_a_trainer_lets_days_pass_and_they_stay_passed(tmp_path: Path) -> None:
    """The clock is ahead by those days, and is again when the demonstration is opened another time."""
    story = _office(tmp_path)
    story.set_up()
    with story.acting("moreau") as session:
        before = story.clock.now()
        training.pass_days(session, 14)
        assert story.clock.now() - before == timedelta(days=14)
    later = clock_of(tmp_path, StillClock())
    assert abs(later.now() - story.clock.now()) < timedelta(minutes=1) + abs(later.ahead - story.clock.ahead)
    assert timedelta(days=13) < later.ahead


def test_nobody_else_and_no_odd_number(tmp_path: Path) -> None:
    """A reviewer is not offered it, and neither no day nor three months pass at once."""
    story = _office(tmp_path)
    story.set_up()
    with story.acting("osei") as session:
        assert not training.is_offered(session)
        with pytest.raises(ValueError, match=Role.REVIEWER):
            training.pass_days(session, 1)
    with story.acting("moreau") as session:
        for days in (0, -1, 61):
            with pytest.raises(ValueError, match=str(days)):
                training.pass_days(session, days)


def test_real_work_has_no_such_capability(tmp_path: Path) -> None:
    """Handed to a start for real work by mistake, the controls are not in its services."""
    story = _office(tmp_path)
    start = bootstrap.Start(vault_folder=tmp_path / "real", training=story.services.training)
    assert start.profile is Profile.REAL
    assert bootstrap.build(start).training is None
    assert story.services.training is not None


def test_it_begins_again_from_the_first_day(tmp_path: Path) -> None:
    """What was recorded is gone, the sample case is told whole, and everybody's passphrase opens it."""
    story = _office(tmp_path)
    story.set_up()
    with story.acting("ibarra") as session:
        training_services = session.services
    own = tmp_path / "notes.txt"
    own.write_text("a trainer's", encoding="utf-8")
    training.begin_again(training_services, JobControl())
    session = _as(story, "moreau")
    assert training.look(session) == training.Demonstration(cases=3, people=8)
    models = {row.model for row in queries.case_rows(session)}
    assert models == {"Aster-3", "Birch-1", "Cedar-2"}
    sessions.lock(session, reason="person-left")
    assert own.read_text(encoding="utf-8") == "a trainer's"
    assert any((tmp_path / "medium-out").iterdir())


@pytest.mark.parametrize("text", ["", "-5", "9" * 40, "tomorrow", "\u0665"])
def test_a_damaged_note_of_the_clock_is_no_obstacle(tmp_path: Path, text: str) -> None:
    """Whatever stands in the file, the clock is between now and ten years ahead."""
    (tmp_path / "clock-ahead-s").write_text(text, encoding="utf-8")
    ahead = clock_of(tmp_path, StillClock()).ahead
    assert timedelta(0) <= ahead <= timedelta(days=3660)


def test_without_controls_beginning_again_does_nothing(tmp_path: Path) -> None:
    """Services for real work keep their vault."""
    story = _office(tmp_path)
    story.set_up()
    training.begin_again(replace(story.services, training=None), JobControl())
    with story.acting("moreau") as session:
        assert training.look(session).people == 8
