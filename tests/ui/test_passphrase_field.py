"""A passphrase typed again after a refusal lands in its own field and nowhere else."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from tests.ui.bench import Bench
from tests.ui.conftest import Open
from tests.ui.stages import CASE
from workstation.app.wording import word
from workstation.core.media import Ending

AGAIN = "typed again without looking"


def _by_button(bench: Bench, words: str) -> None:
    bench.press(words)


def _by_return(bench: Bench, words: str) -> None:
    del words
    QTest.keyClick(bench.named(QLineEdit, "Your passphrase"), Qt.Key.Key_Return)
    bench.wait_done()


def _type_on(bench: Bench) -> None:
    """As a person does who looks at the keyboard."""
    QTest.qWait(20)
    QTest.keyClicks(QApplication.focusWidget() or bench.window, AGAIN)


@pytest.mark.parametrize("press", [_by_button, _by_return])
def test_after_a_refused_signature_keys_go_to_the_passphrase(
    open_at: Open, press: Callable[[Bench, str], None]
) -> None:
    """The recipient beside it, which shows and keeps what is typed, gets no letter of the second try."""
    bench = open_at("determined", "osei")
    bench.window.show_case(CASE, "export")
    bench.type("Your passphrase", "not the passphrase at all")
    press(bench, "Compose and sign as reviewer")
    assert "This is not your passphrase" in bench.notice()
    assert "vault did not open" not in bench.notice()
    _type_on(bench)
    assert bench.typed("Your passphrase") == AGAIN
    shown = [field.text() for field in bench.all(QLineEdit) if field.echoMode() is QLineEdit.EchoMode.Normal]
    assert not any(AGAIN[:3] in text for text in shown)


@pytest.mark.parametrize("press", [_by_button, _by_return])
def test_after_a_refused_release_keys_go_to_the_passphrase(
    open_at: Open, tmp_path: Path, press: Callable[[Bench, str], None]
) -> None:
    """At the officer's desk too; without a marking the missing field is named."""
    bench = open_at("requested", "tanaka")
    bench.window.router.page.folder_chosen.emit(tmp_path)  # type: ignore[attr-defined]  # at the officer's desk
    bench.passphrase("Your passphrase")
    press(bench, "Sign, write and read back")
    assert "“marking of the medium” is empty" in bench.notice()
    _type_on(bench)
    assert bench.typed("Your passphrase") == AGAIN
    assert bench.typed("Marking on its label") == ""


def test_the_officer_looks_at_what_would_leave(open_at: Open, tmp_path: Path) -> None:
    """The signed pages are shown in place of the requests; the whole of the medium's cautions can be read."""
    bench = open_at("requested", "tanaka")
    (tmp_path / "other.txt").write_text("x", encoding="utf-8")
    bench.window.router.page.folder_chosen.emit(tmp_path)  # type: ignore[attr-defined]  # at the officer's desk
    assert word("medium-warning", "not-empty") in bench.words()
    bench.press("Look at what would leave")
    assert "Page 1 of" in bench.words()
    assert not bench.is_at("Requests for release")
    bench.press("Back to the request")
    assert len(bench.cells("Requests for release")) == 1
    assert bench.banners()[0] == "UNCLASSIFIED"


def test_a_medium_still_attached_says_what_is_left_to_do() -> None:
    """Equal content on a medium that nobody detached is no reason to pull it."""
    assert "detach" in word("ending", str(Ending.VERIFIED_NOT_EJECTED)).lower()
