"""The sample case told as ordinary commands: from the medium to a verified export, by five people.

Every step is the function the window and the command line call; the only things of the story's own are
the people, what they type, and the clock it lets pass.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from workstation.app import (
    administering,
    benchmarks,
    clearinghouse,
    determining,
    exporting,
    findings,
    intake,
    quarantine,
    release_lists,
    reporting,
    reviewing,
)
from workstation.app import session as sessions
from workstation.app.administering import NewPerson
from workstation.app.clearinghouse import NewReferral
from workstation.app.services import Services, Session
from workstation.app.wording import word
from workstation.core.cases import Case, CaseState, CaseType
from workstation.core.checklists import Result
from workstation.core.determinations import Conclusion, Consultee
from workstation.core.examination import Outcome
from workstation.core.exports import Export, Report
from workstation.core.findings import FindingText
from workstation.core.jobs import JobControl
from workstation.core.media import Medium
from workstation.core.packages import Package
from workstation.core.people import Role
from workstation.core.referrals import ReferralKind, ReferralText
from workstation.core.values import CaseId, CriterionId, EvidenceLink
from workstation.demo.clock import SettableClock

# The story takes this long, and the developer states a release this far ahead when it begins.
TAKES = timedelta(days=16)
RELEASE_AHEAD = timedelta(days=32)
OFFICE = "Frontier Review Office (DEMO)"
PASSPHRASE = "demonstration only, not a secret"  # noqa: S105 - demo vaults hold nothing; it is printed for trainers

MEDIUM_NAME = "DEMO-01"

PEOPLE = (
    NewPerson(login_name="ibarra", staff_number="D-1002", display_name="R. Ibarra", role=Role.LEAD_REVIEWER),
    NewPerson(login_name="osei", staff_number="D-1003", display_name="K. Osei", role=Role.REVIEWER),
    NewPerson(
        login_name="lindqvist",
        staff_number="D-1004",
        display_name="M. Lindqvist",
        role=Role.DETERMINATION_OFFICIAL,
    ),
    NewPerson(
        login_name="tanaka", staff_number="D-1005", display_name="S. Tanaka", role=Role.SECURITY_OFFICER
    ),
    NewPerson(login_name="moreau", staff_number="D-1006", display_name="J. Moreau", role=Role.TRAINER),
    NewPerson(login_name="feld", staff_number="D-1007", display_name="A. Feld", role=Role.COUNSEL),
    NewPerson(login_name="haddad", staff_number="D-1008", display_name="W. Haddad", role=Role.LEAD_REVIEWER),
)
CUSTODIAN = NewPerson(login_name="abara", staff_number="D-1001", display_name="N. Abara", role=Role.CUSTODIAN)

# Where the two reviewers of the sample case differ, and how the lead settles it.
_OSEI_DIFFERS = {"K6.5": Result.NOT_MET, "K5.7": Result.CANNOT_TELL}
# What the files of the sample say by their names; another package's first file serves where none fits.
_WHERE = {
    "K1": "cover-sheet",
    "K2": "manifest",
    "K3": "model-card",
    "K4": "evaluations",
    "K5": "evaluations",
    "K6": "safeguards",
    "K7": "terms",
    "K8": "release-plan",
}
_NOT_SHOWN = {"K4.4", "K4.7", "K4.8", "K5.10", "K7.2", "K6.5"}


@dataclass(frozen=True, kw_only=True)
class Told:
    """What the story left behind."""

    package: Package
    case: Case
    report: Report | None
    export: Export | None


@dataclass(kw_only=True)
class Story:
    """Tells the case over ``source``; ``say`` receives one line a step."""

    services: Services
    clock: SettableClock
    source: Path
    medium: Path
    say: Callable[[str], None]
    job: JobControl
    marking: str = "UNCLASSIFIED"
    to_window: timedelta = timedelta(days=2)  # then 30 days are left before the planned release

    def tell(self) -> Told:
        """The whole story; a package the examination rejects is returned as deficient, and it ends there."""
        self.set_up()
        case_id = self.open_case()
        package = self.receive(case_id)
        if package.outcome is Outcome.REJECT:
            return self._returned(case_id, package)
        self.review(case_id, package)
        self.find(case_id, package)
        self.conclude(case_id)
        report, export = self.release(case_id)
        with self.acting("osei") as session, session.look() as work:
            case = work.cases.get(case_id)
        return Told(package=package, case=case, report=report, export=export)

    @contextmanager
    def acting(self, login_name: str) -> Iterator[Session]:
        """One person at the workstation: unlock, act, lock."""
        session = sessions.unlock(self.services, login_name=login_name, passphrase=passphrase())
        try:
            yield session
        finally:
            sessions.lock(session, reason="person-left")

    def set_up(self) -> None:
        """First run: vault, signing authority, custodian; then the custodian enrols the others."""
        session = administering.first_run(
            self.services, office=OFFICE, custodian=CUSTODIAN, passphrase=passphrase()
        )
        try:
            for person in PEOPLE:
                administering.enrol(
                    session, person, custodian_passphrase=passphrase(), passphrase=passphrase()
                )
        finally:
            sessions.lock(session, reason="person-left")
        self._confirm()
        self.say(f"Vault created by the custodian; {len(PEOPLE)} people enrolled with slot and signing keys")

    def _confirm(self) -> None:
        """The official knows them too: nobody works whom only the custodian knows."""
        with self.acting("lindqvist") as session:
            with session.look() as work:
                waiting = [person for person in work.people.all() if not person.confirmed]
            for person in waiting:
                administering.confirm(session, person.person_id, staff_number=person.staff_number)

    def open_case(self) -> CaseId:
        """The lead opens the case with the release date the developer stated."""
        planned = (self.clock.now() + RELEASE_AHEAD).date()
        with self.acting("ibarra") as session:
            case = reviewing.open_case(
                session,
                reviewing.NewCase(
                    case_type=CaseType.PRE_RELEASE_ACCESS,
                    developer="Northwind Compute, Inc. (fictional)",
                    model="Aster-3",
                    checkpoint="aster-3-0219",
                    marking=self.marking,
                    planned_release_on=planned,
                ),
            )
            first, second = (
                administering.person_by_login(session, name).person_id for name in ("ibarra", "osei")
            )
            reviewing.assign_reviewers(session, case.case_id, first, second)
        self.say(f"Case {case.case_id} opened; planned release to trusted partners {planned}")
        return case.case_id

    def receive(self, case_id: CaseId) -> Package:
        """The second reviewer takes the package in; it stays in quarantine."""
        with self.acting("osei") as session:
            package = intake.receive(session, case_id, self.source, self.job)
        self.say(
            f"Package read, hashed, encrypted, examined: {package.file_count} files, "
            f"{package.total_bytes:,} bytes, outcome {package.outcome}, "
            f"under {', '.join(package.isolation) or 'no isolation'}"
        )
        return package

    def _returned(self, case_id: CaseId, package: Package) -> Told:
        heaviest = package.findings[0]
        with self.acting("ibarra") as session:
            reason = f"The examination found {heaviest.code} at {heaviest.path or 'the package'}."
            returned = quarantine.return_as_deficient(session, package.package_id, reason=reason)
            with session.look() as work:
                case = work.cases.get(case_id)
        self.say(f"Returned to the developer as deficient: {reason} Nothing was unpacked for use.")
        return Told(package=returned, case=case, report=None, export=None)

    def review(self, case_id: CaseId, package: Package) -> None:
        """Acceptance, the trigger day of the window, two blind checklists, settlement."""
        with self.acting("ibarra") as session:
            reason = (
                "Cautions read and understood; static material only."
                if package.outcome is Outcome.WARN
                else ""
            )
            quarantine.accept(session, package.package_id, reason=reason)
        self.clock.advance(self.to_window)
        with self.acting("ibarra") as session:
            case = reviewing.begin_evaluation(session, case_id)
            total = case.window.total_days if case.window else 0
        self.say(f"Accepted by name; evaluation begun, a window of {total} days")
        self._record_results(case_id)
        self.clock.advance(timedelta(days=9))
        for login_name, differs in (("ibarra", {}), ("osei", _OSEI_DIFFERS)):
            with self.acting(login_name) as session:
                reviewing.answer(session, case_id, *self._answers(session, package, differs))
                reviewing.submit_checklist(session, case_id)
            self.clock.advance(timedelta(days=1))
        self.say("Two reviewers answered blind and submitted; their differences are now visible")
        self._settle(case_id)

    def _record_results(self, case_id: CaseId) -> None:
        """The lead records what the logs of the package state; they are read by the invented profile."""
        with self.acting("ibarra") as session:
            found = benchmarks.imports(session, case_id).proposals
            for one in (proposal for proposal in found if not proposal.recorded):
                judged = benchmarks.Judged(note="Transcripts were not searched (demonstration).")
                benchmarks.take(session, case_id, one.untrusted_path, one.suite, one.metric, judged)
            view = benchmarks.view(session, case_id)
        told = word("told", view.reading.rule.told).lower()
        self.say(f"{len(view.results)} benchmark results recorded from logs; by an invented profile: {told}")

    def _answers(
        self, session: Session, package: Package, differs: dict[str, Result]
    ) -> list[reviewing.NewAnswer]:
        with session.look() as work:
            paths = [file.untrusted_path for file in work.packages.files(package.package_id)]
        answers = []
        for criterion in session.services.criteria.criteria:
            shown = Result.CANNOT_TELL if criterion.criterion_id in _NOT_SHOWN else Result.MET
            result = differs.get(criterion.criterion_id, shown)
            detail = "Seen in the package." if result is Result.MET else "The package does not show this."
            fitting = [path for path in paths if _WHERE[criterion.criterion_id[:2]] in path] or paths
            link = EvidenceLink(package_id=package.package_id, untrusted_path=fitting[0])
            evidence = (link,) if result is Result.MET else ()
            answers.append(
                reviewing.NewAnswer(
                    criterion_id=CriterionId(criterion.criterion_id),
                    result=result,
                    detail=detail,
                    evidence=evidence,
                )
            )
        return answers

    def _settle(self, case_id: CaseId) -> None:
        with self.acting("haddad") as session:  # who did not answer: nobody settles an own difference
            with session.look() as work:
                case = work.cases.get(case_id)
                unsettled = reviewing.checklist_of(session, work, case).unsettled()
            for criterion_id in unsettled:
                reason = (
                    "The more careful reading stands; the developer was asked for the missing measurement."
                )
                reviewing.settle(session, case_id, criterion_id, Result.CANNOT_TELL, reason=reason)
        self.say(f"A lead who did not answer settled {len(unsettled)} differences, each with a reason")

    def find(self, case_id: CaseId, package: Package) -> None:
        """One flaw, reported by one reviewer, validated by the other, drafted and signed as a referral."""
        with self.acting("osei") as session:
            with session.look() as work:
                paths = [file.untrusted_path for file in work.packages.files(package.package_id)]
            fitting = [path for path in paths if "safeguards" in path] or paths
            link = EvidenceLink(package_id=package.package_id, untrusted_path=fitting[0])
            found = findings.report(
                session,
                case_id,
                findings.NewFinding(
                    text=FindingText(
                        title="Filter is passed by a doubled encoding",
                        description="Invented: the input filter decodes once, the tools decode twice.",
                        component="input filter",
                        portion_marking="(U)",
                        evidence=(link,),
                        cwe="CWE-174",
                        cwe_name="Double Decoding of the Same Data",
                    ),
                    vectors=("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:L/I:L/A:N",),
                ),
            )
        with self.acting("ibarra") as session:
            findings.validate(session, found.finding_id, reason="Reproduced with the shipped filter.")
            text = ReferralText(
                title="A flaw in an input filter",
                recipient="Clearinghouse (DEMO)",
                summary="One validated flaw in the submitted safeguards. Invented.",
                portion_marking="(U)",
                marking=self.marking,
            )
            new = NewReferral(kind=ReferralKind.FLAW, text=text, finding_ids=(found.finding_id,))
            referral = clearinghouse.draft(session, case_id, new)
            clearinghouse.sign(session, referral.referral_id, passphrase(), self.job)
        self.say(f"Finding {found.finding_id} validated by the other reviewer; {referral.referral_id} signed")

    def conclude(self, case_id: CaseId) -> None:
        """Opinions with a dissent, the recommendation, and after three days the determination."""
        with self.acting("osei") as session:
            determining.give_opinion(
                session,
                case_id,
                conclusion=Conclusion.INSUFFICIENT_INFORMATION,
                reasons="Resistance to fine-tuning was not measured; I would wait for it.",
                dissents=True,
            )
        with self.acting("ibarra") as session:
            determining.give_opinion(
                session,
                case_id,
                conclusion=Conclusion.COVERED,
                reasons="Expert flags lie above the invented threshold; the range cannot be told.",
            )
            determining.recommend(
                session,
                case_id,
                conclusion=Conclusion.COVERED,
                reasons="Flag capture lies above the invented demonstration threshold.",
            )
        self.clock.advance(timedelta(days=3))
        self.determine(case_id)

    def determine(self, case_id: CaseId) -> None:
        """Every party the order names is asked, one stays silent; the official determines."""
        with self.acting("lindqvist") as session:
            today = session.today()
            for consultee in Consultee:
                silent = consultee is Consultee.DEPARTMENT_OF_WAR
                determining.record_consultation(
                    session,
                    case_id,
                    consultee,
                    asked_on=today - timedelta(days=2),
                    answered_on=None if silent else today,
                    answer="" if silent else "Concurs with the recommendation (demonstration).",
                )
            case = determining.determine(
                session,
                case_id,
                conclusion=Conclusion.COVERED,
                reasons="Determined on the recommendation and the record, the dissent read. A demonstration.",
            )
        assert case.state is CaseState.DETERMINED  # noqa: S101 - the story itself would be wrong
        self.say("Recommended with one dissent, four parties consulted, determined by the official")

    def release(self, case_id: CaseId) -> tuple[Report, Export]:
        """The reviewer signs and asks for the export; the officer signs last and writes the medium."""
        with self.acting("osei") as session:
            report = reporting.certify(session, case_id, passphrase(), self.job)
            request = exporting.request(session, report.report_id, recipient="Office of the Director (DEMO)")
        self.say(f"Report {report.report_id} composed and signed by the reviewer; export requested")
        medium = self.list_medium(self.medium)
        with self.acting("tanaka") as session:
            chosen = exporting.Release(medium=medium, medium_marking=self.marking)
            export = exporting.release(session, request.export_id, chosen, passphrase(), self.job)
        self.say(f"Released by the security officer, written, read back and compared: {export.ending}")
        return report, export

    def list_medium(self, folder: Path, *, name: str = MEDIUM_NAME) -> Medium:
        """The custodian puts a folder that stands for a medium on the office's list."""
        medium = self.services.media.folder_medium(str(folder))
        with self.acting("abara") as session:
            release_lists.add_medium(session, medium, name=name, marking=self.marking)
        return medium


def passphrase() -> bytearray:
    """A fresh copy, since every user of a passphrase wipes it."""
    return bytearray(PASSPHRASE.encode())
