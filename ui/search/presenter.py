"""Find anything: what was found for the words typed so far, without widgets."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from ui.desk import Desk
from ui.window_words import counted
from workstation.app import full_texts, queries, searching
from workstation.app.full_texts import Unread
from workstation.app.searching import Hit, HitKind, Known
from workstation.app.wording import word
from workstation.core.values import CaseId, EvidenceLink


@dataclass(frozen=True, kw_only=True)
class Command:
    """Something the window does; found by its words like everything else."""

    words: str
    keys: str
    act: Callable[[], object]


@dataclass(frozen=True, kw_only=True)
class Found:
    """One row: what it is, what it says, where it belongs, and what opening it does."""

    kind: str
    words: str
    about: str
    open: Callable[[], object]


class SearchView(Protocol):
    """The page as the presenter sees it."""

    def show_found(self, about: str, found: tuple[Found, ...]) -> None:
        """The rows for the words typed so far."""

    def show_unread(self, about: str, *, can_be_read: bool) -> None:
        """What no search looks through; empty where there is no such thing."""

    def set_busy(self, *, busy: bool) -> None:
        """While documents are read for the search."""


class SearchPresenter:
    """Reads what can be read once when the page opens; looks off the window's thread with each letter."""

    def __init__(self, view: SearchView, desk: Desk) -> None:
        self._view, self._desk = view, desk
        self._commands: Sequence[Command] = ()
        self._case_id: CaseId | None = None
        self._known: Known | None = None
        self._text, self._marking = "", ""

    def begin(self, commands: Sequence[Command], case_id: CaseId | None) -> None:
        """The page was asked for: what can be done now, and which case is open."""
        self._commands, self._case_id, self._known = commands, case_id, None

    def refresh(self) -> None:
        """Read what is looked through, then look again."""
        case_id = self._case_id
        self._desk.read("search-known", lambda session: searching.known(session, case_id), self._take)
        self._desk.read("search-unread", full_texts.unread, self._say_unread)
        self._show(())

    def _say_unread(self, unread: Unread) -> None:
        self._view.show_unread(_missing(unread), can_be_read=bool(unread.packages_waiting))

    def read_rest(self) -> None:
        """Read what no search looks through yet, as a job; cancelled, it goes on there the next time."""
        session = self._desk.here
        self._view.set_busy(busy=True)
        self._desk.notices.dismiss()

        def ended(act: Callable[[], None]) -> None:
            if self._desk.session is session:
                self._view.set_busy(busy=False)
                self.refresh()
                act()

        def done(_added: int) -> None:
            ended(lambda: self._desk.notices.tell("Documents and transcripts are read for the search."))

        self._desk.jobs.start(
            lambda job: full_texts.index(session, job),
            done=done,
            failed=lambda error: ended(lambda: self._desk.failed(error)),
        )

    def _take(self, known: Known) -> None:
        self._known = known
        self.look(self._text)

    def look(self, text: str) -> None:
        """With each letter; an older answer never comes after a newer one."""
        self._text, known = text, self._known
        if known is not None and text.strip():
            self._desk.read("search", lambda session: searching.search(session, known, text), self._show)
        else:
            self._show(())

    def _show(self, hits: Sequence[Hit]) -> None:
        hits = hits if self._text.strip() else ()
        self._marking = queries.covering_marking(self._desk.here, [hit.marking for hit in hits])
        # The banner covers a row before the row is on screen.
        self._desk.routes.marking_changed()
        commands = [self._command(one) for one in self._commands if self._fits(one)]
        cases = [self._hit(hit) for hit in hits if hit.kind is HitKind.CASE]
        others = [self._hit(hit) for hit in hits if hit.kind is not HitKind.CASE]
        found = (*cases, *commands, *others)
        self._view.show_found(self._about(len(found)), found)

    def _fits(self, command: Command) -> bool:
        words = command.words.casefold()
        return all(part in words for part in self._text.casefold().split())

    @staticmethod
    def _command(command: Command) -> Found:
        return Found(kind="Do", words=command.words, about=command.keys, open=command.act)

    def _hit(self, hit: Hit) -> Found:
        return Found(
            kind=word("hit", hit.kind),
            words=hit.untrusted_words,
            about=hit.untrusted_about,
            open=lambda: self._open(hit),
        )

    def _open(self, hit: Hit) -> None:
        tab = {
            HitKind.CASE: "overview",
            HitKind.FILE: "package",
            HitKind.CRITERION: "checklist",
            HitKind.FINDING: "findings",
            HitKind.TEXT: "package",
            HitKind.PASSAGE: "package",
            HitKind.ANSWER: "checklist",
            HitKind.BENCHMARK: "benchmarks",
            HitKind.REFERRAL: "referrals",
        }[hit.kind]
        if hit.package_id is not None:
            self._desk.wanted = EvidenceLink(
                package_id=hit.package_id, untrusted_path=hit.untrusted_path, anchor=hit.anchor
            )
        self._desk.wanted_criterion = hit.criterion_id
        self._desk.routes.show_case(hit.case_id, tab)

    def _about(self, count: int) -> str:
        if self._known is None:
            return "Reading what can be found."
        if not self._text.strip():
            return (
                "Type words, or their beginnings, of a case, file, question, answer, finding, benchmark "
                "result or command. Down and Up choose, Enter opens."
            )
        if not count:
            return "Nothing holds all of these words."
        return f"{counted(count, 'thing')} found; at most {searching.MOST_OF_A_KIND} of each kind are shown."

    def marking(self) -> str:
        """Covers everything found."""
        return self._marking


def _missing(unread: Unread) -> str:
    """One sentence with every number, so that nothing found is not taken for nothing there."""
    parts = []
    if unread.packages_waiting:
        parts.append(f"documents of {counted(unread.packages_waiting, 'package')}, not read for it yet")
    parts += [
        f"{counted(number, 'file')} ({word('not-read', why)})" for why, number in sorted(unread.files.items())
    ]
    return f"No search looks through: {'; '.join(parts)}." if parts else ""
