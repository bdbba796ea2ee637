"""What a locked vault shows: consent, then set-up, unlocking or recovery."""

from collections.abc import Callable
from functools import cached_property

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QStackedWidget

from ui.desk import Desk
from ui.page import Page
from ui.unlock.presenter import RecoverPresenter, SetUpPresenter, UnlockPresenter
from ui.unlock.view import ConsentPage, SetUpPage, UnlockPage


class Entrance:
    """Consent comes first, each time the program starts."""

    def __init__(self, desk: Desk, stack: QStackedWidget, show: Callable[[Page], None]) -> None:
        self._desk, self._stack, self._show = desk, stack, show
        self._consented = False
        # Qt holds a presenter's method weakly, so whoever connects it keeps the presenter.
        self._presenters: list[object] = []
        self._consent, self._unlock = ConsentPage(), UnlockPage()
        self._consent.accepted.connect(self.accept)
        self._unlocking = UnlockPresenter(self._unlock, desk)
        self._unlock.submitted.connect(self._unlocking.unlock)
        self._unlock.card_submitted.connect(self._unlocking.unlock_by_card)
        self._unlock.cards_wanted.connect(self._unlocking.look_for_cards)
        self._unlock.recovery_wanted.connect(self._show_recovery)
        for page in (self._consent, self._unlock):
            stack.addWidget(page)

    @property
    def first(self) -> Page:
        """What is on top while no page of an open vault is."""
        return self._unlock if self._consented else self._consent

    def show(self) -> None:
        """Consent; then set-up or unlocking."""
        if not self._consented:
            self._show(self._consent)
        elif not self._desk.services.has_vault():
            self._show(self._set_up)
        else:
            self._show(self._unlock)
            # First the page is drawn; what reads the vault may still have to be loaded.
            QTimer.singleShot(0, self._stack, self._unlocking.refresh)

    def accept(self) -> None:
        """The person accepted the banner."""
        self._consented = True
        self.show()

    @cached_property
    def _set_up(self) -> Page:
        page = SetUpPage()
        presenter = SetUpPresenter(page, self._desk)
        page.submitted.connect(presenter.create)
        self._presenters.append(presenter)
        self._stack.addWidget(page)
        return page

    @cached_property
    def _recovery(self) -> tuple[Page, RecoverPresenter]:
        from ui.unlock.recover import RecoverPage  # noqa: PLC0415 - hardly ever asked for

        page = RecoverPage()
        presenter = RecoverPresenter(page, self._desk)
        page.submitted.connect(presenter.recover)
        page.left.connect(self.show)
        self._stack.addWidget(page)
        return page, presenter

    def _show_recovery(self) -> None:
        page, presenter = self._recovery
        presenter.refresh()
        self._show(page)
