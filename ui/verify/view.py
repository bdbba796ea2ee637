"""Verify an export on a medium: what holds, what does not, file by file."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from ui.desk import Desk
from ui.page import Page, Room
from ui.verify.presenter import VerifyPresenter
from ui.widgets import basics, choosing
from ui.widgets.tables import Table
from workstation.app.wording import catalogue, size
from workstation.core.verifications import FileCheck, Problem

_ABOUT = (
    "Checks every file, both signatures of the manifest, the statement, and every revision of the report "
    "against the roots kept in this vault. Nothing on the medium is trusted. A report, referral or content "
    "set that came alone is checked by itself."
)


class VerifyPage(Page):
    """A button, an answer, two lists."""

    chosen = Signal(object)
    file_chosen = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        del desk
        self._answer, self._facts = basics.selectable("", "section"), basics.Facts()
        self._answer.setAccessibleName("Result of the verification")
        self._problems: Table[Problem] = Table(
            "What does not hold",
            (
                ("Code", lambda problem: problem.code),
                ("File", lambda problem: problem.path or "the export"),
                ("What", _title),
                ("Detail", lambda problem: problem.detail),
            ),
            stretch=2,
        )
        self._problems.selectionModel().currentRowChanged.connect(lambda _new, _old: self._show_next())
        self._next = basics.Facts()
        self._files: Table[FileCheck] = Table(
            "Files of the export",
            (
                ("File", lambda file: file.path),
                ("State", lambda file: file.state.replace("-", " ")),
                ("Size", lambda file: size(file.size_bytes)),
                ("SHA-384", lambda file: file.sha384),
            ),
            stretch=3,
        )
        self._choose = basics.button("Choose an export folder", self._choose_folder, primary=True)
        self._choose_one = basics.button("Choose a report, referral or content set", self._choose_file)
        self._problems_title = basics.label("What does not hold", "section")
        self._files_title = basics.label("Files", "section")
        self._lay_out()
        self._arrange((), ())

    def _lay_out(self) -> None:
        # Where there is no list the answer stays under the buttons.
        self._rest = QWidget()
        self._rest.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        content = basics.column(
            self._answer,
            self._facts,
            self._problems_title,
            self._problems,
            self._next,
            self._files_title,
            self._files,
            self._rest,
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(basics.label("Verify an export", "title"))
        layout.addWidget(basics.label(_ABOUT, "muted"))
        layout.addWidget(basics.row(self._choose, self._choose_one))
        layout.addWidget(basics.scrolling(content), 1)

    def _arrange(self, problems: Sequence[Problem], files: Sequence[FileCheck]) -> None:
        self._problems_title.setVisible(bool(problems))
        self._problems.setVisible(bool(problems))
        self._next.setVisible(bool(problems))
        self._show_next()
        self._files_title.setVisible(bool(files))
        self._files.setVisible(bool(files))
        self._rest.setVisible(not problems and not files)

    def _show_next(self) -> None:
        """What to do about the chosen problem."""
        chosen = self._problems.current()
        if chosen is not None:
            where = f"{chosen.path or 'The export'}: {_title(chosen)} ({chosen.code})"
            self._next.show_pairs((("Problem", where), ("What to do", _next_step(chosen))))

    def show_busy(self, folder: str) -> None:
        """While it is checked."""
        basics.set_text(self._answer, "Checking")
        self._facts.show_pairs((("Folder", folder),))
        self._arrange((), ())

    def show_answer(
        self,
        words: str,
        facts: tuple[tuple[str, str], ...],
        problems: tuple[Problem, ...],
        files: tuple[FileCheck, ...],
    ) -> None:
        """What holds and what does not."""
        basics.set_text(self._answer, words)
        self._facts.show_pairs(facts)
        self._problems.show_rows(problems)
        self._files.show_rows(files)
        self._arrange(problems, files)

    def focus_first(self) -> None:
        """The button."""
        self._choose.setFocus()

    def panes(self) -> Sequence[QWidget]:
        """The button and the lists."""
        return (self._choose, self._problems, self._files)

    def _choose_folder(self) -> None:
        choosing.folder(self, "Export folder", self.chosen.emit)

    def _choose_file(self) -> None:
        choosing.file(self, "Signed report or referral (PDF), or content set (JSON)", self.file_chosen.emit)


def _title(problem: Problem) -> str:
    """In words; a code without words is shown as it is."""
    return catalogue().get(problem.code, {}).get("title", problem.code)


def _next_step(problem: Problem) -> str:
    return catalogue().get(problem.code, {}).get("next", "Tell the security officer.")


def make(desk: Desk) -> Room:
    """The page with its presenter."""
    view = VerifyPage(desk)
    presenter = VerifyPresenter(view, desk)
    view.chosen.connect(presenter.verify)
    view.file_chosen.connect(presenter.verify_file)
    return Room(view=view, presenter=presenter)
