"""The case list and opening a case, without widgets."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from ui.desk import Desk
from ui.window_words import counted
from workstation.app import queries, reviewing, sorting
from workstation.app.wording import word
from workstation.core.cases import Case, CaseType
from workstation.core.people import APPOINTED, Duty
from workstation.core.values import CaseId


@dataclass(frozen=True, kw_only=True)
class CaseFields:
    """What was typed into the form of a new case."""

    case_type: str
    developer: str
    model: str
    checkpoint: str
    marking: str
    planned_release_on: date


_NO_CASE, _FORM = CaseId(""), "new-case"


class CasesView(Protocol):
    """The page as the presenter sees it."""

    def show_rows(self, rows: tuple[queries.CaseRow, ...], about: str, *, filtered: bool = False) -> None:
        """The list and what is said above it; ``filtered`` when there may be more."""

    def show_kept(self, kept: Mapping[str, str], name: str = "") -> None:
        """The kept filters of the person; ``name`` was kept just now."""

    def show_form(self, *, shown: bool) -> None:
        """The form for a new case instead of the list."""

    def show_typed(self, fields: Mapping[str, str]) -> None:
        """What was typed into the form earlier."""

    def offer_new(self, *, offered: bool) -> None:
        """Whether this person may open cases."""


def next_text(row: queries.CaseRow) -> str:
    """The next step, and whether it is this person's."""
    words = word("next-step", row.next_step)
    return f"Your turn: {words[0].lower()}{words[1:]}" if row.waits_for_me else words


class CasesPresenter:
    """Reads the list, opens a case or a new one."""

    def __init__(self, view: CasesView, desk: Desk) -> None:
        self._view, self._desk = view, desk
        self._marking, self._was_shown, self._filter = "", False, ""

    @property
    def _typed(self) -> Mapping[str, str]:
        return self._desk.drafts.get(_NO_CASE, _FORM)

    def typed(self, fields: Mapping[str, str]) -> None:
        """Keep what was typed; it survives lock and crash."""
        self._desk.drafts.put(_NO_CASE, _FORM, fields)

    def show_form(self, *, shown: bool) -> None:
        """The form with what was typed earlier, or the list again; leaving the form forgets it."""
        if shown:
            self._view.show_typed(self._typed)
        else:
            self.typed({})
        self._view.show_form(shown=shown)

    def refresh(self) -> None:
        """Read the list off the window's thread."""
        self._view.offer_new(offered=self._may_open)
        if not self._was_shown and self._typed and self._may_open:
            self.show_form(shown=True)  # half a form was being written when the vault locked
        self._was_shown = True
        self._view.show_kept(sorting.filters(self._desk.here))
        self._read()

    def _read(self) -> None:
        text = self._filter
        self._desk.read("cases", lambda session: sorting.filtered(session, text), self._show)

    def filter(self, text: str) -> None:
        """Show what fits; words that are not understood are told and the list stays as it was."""
        if self._desk.attempt(lambda: sorting.understood(self._desk.here, text)):
            self._filter = text
            self._read()

    def keep_filter(self, name: str, text: str) -> None:
        """Keep what is typed under a name; it stays typed when a rule refuses it."""
        self._desk.attempt(
            lambda: sorting.save_filter(self._desk.here, name, text),
            lambda kept: self._view.show_kept(kept, " ".join(name.split())),
        )

    def drop_filter(self, name: str) -> None:
        """Keep a filter no longer; the list stays as it is."""
        self._desk.attempt(lambda: sorting.remove_filter(self._desk.here, name), self._view.show_kept)

    @property
    def _may_open(self) -> bool:
        return self._desk.here.person.role in APPOINTED[Duty.OPEN_CASE]

    def _show(self, rows: tuple[queries.CaseRow, ...]) -> None:
        self._marking = queries.covering_marking(self._desk.here, [row.marking for row in rows])
        # The banner covers a case before the case is on screen.
        self._desk.routes.marking_changed()
        is_filtered = bool(self._filter.strip())
        if is_filtered and not rows:
            about = "No case fits these words. Empty the field and press Enter to see every case."
        else:
            about = _about(rows, may_open=self._may_open)
        self._view.show_rows(rows, about, filtered=is_filtered)

    def marking(self) -> str:
        """Covers every case in the list."""
        return self._marking

    def open(self, case_id: str) -> None:
        """Go to a case."""
        self._desk.routes.show_case(case_id)

    def create(self, fields: CaseFields) -> None:
        """Open a new case; what was typed stays in the form when a rule refuses it."""
        kind = CaseType(fields.case_type)
        planned = fields.planned_release_on if kind is CaseType.PRE_RELEASE_ACCESS else None
        new = reviewing.NewCase(
            case_type=kind,
            developer=fields.developer,
            model=fields.model,
            checkpoint=fields.checkpoint,
            marking=fields.marking.strip(),
            planned_release_on=planned,
        )
        self._desk.attempt(lambda: reviewing.open_case(self._desk.here, new), self._opened)

    def _opened(self, case: Case) -> None:
        self.show_form(shown=False)
        self._desk.routes.show_case(case.case_id)


def _about(rows: tuple[queries.CaseRow, ...], *, may_open: bool) -> str:
    if not rows:
        first = "Choose New case to open the first." if may_open else "A reviewer opens the first."
        return f"There is no case yet. {first}"
    waiting = sum(row.waits_for_me for row in rows)
    turn = f"{waiting} wait for you" if waiting != 1 else "1 waits for you"
    return (
        f"{counted(len(rows), 'case')}, {turn if waiting else 'none waits for you'}. Fewest days left first."
    )
