"""A demonstration office for tests: real vault, database, sandbox and signatures, a clock that tests set."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from workstation import bootstrap
from workstation.app import session as sessions
from workstation.app.services import Services, Session
from workstation.core.jobs import JobControl
from workstation.core.vault import Profile
from workstation.demo import sample
from workstation.demo.clock import SettableClock
from workstation.demo.ids import SeededIds
from workstation.demo.story import RELEASE_AHEAD, Story, passphrase

BEGIN = datetime(2027, 2, 27, 14, 30, tzinfo=UTC)


class StillClock:
    """Stands until it is moved."""

    def __init__(self, at: datetime = BEGIN) -> None:
        self.at = at

    def now(self) -> datetime:
        """Where it stands."""
        return self.at


def office(
    folder: Path, *, source: Path | None = None, say: Callable[[str], None] = lambda _line: None
) -> Story:
    """A fresh demonstration in ``folder`` whose story can be told step by step."""
    medium = folder / "medium-out"
    medium.mkdir(parents=True)
    clock = SettableClock(StillClock(), BEGIN)
    start = bootstrap.Start(
        vault_folder=folder / "profile", profile=Profile.DEMO, clock=clock, ids=SeededIds()
    )
    if source is None:
        (folder / "medium-in").mkdir()
        planned: date = (BEGIN + RELEASE_AHEAD).date()
        source = sample.write_sample(
            folder / "medium-in", sent_on=(BEGIN - timedelta(days=1)).date(), planned_release_on=planned
        )
    return Story(
        services=bootstrap.build(start), clock=clock, source=source, medium=medium, say=say, job=JobControl()
    )


def unlock(services: Services, login_name: str) -> Session:
    """One person at the desk; the caller locks."""
    return sessions.unlock(services, login_name=login_name, passphrase=passphrase())
