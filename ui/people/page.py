"""The custodian's page: who is enrolled, and enrolling somebody."""

from PySide6.QtWidgets import QVBoxLayout

from ui.desk import Desk
from ui.page import Page
from ui.widgets import basics
from ui.widgets.tables import Table
from workstation.app import administering, queries
from workstation.app.wording import moment, word
from workstation.core.jobs import JobControl
from workstation.core.people import PassphrasesDiffer, Person, Role


class PeoplePage(Page):
    """A list and a form."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._table: Table[Person] = Table(
            "People",
            (
                ("Name", lambda p: p.display_name),
                ("Role", lambda p: word("role", p.role)),
                ("Login name", lambda p: p.login_name),
                ("Staff number", lambda p: p.staff_number),
                ("Enrolled", lambda p: moment(p.enrolled_at)),
            ),
            stretch=0,
        )
        self._roots = basics.selectable("", "small")
        self._texts = {name: basics.line() for name in ("display_name", "staff_number", "login_name")}
        self._role = basics.choice((str(role), word("role", role)) for role in Role)
        self._first, self._again, self._own = (basics.line(secret=True) for _ in range(3))
        rows = basics.form(
            (
                ("Name", self._texts["display_name"]),
                ("Staff number", self._texts["staff_number"]),
                ("Login name", self._texts["login_name"]),
                ("Role", self._role),
                ("The new person types a passphrase", self._first),
                ("And again", self._again),
                ("Your own passphrase, as custodian", self._own),
            )
        )
        self._enrol = basics.button("Enrol this person", self._pressed, primary=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(basics.label("People", "title"))
        layout.addWidget(self._table, 1)
        card = basics.card(basics.label("Enrol a person", "section"), rows, basics.row(self._enrol))
        layout.addWidget(basics.scrolling(basics.column(card, self._roots)), 2)

    def refresh(self) -> None:
        """Read the list."""
        session = self._desk.here
        self._table.show_rows(queries.people(session))
        fingerprints = "\n".join(administering.root_fingerprints(session))
        basics.set_text(
            self._roots, f"Roots of this office (SHA-384), to be told by another channel:\n{fingerprints}"
        )

    def focus_first(self) -> None:
        """The first field."""
        self._texts["display_name"].setFocus()

    def _pressed(self) -> None:
        first, again, own = (basics.take_secret(field) for field in (self._first, self._again, self._own))
        if first != again:
            self._desk.notices.explain(PassphrasesDiffer())
            return
        new = administering.NewPerson(
            display_name=self._texts["display_name"].text().strip(),
            staff_number=self._texts["staff_number"].text().strip(),
            login_name=self._texts["login_name"].text().strip(),
            role=Role(self._role.currentData()),
        )
        session = self._desk.here
        self._enrol.setEnabled(False)

        def work(_job: JobControl) -> Person:
            try:
                return administering.enrol(session, new, custodian_passphrase=own, passphrase=first)
            finally:
                for secret in (first, again, own):
                    secret[:] = bytes(len(secret))

        def done(person: Person) -> None:
            self._enrol.setEnabled(True)
            for field in self._texts.values():
                field.clear()
            self.refresh()
            self._desk.notices.tell(
                f"{person.display_name} is enrolled as {word('role', person.role).lower()}."
            )

        def failed(error: BaseException) -> None:
            self._enrol.setEnabled(True)
            self._desk.failed(error)

        self._desk.notices.dismiss()
        self._desk.jobs.start(work, done=done, failed=failed)
