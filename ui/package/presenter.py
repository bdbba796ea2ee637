"""The submission package, without widgets: receiving it, what was found, what was not looked at, deciding."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ui.desk import Desk
from ui.presenting import CasePart
from workstation.app import amendments, file_lists, intake, quarantine, queries
from workstation.app.reasons import reason as reason_of
from workstation.app.wording import exact_size, size, walls, word
from workstation.core.cases import CaseState
from workstation.core.examination import Coverage, Finding
from workstation.core.jobs import JobControl
from workstation.core.packages import Package, PackageFile, PackageState
from workstation.core.people import Duty
from workstation.core.values import PackageId
from workstation.core.viewing import Place

_DRAFT = "package-decision"
_CANNOT = "It cannot be accepted as it is: read the findings, then return it with your reason."
_RECEIVABLE = {CaseState.AWAITING_PACKAGE, CaseState.DEFICIENT}


@dataclass(frozen=True, kw_only=True)
class PackageShown:
    """What the page shows of a stored package."""

    facts: tuple[tuple[str, str], ...]
    findings: tuple[Finding, ...]
    may_decide: bool
    objection: str  # why it cannot be accepted; empty where it can
    reason: str  # as typed earlier
    packages: tuple[tuple[str, str], ...]  # identifier and words of each received one, newest first
    package_id: str


class PackageView(Protocol):
    """The page as the presenter sees it."""

    def show_receiving(self, *, offered: bool, resuming: bool) -> None:
        """The way to receive a submission."""

    def show_package(self, shown: PackageShown | None) -> None:
        """A stored package, or none yet."""

    def show_files(self, files: Sequence[PackageFile], *, more: bool) -> None:
        """The first files by path."""

    def add_files(self, files: Sequence[PackageFile], *, more: bool) -> None:
        """Further files."""


class PackagePresenter(CasePart):
    """Receive, look, decide."""

    def __init__(
        self,
        view: PackageView,
        desk: Desk,
        changed: Callable[[], None],
        opened: Callable[[PackageId, str, Place | None], None],
    ) -> None:
        super().__init__(desk, changed)
        self._page, self._opened = view, opened
        self._received: tuple[Package, ...] = ()  # newest first
        self._shown: Package | None = None
        self._only: Coverage | None = None  # the word whose files are listed
        self._chosen: PackageId | None = None  # another one than the present, wished for by the person

    def show(self, view: queries.CaseView) -> None:
        """Where the package stands."""
        if self._view is None or view.row.case_id != self.case_id:
            self._chosen = None
        super().show(view)
        package = view.package
        receiving = package is not None and package.state is PackageState.RECEIVING
        offered = view.row.state in _RECEIVABLE and Duty.RECEIVE_PACKAGE in view.allowed
        self._page.show_receiving(offered=offered, resuming=receiving)
        self._received = amendments.received(self.desk.here, self.case_id)
        self._show_package()
        self._open_wanted()

    def _show_package(self) -> None:
        """The package that was wished for, else the present one, else the newest that was received whole."""
        view, present = self.case, self.case.package
        by_id = {package.package_id: package for package in self._received}
        wished = by_id.get(self._chosen or PackageId(""))
        package = wished or by_id.get(present.package_id if present else PackageId(""))
        package = package or next(iter(self._received), None)
        self._shown = package
        if package is None:
            self._page.show_package(None)
            return
        is_present = present is not None and package.package_id == present.package_id
        decidable = package.state is PackageState.QUARANTINED and Duty.ACCEPT_PACKAGE in view.allowed
        self._page.show_package(
            PackageShown(
                facts=self._facts(view, package),
                findings=tuple(package.findings),
                may_decide=decidable and is_present,
                objection=_CANNOT if quarantine.objection(package) is not None else "",
                reason=self.draft(_DRAFT).get("reason", ""),
                packages=tuple((one.package_id, self._named(one)) for one in self._received),
                package_id=package.package_id,
            )
        )
        self._show_files(package.package_id)

    def filter_files(self, only: str) -> None:
        """Only the files of one of the five words; all of them for an empty one."""
        self._only = Coverage(only) if only else None
        if self._shown is not None:
            self._show_files(self._shown.package_id)

    def _show_files(self, package_id: PackageId) -> None:
        only = self._only

        def show(files: Sequence[PackageFile]) -> None:
            if self._shown is not None and self._shown.package_id == package_id:
                self._page.show_files(files, more=len(files) == file_lists.PAGE_ROWS)

        self.desk.read(
            "files of the package", lambda session: file_lists.files(session, package_id, only=only), show
        )

    def _named(self, package: Package) -> str:
        received = f", {self.desk.dates.moment(package.received_at)}" if package.received_at else ""
        return f"{package.untrusted_name}, {word('package-state', package.state).lower()}{received}"

    def choose_package(self, package_id: str) -> None:
        """Show another package of the case."""
        self._chosen = PackageId(package_id)
        self._show_package()

    def compared(self) -> tuple[Package, tuple[Package, ...]] | None:
        """The newest package and those before it; None where there is only one."""
        newest, *earlier = self._received or (None,)
        return (newest, tuple(earlier)) if newest is not None and earlier else None

    def _open_wanted(self) -> None:
        """The evidence of an answer that the person asked to see, whichever package of the case it is in."""
        link, self.desk.wanted = self.desk.wanted, None
        if link is not None and link.package_id in {package.package_id for package in self._received}:
            self._opened(link.package_id, link.untrusted_path, Place.parse(link.anchor))

    def open_file(self, file: PackageFile) -> None:
        """Show one file."""
        self._opened(file.package_id, file.untrusted_path, None)

    def _facts(self, view: queries.CaseView, package: Package) -> tuple[tuple[str, str], ...]:
        dates = self.desk.dates
        coverage = amendments.coverage(self.desk.here, package.package_id)
        words = (Coverage.DANGEROUS, Coverage.INCONCLUSIVE, Coverage.NOTHING_FOUND, Coverage.UNSEEN)
        counts = ", ".join(f"{word('coverage', one)} {coverage.get(str(one), 0):,}" for one in words)
        received = dates.moment(package.received_at) if package.received_at else "-"
        pairs = [
            ("Name", package.untrusted_name),
            ("State", word("package-state", package.state)),
            ("Examination", word("outcome", package.outcome)),
            ("Files", f"{package.file_count:,}, {size(package.total_bytes)}"),
            ("Files by word", counts),
            (word("coverage", Coverage.SEEN), f"{coverage.get('opened', 0):,} by a reviewer"),
            ("Examined under", walls(package.isolation)),
            ("Received", f"{received} by {view.people[package.received_by].display_name}"),
            ("Package SHA-384", package.digest_sha384),
        ]
        if package.decided_by and package.decided_at:
            who = view.people[package.decided_by].display_name
            decided = f"{dates.moment(package.decided_at)} by {who}. {package.decision_reason}"
            pairs.append(("Decided", decided.strip()))
        return tuple(pairs)

    def typed_reason(self, text: str) -> None:
        """Keep what is typed."""
        self.typed(_DRAFT, {"reason": text} if text else {})

    def accept(self, reason: str) -> None:
        """Accept out of quarantine by name."""
        self._decide(quarantine.accept, reason)

    def return_it(self, reason: str) -> None:
        """Return to the developer as deficient."""
        self._decide(quarantine.return_as_deficient, reason)

    def _decide(self, decide: Callable[..., Package], reason: str) -> None:
        package_id = self._package_id()
        if self.desk.attempt(lambda: decide(self.desk.here, package_id, reason=reason)):
            self.typed(_DRAFT, {})
            self.changed()
            self.desk.notices.tell("Recorded under your name.")

    def _package_id(self) -> PackageId:
        package = self.case.package
        if package is None:
            raise RuntimeError("no package shown")
        return package.package_id

    def receive(self, source: Path) -> None:
        """Read the submission in a job; the window stays usable."""
        case_id, session = self.case_id, self.desk.here

        def work(job: JobControl) -> Package:
            return intake.receive(session, case_id, source, job)

        def done(package: Package) -> None:
            if self.desk.session is session:
                self.changed()
                broken = quarantine.objection(package)
                if broken is not None:
                    self.desk.notices.explain(broken)
                    return
                self.desk.notices.tell(f"Received {package.file_count:,} files. They wait in quarantine.")

        def failed(error: BaseException) -> None:
            if self.desk.session is session:
                self.changed()
                self.desk.failed(error)

        self.desk.notices.dismiss()
        self.desk.jobs.start(work, done=done, failed=failed)

    def show_more(self, last: PackageFile) -> None:
        """Files after the last one shown."""
        after = last.untrusted_path
        files = file_lists.files(self.desk.here, last.package_id, only=self._only, after=after)
        self._page.add_files(files, more=len(files) == file_lists.PAGE_ROWS)


def file_facts(file: PackageFile) -> tuple[tuple[str, str], ...]:
    """Everything about one file."""
    findings = [finding_words(finding) for finding in file.findings]
    return (
        ("File", file.untrusted_path),
        ("Kind and size", f"{file.kind}, {exact_size(file.size_bytes)}"),
        ("Examination", word("coverage", file.coverage)),
        ("Opened by a reviewer", "yes" if file.opened else "no"),
        ("Manifest", word("fixity", file.fixity)),
        ("SHA-384", file.sha384),
        ("Findings", "\n".join(findings) or "none"),
    )


def finding_facts(finding: Finding) -> tuple[tuple[str, str], ...]:
    """Everything about one finding, with what to do."""
    reason = reason_of(finding.code)
    return (
        ("Finding", f"{reason.title} ({finding.code})"),
        ("Weight", word("severity", finding.severity)),
        ("File", finding.path or "the package as a whole"),
        ("What was seen", " ".join(part for part in (reason.what, finding.detail) if part)),
        ("What to do", reason.next or "-"),
    )


def finding_words(finding: Finding) -> str:
    """One line for a finding."""
    return f"{word('severity', finding.severity)}: {reason_of(finding.code).title}. {finding.detail}".strip()
