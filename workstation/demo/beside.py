"""Two cases beside the sample case, for trainers: one in the middle of its window to show, one to play.

The one to show has a package accepted and two checklists half answered. The one to play has been opened
and assigned; its submission lies on the medium, to be received by whoever is being trained.
"""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from workstation.app import administering, intake, quarantine, reviewing
from workstation.core.cases import CaseType
from workstation.core.examination import Outcome
from workstation.core.packages import Package
from workstation.core.values import CaseId
from workstation.demo import sample
from workstation.demo.sample import Invented
from workstation.demo.story import Story

_WINDOW = timedelta(days=30)
_PLAY_WINDOW = timedelta(days=29)
_HALF = ("K1", "K2", "K3", "K4")  # sections both reviewers of the case to show have answered


@dataclass(kw_only=True)
class TrainersStory(Story):
    """The sample case with two others beside it; ``submissions`` stands for the medium they came on."""

    submissions: Path

    def review(self, case_id: CaseId, package: Package) -> None:
        """While the sample case is reviewed, half of another one is."""
        beside = self._running()
        super().review(case_id, package)
        self._answer_half(*beside)
        self._to_play()

    def _send(self, about: Invented, ahead: timedelta) -> Path:
        today = self.clock.now().date()
        return sample.write_sample(
            self.submissions,
            sent_on=today - timedelta(days=1),
            planned_release_on=today + ahead,
            about=about,
        )

    def _open(self, about: Invented, ahead: timedelta) -> CaseId:
        with self.acting("ibarra") as session:
            new = reviewing.NewCase(
                case_type=CaseType.PRE_RELEASE_ACCESS,
                developer=f"{about.developer}, Inc. (fictional)",
                model=about.model,
                checkpoint=about.checkpoint,
                marking=self.marking,
                planned_release_on=(self.clock.now() + ahead).date(),
            )
            case = reviewing.open_case(session, new)
            first, second = (
                administering.person_by_login(session, name).person_id for name in ("ibarra", "osei")
            )
            reviewing.assign_reviewers(session, case.case_id, first, second)
        return case.case_id

    def _running(self) -> tuple[CaseId, Package]:
        source = self._send(sample.BIRCH, _WINDOW)
        case_id = self._open(sample.BIRCH, _WINDOW)
        with self.acting("osei") as session:
            package = intake.receive(session, case_id, source, self.job)
        with self.acting("ibarra") as session:
            reason = "Cautions read; static material only." if package.outcome is Outcome.WARN else ""
            quarantine.accept(session, package.package_id, reason=reason)
            reviewing.begin_evaluation(session, case_id)
        return case_id, package

    def _answer_half(self, case_id: CaseId, package: Package) -> None:
        for login_name in ("ibarra", "osei"):
            with self.acting(login_name) as session:
                half = [one for one in self._answers(session, package, {}) if one.criterion_id[:2] in _HALF]
                reviewing.answer(session, case_id, *half)
        self.say(f"For trainers: case {case_id} is in the middle of its window, half of it answered")

    def _to_play(self) -> None:
        source = self._send(sample.CEDAR, _PLAY_WINDOW)
        case_id = self._open(sample.CEDAR, _PLAY_WINDOW)
        self.say(f"For trainers: case {case_id} is opened; its submission is to be received: {source.name}")
