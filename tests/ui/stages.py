"""The sample case at every point of its way, on the real store: told once, then copied."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from workstation import bootstrap
from workstation.app import administering, determining, exporting, quarantine, reporting, reviewing
from workstation.app import session as sessions
from workstation.app.services import Services, Session
from workstation.core.checklists import Result
from workstation.core.determinations import Conclusion, Consultee
from workstation.core.jobs import JobControl
from workstation.core.values import CaseId, CriterionId
from workstation.core.vault import Profile
from workstation.demo import sample
from workstation.demo.clock import SettableClock
from workstation.demo.ids import SeededIds
from workstation.demo.story import RELEASE_AHEAD, Story, passphrase
from workstation.machine import SystemClock

START = datetime(2027, 3, 1, 14, 30, tzinfo=UTC)
CASE = CaseId("CASE-DEMO0001")
DIFFERS = CriterionId("K6.5")
NAMES = (
    "nothing",
    "people",
    "opened",
    "quarantined",
    "accepted",
    "evaluation",
    "one-submitted",
    "both-submitted",
    "recommended",
    "consulted",
    "determined",
    "requested",
)


@dataclass(kw_only=True)
class Office:
    """One workstation with its vault, as a test uses it."""

    services: Services
    clock: SettableClock
    folder: Path
    case_id: CaseId = CASE

    def unlock(self, login_name: str) -> Session:
        """As somebody of the sample office."""
        return sessions.unlock(self.services, login_name=login_name, passphrase=passphrase())


def services_at(folder: Path, at: datetime, ids_from: int = 0) -> tuple[Services, SettableClock]:
    """The real adapters on a demonstration profile."""
    clock = SettableClock(SystemClock(), at)
    start = bootstrap.Start(
        vault_folder=folder / "profile", profile=Profile.DEMO, clock=clock, ids=SeededIds(ids_from)
    )
    return bootstrap.build(start), clock


@dataclass(kw_only=True)
class Stages:
    """Tells the sample case as far as asked and keeps a copy of the vault at each point."""

    root: Path
    told: dict[str, datetime] = field(default_factory=dict)
    _story: Story | None = None
    _case_id: CaseId = CASE

    def at(self, name: str, folder: Path) -> Office:
        """An office of one's own at this point of the case."""
        number = NAMES.index(name)
        for earlier in NAMES[len(self.told) : number + 1]:
            self._tell(earlier)
        folder.mkdir(parents=True, exist_ok=True)
        if name != "nothing":
            shutil.copytree(self.root / name, folder / "profile")
        services, clock = services_at(folder, self.told[name] + timedelta(minutes=1), ids_from=100)
        return Office(services=services, clock=clock, folder=folder)

    @property
    def story(self) -> Story:
        """The story under way."""
        if self._story is None:
            services, clock = services_at(self.root, START)
            planned = START + RELEASE_AHEAD
            bag = sample.write_sample(
                self.root / "medium-in", sent_on=START.date(), planned_release_on=planned.date()
            )
            self._story = Story(
                services=services,
                clock=clock,
                source=bag,
                medium=self.root,
                say=lambda _line: None,
                job=JobControl(),
            )
        return self._story

    def _tell(self, name: str) -> None:
        steps: dict[str, Callable[[], None]] = {
            "people": self.story.set_up,
            "opened": self._open,
            "quarantined": lambda: self._ignore(self.story.receive(self._case_id)),
            "accepted": self._accept,
            "evaluation": self._begin,
            "one-submitted": lambda: self._answer("ibarra", Result.MET),
            "both-submitted": lambda: self._answer("osei", Result.NOT_MET),
            "recommended": self._recommend,
            "consulted": self._consult,
            "determined": self._determine,
            "requested": self._request,
        }
        if name in steps:
            steps[name]()
            shutil.copytree(self.root / "profile", self.root / name)
        self.told[name] = self.story.clock.now()

    @staticmethod
    def _ignore(_value: object) -> None:
        return None

    def _open(self) -> None:
        self._case_id = self.story.open_case()

    def _accept(self) -> None:
        with self.story.acting("ibarra") as session:
            with session.look() as work:
                package_id = work.cases.get(self._case_id).package_id
            assert package_id is not None
            quarantine.accept(session, package_id, reason="Read and understood.")

    def _begin(self) -> None:
        self.story.clock.advance(timedelta(days=2))
        with self.story.acting("ibarra") as session:
            reviewing.begin_evaluation(session, self._case_id)

    def _answer(self, login_name: str, of_the_different_one: Result) -> None:
        self.story.clock.advance(timedelta(days=1))
        with self.story.acting(login_name) as session:
            answers = [
                reviewing.NewAnswer(
                    criterion_id=criterion.criterion_id,
                    result=of_the_different_one if criterion.criterion_id == DIFFERS else Result.MET,
                    detail=f"Seen by {login_name}.",
                )
                for criterion in session.services.criteria.criteria
            ]
            reviewing.answer(session, self._case_id, *answers)
            reviewing.submit_checklist(session, self._case_id)

    def _recommend(self) -> None:
        for login_name in ("osei", "ibarra"):
            with self.story.acting(login_name) as session:
                conclusion = Conclusion.COVERED
                reasons = f"The measured range completion convinces {login_name}."
                dissents = login_name == "osei"
                determining.give_opinion(
                    session, self._case_id, conclusion=conclusion, reasons=reasons, dissents=dissents
                )

        with self.story.acting("haddad") as session:
            reviewing.settle(
                session, self._case_id, DIFFERS, Result.CANNOT_TELL, reason="Measured too little."
            )
        with self.story.acting("ibarra") as session:
            reasons = "The measured range completion convinces ibarra."
            determining.recommend(session, self._case_id, conclusion=Conclusion.COVERED, reasons=reasons)

    def _consult(self) -> None:
        with self.story.acting("lindqvist") as session:
            for consultee in Consultee:
                determining.record_consultation(
                    session, self._case_id, consultee, asked_on=session.today(), answer=""
                )

    def _determine(self) -> None:
        with self.story.acting("lindqvist") as session:
            determining.determine(
                session, self._case_id, conclusion=Conclusion.COVERED, reasons="On the whole record."
            )

    def _request(self) -> None:
        with self.story.acting("osei") as session:
            report = reporting.certify(session, self._case_id, passphrase(), JobControl())
            exporting.request(session, report.report_id, recipient="Office of the Director (DEMO)")


def person(session: Session, login_name: str) -> str:
    """The identifier of somebody enrolled."""
    return administering.person_by_login(session, login_name).person_id
