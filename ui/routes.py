"""Which page is shown when. A page is one entry in the table; the window itself knows none."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from ui.audit.page import AuditPage
from ui.cases.page import CasesPage
from ui.cases.workspace import CaseWorkspace
from ui.desk import Desk
from ui.export.releases import ReleasesPage
from ui.export.verify import VerifyPage
from ui.page import Page
from ui.people.page import PeoplePage
from ui.unlock.presenter import SetUpPresenter, UnlockPresenter
from ui.unlock.view import ConsentPage, SetUpPage, UnlockPage
from workstation.core.people import Role
from workstation.core.values import CaseId

_HOME = {Role.SECURITY_OFFICER: "releases", Role.CUSTODIAN: "people"}


class Router(QObject):
    """Makes pages, shows them, and forgets them all when the vault locks."""

    shown = Signal(str)  # the page's marking
    arrived = Signal(str)  # the page's name

    def __init__(self, desk: Desk, stack: QStackedWidget) -> None:
        super().__init__()
        self._desk, self._stack = desk, stack
        self._pages: dict[str, Page] = {}
        self._makers: dict[str, Callable[[Desk], Page]] = {
            "cases": CasesPage,
            "releases": ReleasesPage,
            "people": PeoplePage,
            "audit": AuditPage,
            "verify": VerifyPage,
        }
        self._consent, self._unlock, self._set_up = ConsentPage(), UnlockPage(), SetUpPage()
        self._unlock_presenter = UnlockPresenter(self._unlock, desk)
        set_up = SetUpPresenter(self._set_up, desk)
        self._unlock.submitted.connect(self._unlock_presenter.unlock)
        self._set_up.submitted.connect(set_up.create)
        self._consent.accepted.connect(self._after_consent)
        self._consented = False
        for page in (self._consent, self._unlock, self._set_up):
            stack.addWidget(page)

    def show_entrance(self) -> None:
        """Consent first, each time the program starts; then set-up or unlocking."""
        if not self._consented:
            self._show(self._consent)
            self._consent.focus_first()
        else:
            self._after_consent()

    def accept_consent(self) -> None:
        """The person accepted the banner."""
        self._after_consent()

    def _after_consent(self) -> None:
        self._consented = True
        if not self._desk.services.vaults.status().exists:
            self._show(self._set_up)
            self._set_up.focus_first()
            return
        self._unlock_presenter.refresh()
        self._show(self._unlock)
        self._unlock.focus_first()

    def show_home(self) -> None:
        """Where this person's work begins."""
        self.show(_HOME.get(self._desk.here.person.role, "cases"))

    def show(self, name: str) -> None:
        """A page by name."""
        if name not in self._pages:
            self._pages[name] = self._makers[name](self._desk)
            self._stack.addWidget(self._pages[name])
        self._arrive(name)

    def show_case(self, case_id: str, tab: str) -> None:
        """The workspace of one case; opening another one replaces it."""
        present = self._pages.get("case")
        if not isinstance(present, CaseWorkspace) or present.case_id != case_id:
            self._drop("case")
            present = CaseWorkspace(self._desk, CaseId(case_id))
            self._pages["case"] = present
            self._stack.addWidget(present)
        present.show_tab(tab)
        self._arrive("case")

    def _arrive(self, name: str) -> None:
        page = self._pages[name]
        self._desk.notices.dismiss()
        self._desk.attempt(page.refresh)
        self._show(page)
        page.focus_first()
        self.arrived.emit("cases" if name == "case" else name)

    def _show(self, page: QWidget) -> None:
        self._stack.setCurrentWidget(page)
        self.shown.emit(page.marking() if isinstance(page, Page) else "")

    def forget(self) -> None:
        """Throw every page away that was made for an open vault."""
        self._stack.setCurrentWidget(self._consent if not self._consented else self._unlock)
        for name in tuple(self._pages):
            self._drop(name)

    def _drop(self, name: str) -> None:
        page = self._pages.pop(name, None)
        if page is not None:
            self._stack.removeWidget(page)
            page.deleteLater()
