"""The audit trail for people: pages of it, and proof that the chain holds."""

from collections.abc import Sequence

from workstation.app.services import Session
from workstation.app.veil import veiled
from workstation.core import events
from workstation.core.ports import AuditRow, AuditVerification
from workstation.core.values import CaseId


def note_clock_jump(session: Session, *, ahead_s: int) -> None:
    """The window saw the clock jump while somebody was at the desk; the work goes on."""
    with session.work() as work:
        work.record(events.ClockJumped(clock_read=session.services.clock.now(), ahead_s=ahead_s))


def page(
    session: Session, *, case_id: CaseId | None = None, before: int | None = None, limit: int = 200
) -> Sequence[AuditRow]:
    """Rows, newest first; pass the last row's ``seq`` as ``before`` for the next page.

    Answers of others to a checklist that is still blind are withheld.
    """
    with session.look() as work:
        rows = work.audit.page(case_id=case_id, before=before, limit=limit)
        return veiled(work, rows, session.person.person_id)


def verify(session: Session) -> AuditVerification:
    """Recompute every hash and MAC, and look up the head that each report has printed.

    A report whose printed head does not occur means that the trail was cut or replaced since.
    """
    with session.look() as work:
        answer = work.audit.verify()
        if answer.broken_seq is not None:
            return answer
        printed = {report.audit_head for case in work.cases.ids() for report in work.releases.reports(case)}
        missing = work.audit.missing(printed)
    if missing:
        return AuditVerification(
            rows=answer.rows,
            head_sha384=answer.head_sha384,
            broken_seq=answer.rows + 1,
            reason="head-missing",
        )
    return answer
