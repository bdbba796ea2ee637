"""Verify an export on a medium against the office's roots, without widgets."""

from pathlib import Path
from typing import Protocol

from ui.desk import Desk
from workstation.app import exporting, verifying_files
from workstation.app import verification_lines as lines
from workstation.app.verifying_files import FileAnswer
from workstation.app.wording import word
from workstation.core.verifications import ExportVerification, FileCheck, Problem


class VerifyView(Protocol):
    """The page as the presenter sees it."""

    def show_answer(
        self,
        words: str,
        facts: tuple[tuple[str, str], ...],
        problems: tuple[Problem, ...],
        files: tuple[FileCheck, ...],
    ) -> None:
        """What holds and what does not."""

    def show_busy(self, folder: str) -> None:
        """While it is checked."""


class VerifyPresenter:
    """Choose a folder, read the answer. Nothing of any case is shown here."""

    def __init__(self, view: VerifyView, desk: Desk) -> None:
        self._view, self._desk = view, desk

    def refresh(self) -> None:
        """Nothing of the store is shown."""

    def marking(self) -> str:
        """Nothing of any case of this vault is shown here."""
        return ""

    def verify(self, folder: Path) -> None:
        """Check in a job."""
        session = self._desk.here
        self._desk.notices.dismiss()
        self._view.show_busy(str(folder))

        def done(answer: ExportVerification) -> None:
            if self._desk.session is session:
                self._show(folder, answer)

        def failed(error: BaseException) -> None:
            if self._desk.session is session:
                self._view.show_answer("Not verified", (("Folder", str(folder)),), (), ())
                self._desk.failed(error)

        self._desk.jobs.start(lambda _job: exporting.verify(session, folder), done=done, failed=failed)

    def verify_file(self, file: Path) -> None:
        """Check one report, referral or content set in a job."""
        session = self._desk.here
        self._desk.notices.dismiss()
        self._view.show_busy(str(file))

        def done(answer: FileAnswer) -> None:
            if self._desk.session is session:
                facts = (("File", str(file)), *((caption, _text(told)) for caption, told in answer.seen))
                self._view.show_answer(word("verification-file", answer.outcome), facts, answer.problems, ())

        def failed(error: BaseException) -> None:
            if self._desk.session is session:
                self._view.show_answer("Not verified", (("File", str(file)),), (), ())
                self._desk.failed(error)

        self._desk.jobs.start(
            lambda _job: verifying_files.verify_file(session, file), done=done, failed=failed
        )

    def _show(self, folder: Path, answer: ExportVerification) -> None:
        roots = lines.roots_told(answer.roots_sha384, "kept in this vault")
        facts = (
            ("Folder", str(folder)),
            *((document.path, _text(lines.document_told(document))) for document in answer.documents),
            ("Roots", _text(roots)),
            ("Revocation lists", _text(lines.lists_told(answer.crls))),
        )
        words = word("verification", answer.outcome)
        self._view.show_answer(words, facts, tuple(answer.problems), tuple(answer.files))


def _text(told: tuple[str, ...]) -> str:
    return "\n".join(line.strip() for line in told)
