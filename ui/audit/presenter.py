"""The audit trail of the workstation and of one case, without widgets."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from ui.desk import Desk
from ui.presenting import CasePart
from workstation.app import auditing, queries
from workstation.app.services import Session
from workstation.core.ports import AuditRow, AuditVerification

_PAGE_ROWS = queries.PAGE_ROWS


class RowsView(Protocol):
    """A table that can be continued."""

    def know_people(self, names: Mapping[str, str]) -> None:
        """Names to tell in the place of identifiers."""

    def show_rows(self, rows: Sequence[AuditRow], *, more: bool) -> None:
        """Replace all rows; ``more`` says whether older ones follow."""

    def add_rows(self, rows: Sequence[AuditRow], *, more: bool) -> None:
        """Continue at the end."""


class AuditView(RowsView, Protocol):
    """The page of the whole trail."""

    def show_answer(self, text: str) -> None:
        """Whether the chain holds."""


class AuditPresenter:
    """Newest first, and the proof that the chain holds."""

    def __init__(self, view: AuditView, desk: Desk) -> None:
        self._view, self._desk = view, desk
        self._marking = ""

    def refresh(self) -> None:
        """The newest rows, and the marking of every case: rows of any may be on screen."""
        self._desk.read("audit", _newest, self._show)

    def _show(self, found: tuple[Sequence[AuditRow], str, Mapping[str, str]]) -> None:
        rows, self._marking, names = found
        self._view.know_people(names)
        # The banner covers a row before the row is on screen.
        self._desk.routes.marking_changed()
        self._view.show_rows(rows, more=len(rows) == _PAGE_ROWS)

    def marking(self) -> str:
        """Covers every case, whichever rows are shown."""
        return self._marking

    def show_more(self, last: AuditRow) -> None:
        """Rows before the last one shown."""
        rows = auditing.page(self._desk.here, before=last.seq, limit=_PAGE_ROWS)
        self._view.add_rows(rows, more=len(rows) == _PAGE_ROWS)

    def verify(self) -> None:
        """Recompute the chain in a job."""
        session = self._desk.here
        self._desk.notices.dismiss()
        self._view.show_answer("Recomputing every row")
        self._desk.jobs.start(lambda _job: auditing.verify(session), done=self._answer, failed=self._failed)

    def _answer(self, answer: AuditVerification) -> None:
        if answer.broken_seq is None:
            text = f"The chain holds over {answer.rows:,} rows. Head {answer.head_sha384}"
        else:
            text = (
                f"THE CHAIN DOES NOT HOLD from row {answer.broken_seq} ({answer.reason}). Preserve this disk "
                "and tell the security officer."
            )
        self._view.show_answer(text)

    def _failed(self, error: BaseException) -> None:
        if self._desk.session is not None:
            self._view.show_answer("")
        self._desk.failed(error)


def _newest(session: Session) -> tuple[Sequence[AuditRow], str, Mapping[str, str]]:
    rows = auditing.page(session, limit=_PAGE_ROWS)
    markings = [row.marking for row in queries.case_rows(session)]
    names = {str(person.person_id): person.display_name for person in queries.people(session)}
    return rows, queries.covering_marking(session, markings), names


class HistoryPresenter(CasePart):
    """What happened on one case, newest first, uncapped."""

    def __init__(self, view: RowsView, desk: Desk, changed: Callable[[], None]) -> None:
        super().__init__(desk, changed)
        self._rows = view

    def show(self, view: queries.CaseView) -> None:
        """The newest rows of the case."""
        super().show(view)
        self._rows.know_people({str(who): one.display_name for who, one in view.people.items()})
        rows = queries.history(self.desk.here, view.row.case_id)
        self._rows.show_rows(rows, more=len(rows) == _PAGE_ROWS)

    def show_more(self, last: AuditRow) -> None:
        """Rows before the last one shown."""
        rows = queries.history(self.desk.here, self.case_id, before=last.seq)
        self._rows.add_rows(rows, more=len(rows) == _PAGE_ROWS)
