"""The audit trail of the workstation, and of one case."""

from collections.abc import Callable

from PySide6.QtWidgets import QVBoxLayout

from ui.desk import Desk
from ui.page import Page
from ui.tab import Tab
from ui.widgets import basics
from ui.widgets.tables import Table
from workstation.app import auditing, queries
from workstation.app.wording import moment, word
from workstation.core.ports import AuditRow, AuditVerification


def _table(name: str) -> Table[AuditRow]:
    return Table(
        name,
        (
            ("Row", lambda row: str(row.seq)),
            ("When", lambda row: moment(row.at)),
            ("Who", lambda row: row.actor_name),
            ("Role", lambda row: word("role", row.role)),
            ("What", lambda row: row.event),
            ("Case", lambda row: row.case_id),
            ("Facts", lambda row: row.body_json),
        ),
        stretch=6,
    )


class AuditPage(Page):
    """Newest first, and the proof that the chain holds."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._rows = _table("Audit trail")
        self._answer = basics.label("", "section")
        verify = basics.button("Prove the chain", self._verify, primary=True)
        self._more = basics.button("Show older rows", self._show_more)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(basics.label("Audit trail", "title"))
        layout.addWidget(basics.row(verify, self._more))
        layout.addWidget(self._answer)
        layout.addWidget(self._rows, 1)

    def refresh(self) -> None:
        """The newest rows."""
        self._rows.show_rows(auditing.page(self._desk.here))

    def focus_first(self) -> None:
        """The rows."""
        self._rows.setFocus()

    def marking(self) -> str:
        """Rows of every case may be on screen."""
        rows = queries.case_rows(self._desk.here)
        return queries.covering_marking(self._desk.here, [row.marking for row in rows])

    def _show_more(self) -> None:
        last = self._rows.rows.rowCount() - 1
        if last >= 0:
            before = self._rows.rows.row_at(last).seq
            self._rows.rows.append_rows(auditing.page(self._desk.here, before=before))

    def _verify(self) -> None:
        session = self._desk.here
        self._desk.jobs.start(
            lambda _job: auditing.verify(session), done=self._show, failed=self._desk.failed
        )

    def _show(self, answer: AuditVerification) -> None:
        if answer.broken_seq is None:
            text = f"The chain holds over {answer.rows} rows. Head {answer.head_sha384}"
        else:
            text = (
                f"THE CHAIN DOES NOT HOLD from row {answer.broken_seq} ({answer.reason}). Preserve this disk."
            )
        basics.set_text(self._answer, text)


class HistoryTab(Tab):
    """What happened on one case, newest first, uncapped."""

    def __init__(self, desk: Desk, changed: Callable[[], None]) -> None:
        super().__init__(desk, changed)
        self._view: queries.CaseView | None = None
        self._rows = _table("History of the case")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.addWidget(self._rows, 1)
        layout.addWidget(basics.row(basics.button("Show older rows", self._show_more)))

    def show_view(self, view: queries.CaseView) -> None:
        """The newest rows of the case."""
        self._view = view
        self._rows.show_rows(queries.history(self.desk.here, view.row.case_id))

    def focus_first(self) -> None:
        """The rows."""
        self._rows.setFocus()

    def _show_more(self) -> None:
        last = self._rows.rows.rowCount() - 1
        if self._view is not None and last >= 0:
            before = self._rows.rows.row_at(last).seq
            case_id = self._view.row.case_id
            self._rows.rows.append_rows(queries.history(self.desk.here, case_id, before=before))
