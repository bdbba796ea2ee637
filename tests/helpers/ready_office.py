"""The demonstration office at points of its story: told once by the real story, then copied for each test.

Making a vault, an authority and six people takes a second, an examination and a review two more; most tests
are about what comes after.
"""

import atexit
import functools
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from tests.helpers.office import office
from workstation.core.values import CaseId
from workstation.demo.ids import SeededIds
from workstation.demo.story import Story

STAGES = ("people", "case", "received", "reviewed", "concluded")


@dataclass(frozen=True, kw_only=True)
class _Stage:
    """Where clock and identifiers stand when the profile has been copied."""

    at: datetime
    counts: dict[str, int]


@dataclass
class _Teller:
    """Tells the story as far as it is asked for, and keeps a copy of the profile at every stage."""

    folder: Path
    story: Story
    told: dict[str, _Stage] = field(default_factory=dict)
    case_id: CaseId = field(init=False)

    def at(self, name: str) -> _Stage:
        """Where things stand at a stage; its profile lies in ``folder / name``."""
        steps: dict[str, Callable[[], object]] = {
            "people": self.story.set_up,
            "case": self._open,
            "received": lambda: self.story.receive(self.case_id),
            "reviewed": self._review,
            "concluded": lambda: self.story.conclude(self.case_id),
        }
        for stage in STAGES[len(self.told) : STAGES.index(name) + 1]:
            steps[stage]()
            shutil.copytree(self.folder / "profile", self.folder / stage)
            self.told[stage] = _Stage(at=self.story.clock.now(), counts=dict(_ids(self.story)._counts))
        return self.told[name]

    def _open(self) -> None:
        self.case_id = self.story.open_case()

    def _review(self) -> None:
        with self.story.acting("osei") as session, session.look() as work:
            (package,) = work.packages.of_case(self.case_id)
        self.story.review(self.case_id, package)


@functools.cache
def _teller() -> _Teller:
    folder = Path(tempfile.mkdtemp(prefix="ready-office-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return _Teller(folder, office(folder))


def _ids(story: Story) -> SeededIds:
    ids = story.services.ids
    assert isinstance(ids, SeededIds)
    return ids


def office_at(stage: str, folder: Path, *, source: Path | None = None) -> tuple[Story, CaseId]:
    """An office of one's own at this stage, and its case (from "case" on)."""
    teller = _teller()
    told = teller.at(stage)
    story = office(folder, source=source)
    shutil.copytree(teller.folder / stage, folder / "profile")
    story.clock.advance(told.at - story.clock.now())
    _ids(story)._counts.update(told.counts)
    return story, CaseId("") if stage == "people" else teller.case_id
