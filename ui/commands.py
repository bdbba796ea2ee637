"""What Ctrl+K can do besides finding: pages, tabs, keys and the look, from the tables that bind them."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Protocol

from PySide6.QtCore import QTimer

from ui import keys, look
from ui.cases.workspace import TABS
from ui.desk import Desk
from ui.routes import Router
from ui.search.presenter import Command
from ui.widgets.sidebar import PLACES
from workstation.app.wording import word
from workstation.settings import Settings, Theme

# Moving the keyboard or turning pages is no use from within the search.
_NOT_OFFERED = frozenset(
    {"search", "find", "find-next", "find-previous", "back", "next-pane", "previous-pane"}
)


class Window(Protocol):
    """The window as far as commands need it."""

    desk: Desk
    router: Router

    def restyle(self, settings: Settings) -> None:
        """Another text size or theme."""


def offered(window: Window, acts: Mapping[str, Callable[[], object]]) -> list[Command]:
    """Everything that can be done now by the person at the desk."""
    role, case_id = window.desk.here.person.role, window.router.case_id
    found = [
        Command(words=f"Go to {_plain(text)}", keys="", act=partial(window.router.show, name))
        for name, text, roles in PLACES
        if role in roles
    ]
    if case_id is not None:
        found += [
            Command(
                words=f"Go to {_plain(text)} of {case_id}",
                keys="",
                act=partial(window.router.show_case, case_id, name),
            )
            for name, text, _maker in TABS
        ]
    found += [
        Command(words=key.words, keys=key.keys, act=_after(window, acts[key.act]))
        for key in keys.KEYS
        if key.act and key.act not in _NOT_OFFERED
    ]
    found += [
        Command(
            words=f"Use the {word('theme', theme)} theme",
            keys="",
            act=_after(window, partial(_restyle, window, theme)),
        )
        for theme in Theme
    ]
    return found


def _restyle(window: Window, theme: Theme) -> None:
    window.restyle(look.themed(window.desk.settings, theme))


def _after(window: Window, act: Callable[[], object]) -> Callable[[], object]:
    """Back to the page before, and then the act: it is meant for that page."""

    def done() -> None:
        window.router.leave_search()
        # The key that chose it is still being answered by the search page, which the act may throw away.
        QTimer.singleShot(0, act)

    return done


def _plain(text: str) -> str:
    return text.replace("&", "")
