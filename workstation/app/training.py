"""The trainer's two acts on a demonstration; services for real work have no such capability."""

from dataclasses import dataclass

from workstation.app.services import Services, Session
from workstation.core.jobs import JobControl
from workstation.core.people import Role
from workstation.core.training import MOST_DAYS, Training


@dataclass(frozen=True, kw_only=True)
class Demonstration:
    """How much there is to be thrown away."""

    cases: int
    people: int


def is_offered(session: Session) -> bool:
    """Whether there are controls for this person here: a trainer, in a demonstration."""
    return session.services.training is not None and session.person.role is Role.TRAINER


def look(session: Session) -> Demonstration:
    """What the demonstration holds now."""
    with session.look() as work:
        return Demonstration(cases=len(work.cases.ids()), people=len(work.people.all()))


def pass_days(session: Session, days: int) -> None:
    """Let days pass in the demonstration.

    Raises:
        ValueError: nobody is offered this here, or fewer than one day or more than ``MOST_DAYS``.
    """
    training = _of(session)
    if not 1 <= days <= MOST_DAYS:
        raise ValueError(days)
    training.pass_days(days)


def require(session: Session) -> None:
    """Whoever is at the desk is asked while the vault is open; what they asked for is done when it is locked.

    Raises:
        ValueError: nobody is offered this here.
    """
    _of(session)


def begin_again(services: Services, job: JobControl) -> None:
    """Tell the demonstration anew, after ``require`` and a lock."""
    if services.training is not None:
        services.training.begin_again(job)


def _of(session: Session) -> Training:
    training = session.services.training
    if training is None or not is_offered(session):
        raise ValueError(session.person.role)
    return training
