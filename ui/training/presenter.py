"""The controls of a demonstration, without widgets."""

from dataclasses import dataclass
from typing import Protocol

from ui.desk import Desk
from workstation.app import training
from workstation.core.training import MOST_DAYS

_CHOICES = (1, 3, 7, 14, 30, MOST_DAYS)
_LOCKED = "asked"
# What each case that a demonstration begins with is for, and what to let a class do with it.
CASES = (
    (
        "Told to the end",
        "The sample case, Aster-3 or a package of your own: determined, its report signed and exported.",
        (
            "Unlock as osei and open it under Cases.",
            "Turn the parts of the case from left to right; ask at each who recorded what, and on which day.",
            "Choose Verify an export, and the folder in medium-out.",
        ),
    ),
    (
        "In the middle of its window",
        "Birch-1: accepted, and half of its checklist answered by each of two reviewers, blind.",
        (
            "One of the class unlocks as ibarra, another as osei; each answers the rest, and submits.",
            "Neither sees the other's answers before both have submitted. Let them try.",
            "Where they differ, haddad, who answered nothing, settles it on Checklist.",
            "Both give an opinion on Determination and ibarra recommends; lindqvist determines.",
        ),
    ),
    (
        "To play from the beginning",
        "Cedar-2: opened and assigned to ibarra and osei; nothing has been received.",
        (
            "As osei: open it, choose Package, and receive the folder cedar-2-submission in medium-in.",
            "As ibarra: read what was found, accept it out of quarantine, begin the evaluation on Overview.",
            "Let days pass here between the sittings, so that the class sees its window run.",
        ),
    ),
)


@dataclass(frozen=True, kw_only=True)
class TrainingShown:
    """The day it is, what can be let pass, and what beginning again throws away."""

    now: str
    days: tuple[tuple[str, str], ...]
    thrown_away: str


class TrainingView(Protocol):
    """The page as its presenter sees it."""

    def show_training(self, shown: TrainingShown) -> None:
        """Everything at once."""


def days_words(days: int) -> str:
    """``1 day``, ``3 days``."""
    return "1 day" if days == 1 else f"{days} days"


class TrainingPresenter:
    """Each control locks the vault first: what was open belongs to the day before, or to what is gone."""

    def __init__(self, view: TrainingView, desk: Desk) -> None:
        self._view, self._desk = view, desk

    def refresh(self) -> None:
        """How it stands now."""
        held = training.look(self._desk.here)
        cases = "1 case" if held.cases == 1 else f"{held.cases:,} cases"
        self._view.show_training(
            TrainingShown(
                now=self._desk.dates.moment(self._desk.services.clock.now()),
                days=tuple((str(one), days_words(one)) for one in _CHOICES),
                thrown_away=(
                    f"Throws away {cases} and {held.people} people with everything recorded in them, and "
                    "tells the sample case anew from its first day. It takes as long as it did before."
                ),
            )
        )

    def marking(self) -> str:
        """Nothing of a case is here."""
        return ""

    def pass_days(self, days: int) -> None:
        """Lock, and let them pass."""
        desk, session = self._desk, self._desk.here
        training.require(session)
        desk.routes.lock(_LOCKED)
        training.pass_days(session, days)
        desk.routes.show_entrance()
        passed = f"{days_words(days)} {'has' if days == 1 else 'have'} passed"
        desk.notices.tell(f"{passed}: it is {desk.dates.moment(desk.services.clock.now())}. Unlock to go on.")

    def begin_again(self) -> None:
        """Lock, and tell it anew beside the window."""
        desk = self._desk
        training.require(desk.here)
        services = desk.services
        desk.routes.lock(_LOCKED)
        desk.notices.tell("The demonstration is being told anew. Wait until this says that it is there.")

        def done(_nothing: None) -> None:
            desk.routes.show_entrance()
            desk.notices.tell("The demonstration has begun again. Unlock to go on.")

        desk.jobs.start(lambda job: training.begin_again(services, job), done=done, failed=desk.failed)
