"""Findings being written, without widgets: a new one, one begun from elsewhere, one that is said better."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import asdict, replace

from ui.desk import Desk
from ui.findings.shown import FindingFields, FindingsView, ToolLine
from ui.presenting import CasePart
from ui.shown import lines
from workstation.app import finding_sources, findings, queries
from workstation.app.finding_sources import ToolResult
from workstation.app.reasons import reason as reason_of
from workstation.core.findings import Finding, FindingKind, FindingText, Origin, OriginKind
from workstation.core.packages import Package
from workstation.core.values import FindingId

_MOST_PATHS = 2_000
_MOST_NOTED = 500


class FindingWriting(CasePart, ABC):
    """Nothing typed is lost: the form is a draft until it is recorded."""

    def __init__(self, view: FindingsView, desk: Desk, changed: Callable[[], None]) -> None:
        super().__init__(desk, changed)
        self._page = view
        self._found: dict[FindingId, Finding] = {}
        self._at: FindingId | None = None
        self._writing: FindingId | None = None  # empty while it is a new one
        self._sources_of = self._report = ""
        self._results: dict[int, ToolResult] = {}

    @property
    @abstractmethod
    def _may_report(self) -> bool:
        """Whether the person may write findings of this case down."""

    @abstractmethod
    def choose(self, finding_id: FindingId) -> None:
        """Show one finding."""

    @abstractmethod
    def _show_none(self) -> None:
        """Show that there is none."""

    # --- where one can begin -----------------------------------------------------------------------

    def _offer_sources(self, view: queries.CaseView) -> None:
        package, noted = view.package, self.desk.noted
        if package is not None and package.package_id != self._sources_of:
            self._sources_of = package.package_id
            names = [
                (str(number), f"{reason_of(one.code).title}: {one.path or 'the package'}")
                for number, one in enumerate(package.findings[:_MOST_NOTED])
            ]
            paths = queries.paths(self.desk.here, package.package_id, limit=_MOST_PATHS)
            self._page.show_sources(paths, names)
        self._offer_reports(package)
        here = noted is not None and package is not None and noted.package_id == package.package_id
        self._page.offer_place(f"{noted.anchor} of {noted.untrusted_path}" if noted and here else "")

    def _offer_reports(self, package: Package | None) -> None:
        if package is None or not self._may_report:
            self._page.show_reports(())
            return
        package_id = package.package_id
        self.desk.read(
            "tool-reports", lambda session: finding_sources.reports(session, package_id), self._show_reports
        )

    def _show_reports(self, paths: tuple[str, ...]) -> None:
        self._page.show_reports(paths)
        if paths:
            self.open_report(self._report if self._report in paths else paths[0])

    def open_report(self, path: str) -> None:
        """List what one of the tools' reports says."""
        package = self.case.package
        if package is None or not path:
            return
        self._report, case_id, package_id = path, self.case_id, package.package_id
        self.desk.read(
            "tool-results",
            lambda session: finding_sources.of_tool(session, case_id, package_id, path),
            self._show_results,
        )

    def _show_results(self, found: tuple[ToolResult, ...]) -> None:
        self._results = {one.number: one for one in found}
        known = sum(one.known is not None for one in found)
        self._page.show_results(
            [
                ToolLine(
                    number=one.number,
                    level=one.level or "-",
                    rule=one.new.origin.rule or "-",
                    says=one.new.text.title,
                    known=one.known or "-",
                )
                for one in found
            ],
            f"{len(found):,} results, {known:,} of them recorded already. The tool's words are not judged.",
        )

    def begin_from_result(self, number: int) -> None:
        """Fill the form from one result, to be finished by the person."""
        one = self._results.get(number)
        if one is not None:
            self._begin_with(one.new)

    def take_result(self, number: int) -> None:
        """Record one result as the tool states it; another person judges it like any other."""
        one = self._results.get(number)
        if one is None or one.known is not None:
            return
        made: list[Finding] = []
        if self.desk.attempt(lambda: made.append(findings.report(self.desk.here, self.case_id, one.new))):
            self._recorded(made[0], "Recorded as the tool states it. Another reviewer judges it.")

    def begin_from(self, number: str) -> None:
        """Fill the form from what the examination noted."""
        package = self.case.package
        if package is not None and number:
            self._begin_with(
                finding_sources.from_examination(package.package_id, package.findings[int(number)])
            )

    def _begin_with(self, new: findings.NewFinding) -> None:
        text, link = new.text, next(iter(new.text.evidence), None)
        fields = FindingFields(
            title=text.title,
            description=text.description,
            component=text.component,
            evidence=link.untrusted_path if link else "",
            anchor=link.anchor if link else "",
            origin=str(new.origin.kind),
            tool=new.origin.tool,
            rule=new.origin.rule,
        )
        self._writing, self._at = FindingId(""), None
        self.type_finding(fields)
        self._page.show_form(fields, is_draft=True)

    # --- writing -----------------------------------------------------------------------------------

    def begin(self) -> None:
        """The form for a new one, as it was left."""
        self._writing, self._at = FindingId(""), None
        kept = dict(self.draft("finding"))
        self._page.show_form(FindingFields.of_draft(kept), is_draft=bool(kept))

    def begin_revision(self, finding_id: FindingId) -> None:
        """The form over what a finding says now, as it was left."""
        self._writing, self._at = finding_id, None
        kept = dict(self.draft(f"finding-revise-{finding_id}"))
        fields = FindingFields.of_draft(kept) if kept else FindingFields.of(self._found[finding_id])
        self._page.show_form(fields, is_draft=bool(kept))

    def leave_form(self) -> None:
        """Back to the list; what was typed stays as a draft."""
        at, self._writing = self._writing or next(iter(self._found), None), None
        if at is None:
            self._show_none()
        else:
            self.choose(at)

    def type_finding(self, fields: FindingFields) -> None:
        """Keep what is typed."""
        if fields.revises:
            same = fields == FindingFields.of(self._found[FindingId(fields.revises)])
            self.typed(f"finding-revise-{fields.revises}", {} if same else asdict(fields))
        else:
            self.typed("finding", {} if fields == FindingFields() else asdict(fields))

    def use_noted(self, fields: FindingFields) -> None:
        """Take the place noted while looking at a file."""
        noted = self.desk.noted
        if noted is not None:
            placed = replace(fields, evidence=noted.untrusted_path, anchor=noted.anchor)
            self.type_finding(placed)
            self._page.show_form(placed, is_draft=True)

    def report(self, fields: FindingFields) -> None:
        """Record it, or the better words for it."""
        package = self.case.package
        if package is None:
            return
        made: list[Finding] = []

        def record() -> None:
            if fields.revises:
                text = replace(_text(fields, package), fingerprints=())
                one = FindingId(fields.revises)
                made.append(findings.revise(self.desk.here, one, text, reason=fields.reason.strip()))
                return
            new = findings.NewFinding(
                text=_text(fields, package),
                kind=FindingKind(fields.kind),
                origin=Origin(kind=OriginKind(fields.origin), tool=fields.tool, rule=fields.rule),
                vectors=lines(fields.vectors),
            )
            made.append(findings.report(self.desk.here, self.case_id, new))

        if self.desk.attempt(record):
            self.typed(f"finding-revise-{fields.revises}" if fields.revises else "finding", {})
            told = "Said better; whoever judges it may have written none of it."
            self._recorded(made[0], told if fields.revises else "Recorded. Another reviewer judges it.")

    def _recorded(self, finding: Finding, told: str) -> None:
        self._writing, self._at = None, finding.finding_id
        self.changed()
        self._page.go_to(list(self._found).index(finding.finding_id))
        self.desk.notices.tell(told)


def _text(fields: FindingFields, package: Package) -> FindingText:
    return FindingText(
        title=fields.title.strip(),
        description=fields.description.strip(),
        component=fields.component.strip(),
        portion_marking=fields.portion.strip(),
        cwe=fields.cwe.strip().upper(),
        cwe_name=fields.cwe_name.strip(),
        evidence=fields.links(package.package_id),
    )
