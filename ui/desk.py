"""What every presenter is given: the session, the job runner, and ways to speak to the person."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from ui.dates import Dates
from ui.drafts import Drafts
from ui.jobs import Jobs
from ui.reading import ReadAtOnce, Reads
from workstation.app.services import Services, Session
from workstation.core.errors import WorkstationError
from workstation.core.jobs import JobCancelled, JobControl
from workstation.core.values import CriterionId, EvidenceLink
from workstation.settings import Settings

_log = logging.getLogger(__name__)
T = TypeVar("T")


class Notices(Protocol):
    """Where words for the person appear."""

    def explain(self, error: WorkstationError) -> None:
        """What happened and what to do next."""

    def tell(self, text: str) -> None:
        """Something went as asked."""

    def stopped(self) -> None:
        """A job was cancelled; what was finished is kept."""

    def defect(self, error: BaseException) -> None:
        """Something the workstation did not expect: an incident number, no traceback on screen."""

    def dismiss(self) -> None:
        """Take the present notice away."""


class Routes(Protocol):
    """Where a presenter can send the person."""

    def show_cases(self) -> None:
        """The case list."""

    def show_case(self, case_id: str, tab: str = "overview") -> None:
        """One case."""

    def show_page(self, name: str) -> None:
        """A page by its name in the table of pages."""

    def show_verify(self) -> None:
        """The page that verifies an export."""

    def marking_changed(self) -> None:
        """What is on screen was read anew and may be marked otherwise."""

    def restyle(self, settings: Settings) -> None:
        """Another look, for this person from now on."""

    def unlocked(self, session: Session) -> None:
        """A person unlocked the vault."""

    def lock(self, reason: str) -> None:
        """Lock now."""

    def show_entrance(self) -> None:
        """What a locked vault shows, read anew."""


class Waiting(Protocol):
    """A page that shows that it waits for its job."""

    def set_busy(self, *, busy: bool) -> None:
        """Whether the work runs."""


@dataclass(kw_only=True)
class Desk:
    """One per window."""

    services: Services
    settings: Settings
    jobs: Jobs
    notices: Notices
    routes: Routes
    session: Session | None = None
    station: Settings = field(default_factory=Settings)  # as the workstation is set, whoever is here
    reads: Reads = field(default_factory=ReadAtOnce)
    drafts: Drafts = field(default_factory=lambda: Drafts(None))
    leaving: list[Callable[[], None]] = field(default_factory=list)  # what ends before the person leaves
    noted: EvidenceLink | None = None  # a place in a file, kept for an answer's evidence
    wanted_criterion: CriterionId | None = None  # the question that the checklist is to open
    wanted: EvidenceLink | None = None  # evidence that the package's part is to open

    def arrive(self, session: Session | None) -> None:
        """Somebody sits down, or leaves (``None``)."""
        for end in tuple(self.leaving):
            try:
                end()
            except Exception:  # noqa: BLE001 - the lock waits for nothing
                _log.exception("something could not end properly before the person left")
        self.noted = self.wanted = self.wanted_criterion = None
        self.session, self.drafts = session, Drafts(session)

    @property
    def dates(self) -> Dates:
        """How dates are written here."""
        return Dates(style=self.settings.dates)

    @property
    def here(self) -> Session:
        """The session of whoever is at the desk; pages that need it exist only while there is one."""
        if self.session is None:
            raise RuntimeError("no session")
        return self.session

    def attempt(
        self, act: Callable[[], T], done: Callable[[T], None] | None = None, *, dismiss: bool = True
    ) -> bool:
        """Do something short; what the rules refuse becomes a notice. Returns whether it was done."""
        if dismiss:
            self.notices.dismiss()
        try:
            result = act()
        except WorkstationError as error:
            self.notices.explain(error)
            return False
        if done is not None:
            done(result)
        return True

    def read(self, subject: str, work: Callable[[Session], T], done: Callable[[T], None]) -> None:
        """Ask the store something off the window's thread; nobody hears of it after the person has left."""
        session = self.here
        self.reads.read(subject, lambda: work(session), done=done, failed=self.failed)

    def busy(self, page: Waiting, work: Callable[[JobControl], T], done: Callable[[T], None]) -> None:
        """Run a job that a page waits for; nobody hears of it after the person has left."""
        session = self.here
        self.notices.dismiss()
        page.set_busy(busy=True)

        def over(act: Callable[[], None]) -> None:
            if self.session is session:
                page.set_busy(busy=False)
                act()

        self.jobs.start(
            work,
            done=lambda result: over(lambda: done(result)),
            failed=lambda error: over(lambda: self.failed(error)),
        )

    def failed(self, error: BaseException) -> None:
        """How every job's failure is told."""
        if isinstance(error, JobCancelled):
            self.notices.stopped()
        elif isinstance(error, WorkstationError):
            self.notices.explain(error)
        else:
            self.notices.defect(error)
