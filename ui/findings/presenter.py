"""Findings of one case, without widgets: judge another's, score, embargo, note the patch."""

from collections.abc import Callable, Sequence

from ui.findings.shown import ActFields, FindingLine, FindingShown
from ui.findings.writing import FindingWriting
from ui.shown import HistoryLine, Pairs, lines
from workstation.app import findings, queries
from workstation.app.wording import word
from workstation.core.findings import Embargo, Finding, FindingKind, FindingState, PatchState
from workstation.core.people import Duty
from workstation.core.values import EvidenceLink, FindingId

_JUDGED = frozenset({FindingState.VALIDATED, FindingState.DUPLICATE, FindingState.REJECTED})
_STANDING = frozenset({FindingState.REPORTED, FindingState.VALIDATED, FindingState.REFERRED})


class FindingsPresenter(FindingWriting):
    """Shows, reports, judges. Nothing typed is lost: the form is a draft until it is recorded."""

    def show(self, view: queries.CaseView) -> None:
        """Read the findings and keep the place."""
        super().show(view)
        found = findings.of_case(self.desk.here, view.row.case_id)
        self._found = {one.finding_id: one for one in found}
        self._offer_sources(view)
        self._page.show_rows(
            [_line(one) for one in found], self._about(view, found), may_report=self._may_report
        )
        if self._at not in self._found:
            self._at = None
        if self._writing and self._writing in self._found:
            self.begin_revision(self._writing)
        elif self._writing is not None or (self._at is None and self.draft("finding") and self._may_report):
            self.begin()
        elif self._at is not None:
            self.choose(self._at)
        elif found:
            self.choose(found[0].finding_id)
        else:
            self._show_none()

    def _show_none(self) -> None:
        self._page.show_nothing(self._nothing(self.case))

    @property
    def _may_report(self) -> bool:
        accepted = self.case.package is not None and self.case.package.decided_by is not None
        return accepted and Duty.RECORD_FINDING in self.case.allowed

    def _nothing(self, view: queries.CaseView) -> str:
        if self._may_report:
            return "No finding is recorded. Press \u201cReport a finding\u201d to write the first one down."
        if view.package is None or view.package.decided_by is None:
            return "No finding is recorded. Findings are reported once a package has been accepted."
        return "No finding is recorded that you may see. Reviewers report findings."

    def _about(self, view: queries.CaseView, found: Sequence[Finding]) -> str:
        waiting = sum(one.state is FindingState.REPORTED for one in found)
        words = f"{len(found)} recorded, {waiting} not yet judged by another person."
        if view.case.is_blind:
            words += " Until both reviewers have submitted you see your own only."
        return words

    # --- one of them -------------------------------------------------------------------------------

    def choose(self, finding_id: FindingId) -> None:
        """Show one finding."""
        if finding_id not in self._found:
            return
        self._writing, self._at = None, finding_id
        seen = findings.view(self.desk.here, finding_id)
        finding = seen.finding
        kept = self.draft(f"finding-act-{finding_id}")
        fields = ActFields(
            reason=kept.get("reason", ""),
            vectors="\n".join(one.vector for one in finding.scores),
            patch=str(finding.patch),
            note=finding.patch_note,
            parties="\n".join(finding.embargo.parties) if finding.embargo else "",
            until=finding.embargo.until if finding.embargo else self.desk.here.today(),
        )
        others = [
            one for one in self._found.values() if one.finding_id != finding_id and one.kind is finding.kind
        ]
        others.sort(key=lambda one: one.finding_id not in seen.resembles)
        self._page.show_finding(
            FindingShown(
                finding_id=finding_id,
                title=f"{finding_id}: {finding.text.title}",
                facts=self._facts(seen),
                history=tuple(self._change(finding, number) for number in range(len(finding.history))),
                links=finding.text.evidence,
                acts=self._acts(seen),
                others=tuple(
                    (
                        one.finding_id,
                        f"{one.finding_id}: {one.text.title}"
                        + (" (same place)" if one.finding_id in seen.resembles else ""),
                    )
                    for one in others
                    if one.state in _STANDING
                ),
                fields=fields,
            )
        )

    def _facts(self, seen: findings.FindingView) -> Pairs:
        one, dates = seen.finding, self.desk.dates
        pairs = [
            ("State", word("finding-state", one.state)),
            ("Kind", word("finding-kind", one.kind)),
            ("Portion mark", one.text.portion_marking),
            ("What", one.text.description),
            ("Affected", one.text.component),
        ]
        if one.text.cwe:
            pairs.append(("Weakness", f"{one.text.cwe} {one.text.cwe_name}".strip()))
        pairs += [
            (f"CVSS {s.version}", f"{s.base:.1f}, {word('cvss-severity', s.severity)}: {s.vector}")
            for s in one.scores
        ]
        pairs.append(("Patch", f"{word('patch-state', one.patch)}. {one.patch_note}".strip()))
        if one.embargo:
            over = " (over)" if one.embargo.is_over(self.desk.here.today()) else ""
            parties = ", ".join(one.embargo.parties)
            pairs.append(("Embargo", f"until {dates.day(one.embargo.until)} (UTC){over}, with {parties}"))
        if one.duplicate_of:
            pairs.append(("Told by", one.duplicate_of))
        like = ", ".join((*seen.resembles, *seen.elsewhere))
        if like:
            pairs.append(("At the same place", like))
        if one.referrals:
            pairs.append(("Referred with", ", ".join(one.referrals)))
        return tuple(pairs)

    def _change(self, finding: Finding, number: int) -> HistoryLine:
        change = finding.history[number]
        who = self.case.people[change.by].display_name
        act = word("finding-act", change.act)
        return self.desk.dates.moment(change.at), who, act, change.reason

    def _acts(self, seen: findings.FindingView) -> frozenset[str]:
        state, may = seen.finding.state, self.case.allowed
        acts: set[str] = set()
        if Duty.VALIDATE_FINDING in may and seen.judgeable:
            if state is FindingState.REPORTED:
                acts |= {"validate", "reject", "duplicate"}
            if state is FindingState.VALIDATED:
                acts |= {"reject", "duplicate"}
        if Duty.RECORD_FINDING in may:
            if state is FindingState.REPORTED:
                acts.add("revise")
            if state in _JUDGED:
                acts.add("reopen")
            if state in _STANDING:
                acts |= {"patch", "embargo"}
                if seen.finding.kind is FindingKind.FLAW:
                    acts.add("score")
        return frozenset(acts)

    def type_reason(self, finding_id: str, reason: str) -> None:
        """Keep what is typed."""
        self.typed(f"finding-act-{finding_id}", {"reason": reason} if reason else {})

    def do(self, name: str, finding_id: str, fields: ActFields) -> None:
        """One of the acts that were on offer."""
        if name == "revise":
            self.begin_revision(FindingId(finding_id))
            return
        one, session = FindingId(finding_id), self.desk.here
        parties, reason = lines(fields.parties), fields.reason.strip()
        acts: dict[str, tuple[Callable[[], object], str]] = {
            "validate": (lambda: findings.validate(session, one, reason=reason), "Validated."),
            "reject": (lambda: findings.reject(session, one, reason=reason), "Rejected, with your reason."),
            "duplicate": (
                lambda: findings.mark_duplicate(session, one, FindingId(fields.duplicate_of), reason=reason),
                "Marked as told by the other finding.",
            ),
            "reopen": (lambda: findings.reopen(session, one, reason=reason), "Reopened."),
            "score": (lambda: findings.score(session, one, *lines(fields.vectors)), "Scored."),
            "patch": (
                lambda: findings.note_patch(session, one, PatchState(fields.patch), note=fields.note.strip()),
                "Patch state noted.",
            ),
            "embargo": (
                lambda: findings.set_embargo(
                    session, one, Embargo(until=fields.until, parties=parties, reason=reason)
                ),
                "Embargo recorded.",
            ),
            "lift": (
                lambda: findings.set_embargo(session, one, None, reason=reason),
                "Embargo lifted.",
            ),
        }
        act, told = acts[name]
        if self.desk.attempt(act):
            self.typed(f"finding-act-{finding_id}", {})
            self.changed()
            self.desk.notices.tell(told)

    def open_evidence(self, link: EvidenceLink) -> None:
        """Show the place a finding rests on."""
        self.desk.wanted = link
        self.desk.routes.show_case(self.case_id, "package")


def _line(one: Finding) -> FindingLine:
    worst = one.worst
    return FindingLine(
        finding_id=one.finding_id,
        title=one.text.title,
        state=word("finding-state", one.state),
        score=f"{worst.base:.1f} {word('cvss-severity', worst.severity)}" if worst else "-",
    )
