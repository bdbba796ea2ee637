"""The page of a trainer's controls."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QPushButton

from tests.ui.bench import Bench
from tests.ui.stages import CASE, Office
from workstation.app import training
from workstation.app.services import Services
from workstation.commands import demo
from workstation.core.jobs import JobControl
from workstation.demo import sample
from workstation.demo.clock import SettableClock
from workstation.demo.story import PEOPLE
from workstation.demo.training import FOLDERS, invented
from workstation.machine import SystemClock
from workstation.settings import Settings


@pytest.fixture
def bench(tmp_path: Path, qapp: object) -> Iterator[Bench]:
    """A window on a demonstration as the command makes it."""
    del qapp
    for name in FOLDERS[1:]:
        (tmp_path / name).mkdir(parents=True)
    clock = SettableClock(SystemClock(), SystemClock().now())
    story = demo._office(tmp_path, clock, invented(tmp_path, clock))
    story.set_up()
    office = Office(services=story.services, clock=clock, folder=tmp_path, case_id=CASE)
    made = Bench(office=office, settings=Settings())
    yield made
    made.close()


def test_a_trainer_lets_days_pass_by_the_window(bench: Bench) -> None:
    """The vault locks, the clock is ahead, the strip does not call that a jump."""
    bench.arrive("moreau")
    bench.press("Training")
    before = bench.office.clock.now()
    bench.choose("Let pass", "7 days")
    bench.press("Let these days pass")
    assert bench.window.desk.session is None
    assert (bench.office.clock.now() - before).days == 7
    assert "7 days have passed" in bench.notice()
    assert "JUMPED" not in bench.words()


def test_a_trainer_reads_what_each_case_is_for_and_what_to_let_a_class_do(bench: Bench) -> None:
    """The cases by their models, and every login and folder that the steps name is one there is."""
    bench.arrive("moreau")
    bench.press("Training")
    words = bench.words()
    assert all(about.model in words for about in (sample.ASTER, sample.BIRCH, sample.CEDAR))
    logins = {person.login_name for person in PEOPLE}
    assert {"ibarra", "osei", "haddad", "lindqvist"} <= logins & set(re.findall(r"[a-z]+", words))
    assert f"{sample.CEDAR.name}-submission" in words
    assert {"medium-in", "medium-out"} <= {*FOLDERS} & set(re.findall(r"[a-z-]+", words))


def test_beginning_again_is_asked_twice_and_then_done(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """First the counts, with the keyboard on what keeps everything; then, the vault locked, it is told."""
    bench.arrive("moreau")
    bench.press("Training")
    assert "Throws away 0 cases and 8 people" in bench.words()
    bench.button("Begin the demonstration again").setFocus()
    bench.press("Begin the demonstration again")
    assert bench.button("Keep it").hasFocus()
    bench.press("Keep it")
    assert bench.window.desk.session is not None
    bench.press("Begin the demonstration again")
    told: list[bool] = []

    def tell(_services: Services, _job: JobControl) -> None:
        told.append(bench.window.desk.session is None)

    monkeypatch.setattr(training, "begin_again", tell)
    bench.press("Throw it away and begin again")
    bench.wait_until(lambda: "has begun again" in bench.notice())
    assert told == [True]


def test_a_reviewer_sees_no_such_place(bench: Bench) -> None:
    """The place is hidden, and asked for by name it leads home."""
    bench.arrive("osei")
    assert not [one for one in bench.all(QPushButton) if one.isVisible() and "Trainin" in one.text()]
    bench.window.show_page("training")
    assert bench.window.router.place.name == "home"
