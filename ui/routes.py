"""Which page is shown when. A page is one entry in the table; the window itself knows none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QStackedWidget

from ui.desk import Desk
from ui.entrance import Entrance
from ui.help.view import KEYS_TOPIC, HelpPage
from ui.page import Page, Room
from ui.widgets.sidebar import PLACES, TRAINING
from workstation.app.reasons import reasons
from workstation.core.errors import WorkstationError
from workstation.core.values import CaseId

if TYPE_CHECKING:  # the window is drawn before any of these is loaded
    from ui.cases.workspace import CaseWorkspace, WorkspacePresenter
    from ui.search.presenter import Command
    from workstation.app.services import Session

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


def _workspace(room: Room) -> tuple[CaseWorkspace, WorkspacePresenter] | None:
    """The view and presenter of a case; of any other page, None."""
    from ui.cases import workspace  # noqa: PLC0415 - not before a page of an open vault is there

    view, presenter = room.view, room.presenter
    if isinstance(view, workspace.CaseWorkspace) and isinstance(presenter, workspace.WorkspacePresenter):
        return view, presenter
    return None


def _goes_on(room: Room) -> bool:
    """Make a piece of a workspace; False when all of it is there."""
    of_case = _workspace(room)
    return of_case is not None and of_case[0].prepare_next()


def _is_offered_training(session: Session) -> bool:
    from workstation.app import training  # noqa: PLC0415 - loaded when somebody has unlocked

    return training.is_offered(session)


def load_pages() -> Iterator[None]:
    """Load the modules of all pages and parts of a case, one at a time; nothing is made."""
    names = ("ui.home.view", "ui.cases.view", "ui.cases.workspace", *(f"ui.{name}.view" for name in _NAMES))
    for name in names:
        import_module(name)
        yield
    from ui.cases import workspace  # noqa: PLC0415 - loaded just now

    for name in workspace.MODULES:
        import_module(name)
        yield
    import_module("ui.search.view")
    import_module("ui.commands")


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
        self._help: HelpPage | None = None
        self._before_help: Page | None = None
        self._entrance = Entrance(desk, stack, self._show)

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
        self._entrance.show()

    def accept_consent(self) -> None:
        """The person accepted the banner."""
        self._entrance.accept()

    @property
    def place(self) -> Place:
        """Where the person is."""
        page = self._before_help if self.page is self._help and self._before_help else self.page
        room = self._rooms.get(_CASE)
        if room is not None and page is room.view and (of_case := _workspace(room)) is not None:
            return Place(name=_CASE, case_id=of_case[1].case_id, tab=of_case[0].tab_name)
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
        from ui.cases import workspace  # noqa: PLC0415 - the window is drawn before it is loaded

        try:
            self.go_to(place if place.name != _CASE or place.tab in workspace.NAMES else None)
        except WorkstationError:
            self.show_home()

    def show_home(self) -> None:
        """Where this person's work begins."""
        self.show(_HOME)

    def show(self, name: str) -> None:
        """A page by name; what is not offered here has no page."""
        if name == TRAINING and not _is_offered_training(self._desk.here):
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
                or (name == TRAINING and not _is_offered_training(session))
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
        from ui.cases import workspace  # noqa: PLC0415 - the window is drawn before it is loaded

        view, presenter = workspace.make(self._desk, CaseId(""))
        self._add(name, Room(view=view, presenter=presenter))

    def show_case(self, case_id: str, tab: str) -> None:
        """The workspace of one case; opening another one replaces it."""
        if self.case_id != case_id:
            self._drop(_CASE)
            if _SPARE not in self._rooms:
                self._add_workspace(_SPARE)
            self._rooms[_CASE] = self._rooms.pop(_SPARE)
        if (of_case := _workspace(self._rooms[_CASE])) is not None:
            view, presenter = of_case
            presenter.aim(CaseId(case_id), tab)
            view.turn_to(tab)
        self._arrive(_CASE)

    def show_search(self, commands: Sequence[Command]) -> None:
        """Find anything; Esc leads back to where the person was."""
        if self._desk.session is None or self._name == _SEARCH:
            return
        from ui.search.presenter import SearchPresenter  # noqa: PLC0415 - loaded when first asked for
        from ui.search.view import SearchPage  # noqa: PLC0415

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
        of_case = _workspace(room) if room is not None else None
        return of_case[1].case_id if of_case is not None else None

    def turn_tab(self, step: int) -> None:
        """The next or previous tab of the case on top."""
        if self.room is not None and (of_case := _workspace(self.room)) is not None:
            of_case[0].turn_by(step)

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
        if self._help is None:
            self._help = HelpPage()
            self._help.left.connect(self.leave_help)
            self._stack.addWidget(self._help)
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
        if self.room is not None and (of_case := _workspace(self.room)) is not None:
            return of_case[0].tab_name
        return self._name or "start"

    def forget(self) -> None:
        """Throw every page away that was made for an open vault."""
        self._before_help = self._before_search = None
        self._stack.setCurrentWidget(self._entrance.first)
        for name in tuple(self._rooms):
            self._drop(name)

    def _drop(self, name: str) -> None:
        room = self._rooms.pop(name, None)
        if room is not None:
            self._stack.removeWidget(room.view)
            room.view.hide()
            room.view.deleteLater()
