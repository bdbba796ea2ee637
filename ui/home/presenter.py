"""What needs the person next, and how the workstation stands, without widgets."""

from dataclasses import dataclass
from typing import Protocol

from ui.desk import Desk
from ui.window_words import counted, days_text
from workstation.app import attention
from workstation.app.attention import Attention, Check, Health, Need, Opens
from workstation.app.wording import sentence, word
from workstation.core.people import Role
from workstation.core.values import CaseId


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the upper table: words, and the page it opens. ``order`` is days left."""

    when: str
    what: str
    about: str
    case_id: CaseId
    opens: Opens
    order: int


@dataclass(frozen=True, kw_only=True)
class State:
    """One line about the workstation itself."""

    name: str
    health: str
    words: str
    order: int
    page: str  # where something can be done about it; empty where that is not in the window


class HomeView(Protocol):
    """The page as the presenter sees it."""

    def show_attention(self, about: str, lines: tuple[Line, ...], states: tuple[State, ...]) -> None:
        """Everything at once."""


# Where somebody's work begins when nothing waits, as after the first run.
_BEGIN = {
    Role.CUSTODIAN: " People are enrolled on the page People.",
    Role.LEAD_REVIEWER: " A case is opened on the page Cases.",
    Role.REVIEWER: " A case is opened on the page Cases.",
}
_FAR = 1_000_000
_WORST_FIRST = (Health.ACT, Health.LOOK, Health.GOOD)


class HomePresenter:
    """Reads off the window's thread and opens the right page."""

    def __init__(self, view: HomeView, desk: Desk) -> None:
        self._view, self._desk = view, desk
        self._marking = ""

    def refresh(self) -> None:
        """Read again; what is on screen stays until the answer is there."""
        self._desk.read("attention", attention.read, self._show)

    def _show(self, found: Attention) -> None:
        self._marking = found.marking
        # The banner covers a line before the line is there.
        self._desk.routes.marking_changed()
        lines = tuple(_line(need) for need in found.needs)
        states = tuple(sorted(map(self._state, found.checks), key=lambda state: state.order))
        self._view.show_attention(_about(found, self._desk.here.person.role), lines, states)

    def _state(self, check: Check) -> State:
        at = self._desk.dates.moment(check.at) if check.at else ""
        return State(
            name=word("check", check.key),
            health=word("health", check.health),
            words=sentence("check-state", check.key, at=at, count=check.count),
            order=_WORST_FIRST.index(check.health),
            page=self._page_for(check),
        )

    def _page_for(self, check: Check) -> str:
        if check.key.startswith("lists-"):
            return "people" if self._desk.here.person.role is Role.CUSTODIAN else ""
        return "" if check.key.startswith("clock-") else "vault"

    def marking(self) -> str:
        """Covers every case that a line names."""
        return self._marking

    def open(self, line: Line) -> None:
        """Go where the thing is done."""
        if line.opens is Opens.RELEASES:
            self._desk.routes.show_page("releases")
        else:
            self._desk.routes.show_case(line.case_id, str(line.opens))

    def open_state(self, state: State) -> None:
        """Go where something can be done about it."""
        if state.page:
            self._desk.routes.show_page(state.page)


def _line(need: Need) -> Line:
    if need.is_step:
        step = word("next-step", need.key)
        what = step if need.mine else f"Running out, somebody else's turn: {step[0].lower()}{step[1:]}"
    else:
        what = sentence(
            "need", need.key, count=f"{need.count:,}", total=f"{need.total:,}", words=need.untrusted_words
        )
    days = need.row.days_left
    return Line(
        when=days_text(need.row) if days is not None else "no window",
        what=what,
        about=f"{need.row.model}, {need.row.checkpoint}",
        case_id=need.row.case_id,
        opens=need.opens,
        order=_FAR if days is None else days,
    )


def _about(found: Attention, role: Role) -> str:
    mine = sum(need.mine for need in found.needs)
    words = f"{counted(mine, 'thing')} {'waits' if mine == 1 else 'wait'} for you." if mine else ""
    words = words or "Nothing waits for you."
    if not found.needs:
        words += _BEGIN.get(role, "")
    if found.needs:
        words += " Fewest days left first; Enter opens the page where it is done."
    if found.left_out:
        words += f" {found.left_out:,} more are not shown here; the case list has them all."
    pressing = sum(check.health is not Health.GOOD for check in found.checks)
    if pressing:
        words += f" {counted(pressing, 'thing')} about the workstation to look at below."
    return words
