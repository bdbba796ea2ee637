"""Which page is shown when. A page is one entry in the table; the window itself knows none."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import cast

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QStackedWidget

from ui.cases import workspace
from ui.desk import Desk
from ui.help.view import KEYS_TOPIC, HelpPage
from ui.page import Page, Room
from ui.search.presenter import Command, SearchPresenter
from ui.search.view import SearchPage
from ui.unlock.presenter import RecoverPresenter, SetUpPresenter, UnlockPresenter
from ui.unlock.recover import RecoverPage
from ui.unlock.view import ConsentPage, SetUpPage, UnlockPage
from ui.widgets.sidebar import PLACES, TRAINING
from workstation.app import training
from workstation.app.reasons import reasons
from workstation.core.errors import WorkstationError
from workstation.core.values import CaseId

_HOME = "home"
_NAMES = (
    "home",
    "cases",
    "windows",
    "releases",
    "media",
    "people",
    "audit",
    "verify",
    "register",
    "content",
    "vault",
    "account",
    "certificates",
    "settings",
    TRAINING,
)


def _page(name: str) -> Callable[[Desk], Room]:
    """Makes a page, whose module is loaded then: the window need not wait for what nobody has asked for."""

    def make(desk: Desk) -> Room:
        return cast("Room", import_module(f"ui.{name}.view").make(desk))

    return make


PAGES: dict[str, Callable[[Desk], Room]] = {name: _page(name) for name in _NAMES}
_CASE, _SPARE, _SEARCH = "case", "spare", "search"


def _goes_on(room: Room) -> bool:
    """Make a piece of a workspace; False when all of it is there."""
    return isinstance(room.view, workspace.CaseWorkspace) and room.view.prepare_next()


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where somebody was when the vault locked; names and identifiers only."""

    name: str
    case_id: str = ""
    tab: str = ""


class Router(QObject):
    """Makes pages, shows them, and forgets them all when the vault locks."""

    shown = Signal(str)  # the page's marking
    leaving = Signal()  # another page is about to be on top
    arrived = Signal(str)  # the place in the sidebar; empty before unlocking

    def __init__(self, desk: Desk, stack: QStackedWidget) -> None:
        super().__init__()
        self._desk, self._stack = desk, stack
        self._rooms: dict[str, Room] = {}
        self._name = ""
        self._consented = False
        self._before_search: Place | None = None
        self._unread: list[Callable[[], object]] = [reasons]  # files of words that pages will want
        self._help = HelpPage()
        self._help.left.connect(self.leave_help)
        self._before_help: Page | None = None
        self._consent, self._unlock, self._set_up = ConsentPage(), UnlockPage(), SetUpPage()
        self._unlock_presenter = UnlockPresenter(self._unlock, desk)
        # Qt holds a presenter's method weakly, so whoever connects it keeps the presenter.
        self._set_up_presenter = SetUpPresenter(self._set_up, desk)
        self._recover = RecoverPage()
        self._recover_presenter = RecoverPresenter(self._recover, desk)
        self._unlock.submitted.connect(self._unlock_presenter.unlock)
        self._unlock.card_submitted.connect(self._unlock_presenter.unlock_by_card)
        self._unlock.cards_wanted.connect(self._unlock_presenter.look_for_cards)
        self._unlock.recovery_wanted.connect(self._show_recovery)
        self._recover.submitted.connect(self._recover_presenter.recover)
        self._recover.left.connect(self.show_entrance)
        self._set_up.submitted.connect(self._set_up_presenter.create)
        self._consent.accepted.connect(self.accept_consent)
        for page in (self._consent, self._unlock, self._recover, self._set_up, self._help):
            stack.addWidget(page)

    @property
    def page(self) -> Page:
        """The page on top."""
        page = self._stack.currentWidget()
        if not isinstance(page, Page):
            raise TypeError
        return page

    @property
    def room(self) -> Room | None:
        """The page of the open vault on top, if there is one."""
        room = self._rooms.get(self._name)
        return room if room is not None and room.view is self.page else None

    def show_entrance(self) -> None:
        """Consent first, each time the program starts; then set-up or unlocking."""
        self._name = ""
        self.arrived.emit("")
        if not self._consented:
            self._show(self._consent)
        elif not self._desk.services.vaults.status().exists:
            self._show(self._set_up)
        else:
            self._unlock_presenter.refresh()
            self._show(self._unlock)

    def _show_recovery(self) -> None:
        self._recover_presenter.refresh()
        self._show(self._recover)

    def accept_consent(self) -> None:
        """The person accepted the banner."""
        self._consented = True
        self.show_entrance()

    @property
    def place(self) -> Place:
        """Where the person is."""
        page = self._before_help if self.page is self._help and self._before_help else self.page
        room = self._rooms.get(_CASE)
        if room is not None and page is room.view and isinstance(page, workspace.CaseWorkspace):
            case_id = (
                room.presenter.case_id if isinstance(room.presenter, workspace.WorkspacePresenter) else ""
            )
            return Place(name=_CASE, case_id=case_id, tab=page.tab_name)
        return Place(name=self._name)

    def go_to(self, place: Place | None) -> None:
        """Back to where the person was, or to where this person's work begins."""
        if place is not None and place.name == _CASE:
            self.show_case(place.case_id, place.tab)
        elif place is not None and place.name in PAGES:
            self.show(place.name)
        else:
            self.show_home()

    def return_to(self, place: Place) -> None:
        """Where the person was when they left; a case or tab that is no longer there is no obstacle."""
        try:
            self.go_to(place if place.name != _CASE or place.tab in workspace.NAMES else None)
        except WorkstationError:
            self.show_home()

    def show_home(self) -> None:
        """Where this person's work begins."""
        self.show(_HOME)

    def show(self, name: str) -> None:
        """A page by name; what is not offered here has no page."""
        if name == TRAINING and not training.is_offered(self._desk.here):
            name = _HOME
        if name not in self._rooms:
            self._add(name, PAGES[name](self._desk))
        self._arrive(name)

    def show_in_vault(self, name: str) -> None:
        """A page by name, once the vault is open."""
        if self._desk.session is not None:
            self.leave_help()
            self.show(name)

    def prepare_next(self) -> bool:
        """Make a page, or a piece of the open case, that was not asked for yet; False: all is there."""
        session, room = self._desk.session, self._rooms.get(_CASE)
        if self._unread:
            self._unread.pop()()
            return True
        for name, _text, roles in PLACES:
            if (
                session is None
                or name in self._rooms
                or (name == TRAINING and not training.is_offered(session))
            ):
                continue
            if session.person.role in roles:
                self._add(name, PAGES[name](self._desk))
                return True
        if room is not None and _goes_on(room):
            return True
        return session is not None and self._prepare_spare()

    def _prepare_spare(self) -> bool:
        """The workspace of the case that is opened next, whichever that will be."""
        if _SPARE in self._rooms:
            return _goes_on(self._rooms[_SPARE])
        self._add_workspace(_SPARE)
        return True

    def _add_workspace(self, name: str) -> None:
        view, presenter = workspace.make(self._desk, CaseId(""))
        self._add(name, Room(view=view, presenter=presenter))

    def show_case(self, case_id: str, tab: str) -> None:
        """The workspace of one case; opening another one replaces it."""
        if self.case_id != case_id:
            self._drop(_CASE)
            if _SPARE not in self._rooms:
                self._add_workspace(_SPARE)
            self._rooms[_CASE] = self._rooms.pop(_SPARE)
        view, presenter = self._rooms[_CASE].view, self._rooms[_CASE].presenter
        if isinstance(presenter, workspace.WorkspacePresenter) and isinstance(view, workspace.CaseWorkspace):
            presenter.aim(CaseId(case_id), tab)
            view.turn_to(tab)
        self._arrive(_CASE)

    def show_search(self, commands: Sequence[Command]) -> None:
        """Find anything; Esc leads back to where the person was."""
        if self._desk.session is None or self._name == _SEARCH:
            return
        self.leave_help()
        before = self.place
        self._before_search = before
        if _SEARCH not in self._rooms:
            view = SearchPage()
            presenter = SearchPresenter(view, self._desk)
            view.typed.connect(presenter.look)
            view.left.connect(self.leave_search)
            view.rest_wanted.connect(presenter.read_rest)
            self._add(_SEARCH, Room(view=view, presenter=presenter))
        room = self._rooms[_SEARCH]
        if isinstance(room.presenter, SearchPresenter):
            room.presenter.begin(commands, self.case_id)
        self._arrive(_SEARCH)

    def leave_search(self) -> bool:
        """Back to where the person was; returns whether the search was on top."""
        if self._name != _SEARCH or self.page is self._help:
            return False
        self.go_to(self._before_search)
        return True

    @property
    def case_id(self) -> CaseId | None:
        """The case whose workspace was open last."""
        room = self._rooms.get(_CASE)
        presenter = room.presenter if room else None
        return presenter.case_id if isinstance(presenter, workspace.WorkspacePresenter) else None

    def turn_tab(self, step: int) -> None:
        """The next or previous tab of the case on top."""
        if isinstance(self.page, workspace.CaseWorkspace):
            self.page.turn_by(step)

    def _add(self, name: str, room: Room) -> None:
        self._rooms[name] = room
        self._stack.addWidget(room.view)

    def _arrive(self, name: str) -> None:
        room, self._name = self._rooms[name], name
        self._desk.notices.dismiss()
        self.leaving.emit()
        self._desk.attempt(room.presenter.refresh)
        self._show(room.view)
        self.arrived.emit("cases" if name == _CASE else name)

    def _show(self, page: Page) -> None:
        self._before_help = None
        self._stack.setCurrentWidget(page)
        self.tell_marking()
        page.focus_first()

    def refresh(self) -> None:
        """Read the page on top again."""
        if self.room is not None:
            self._desk.attempt(self.room.presenter.refresh)

    def tell_marking(self) -> None:
        """Let the banners cover what is on top."""
        room = self.room
        self.shown.emit(room.presenter.marking() if room is not None else "")

    def show_help(self, chapter: str = "") -> None:
        """The guide, opened at the page on top."""
        if self.page is not self._help:
            self._before_help = self.page
        self._help.show_chapter(chapter or self._chapter())
        self._stack.setCurrentWidget(self._help)
        self.shown.emit("")
        self._help.focus_first()

    def show_keys(self) -> None:
        """The list of keys."""
        self.show_help(KEYS_TOPIC)

    def leave_help(self) -> bool:
        """Back to the page before; returns whether help was on top."""
        before, self._before_help = self._before_help, None
        if self.page is not self._help or before is None:
            return False
        self._stack.setCurrentWidget(before)
        self.tell_marking()
        before.focus_first()
        return True

    def _chapter(self) -> str:
        if isinstance(self.page, workspace.CaseWorkspace):
            return self.page.tab_name
        return self._name or "start"

    def forget(self) -> None:
        """Throw every page away that was made for an open vault."""
        self._before_help = self._before_search = None
        self._stack.setCurrentWidget(self._consent if not self._consented else self._unlock)
        for name in tuple(self._rooms):
            self._drop(name)

    def _drop(self, name: str) -> None:
        room = self._rooms.pop(name, None)
        if room is not None:
            self._stack.removeWidget(room.view)
            room.view.hide()
            room.view.deleteLater()
