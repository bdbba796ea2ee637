"""What goes wrong around the window: it stays, says what happened, and keeps what was typed."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPlainTextEdit

from tests.ui.bench import Bench
from tests.ui.conftest import Open
from tests.ui.stages import CASE
from ui import application as starting
from ui.clock import ClockTrust
from ui.package.view import PackagePage
from ui.widgets import choosing
from workstation import bootstrap, settings
from workstation.app import auditing
from workstation.app.wording import visible
from workstation.settings import Settings

LONG = ("Word \u0627\u0644\u0639\u0631\u0628\u064a\u0629 e\u0301 " * 10_000)[:100_000]


def _detail(bench: Bench) -> QPlainTextEdit:
    bench.window.show_case(CASE, "checklist")
    return bench.named(QPlainTextEdit, "Detail")


def _come_back(bench: Bench) -> str:
    """Lock and unlock; what then stands in the field."""
    bench.window.lock("policy")
    bench.window.unlocked(bench.office.unlock("osei"))
    return bench.typed("Detail")


def _paste(box: QPlainTextEdit, mime: QMimeData) -> None:
    QApplication.clipboard().setMimeData(mime)
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)


def test_a_hundred_thousand_characters_stay_and_come_back(open_at: Open) -> None:
    """Latin, Arabic and combining characters pasted at once are there after the lock, one and all."""
    bench = open_at("evaluation", "osei")
    mime = QMimeData()
    mime.setText(LONG)
    _paste(_detail(bench), mime)
    assert bench.typed("Detail") == LONG
    assert _come_back(bench) == LONG


def test_what_is_too_long_to_record_is_refused_in_words_and_stays(open_at: Open) -> None:
    """Pressing save on it records it or says why not; the text is never cut behind one's back."""
    bench = open_at("evaluation", "osei")
    box = _detail(bench)
    bench.choose("Result", "Met")
    box.setPlainText(LONG)
    bench.press("Save answer")
    if bench.notice():
        assert "(" in bench.notice()
        assert bench.typed("Detail") == LONG
    else:
        bench.table("Criteria").go_to(0)
        assert bench.cells("Criteria")[0][2] == "Met"


def test_pasted_rich_text_is_plain(open_at: Open) -> None:
    """Of a page of markup only the words arrive, and they are shown as words wherever they stand."""
    bench = open_at("evaluation", "osei")
    mime = QMimeData()
    mime.setHtml('<h1>Big</h1><img src="file:///etc/passwd"><a href="x">link</a>')
    box = _detail(bench)
    _paste(box, mime)
    assert "<" not in box.toPlainText()
    mime = QMimeData()
    mime.setText("<b>not bold</b>")
    box.clear()
    _paste(box, mime)
    assert bench.typed("Detail") == "<b>not bold</b>"


def test_control_characters_survive_and_are_shown_for_what_they_are(open_at: Open) -> None:
    """Bells, escapes and turns of direction are kept as typed, and made visible where they are read."""
    bench = open_at("evaluation", "osei")
    text = "a\x07b\x1bc\u202ed\u200be"
    mime = QMimeData()
    mime.setText(text)
    _paste(_detail(bench), mime)
    assert _come_back(bench) == text
    assert visible(text) == "a\u2039U+0007\u203ab\u2039U+001B\u203ac\u2039U+202E\u203ad\u2039U+200B\u203ae"


def test_a_lock_by_policy_in_the_middle_of_a_word_loses_nothing(open_at: Open) -> None:
    """Keys pressed until the very lock are in the draft; those after it go nowhere."""
    bench = open_at("evaluation", "osei")
    box = _detail(bench)
    box.setFocus()
    QTest.keyClicks(box, "Half a wo")
    bench.window.idle.expired.emit()
    assert bench.window.desk.session is None
    now = QApplication.focusWidget()
    QTest.keyClicks(now, "rd")
    bench.window.unlocked(bench.office.unlock("osei"))
    assert bench.typed("Detail") == "Half a wo"


@pytest.mark.parametrize(("jump", "words"), [(5, "AHEAD"), (-5, "BACK"), (4000, "AHEAD")])
def test_a_clock_that_jumps_is_told_and_the_work_goes_on(open_at: Open, jump: int, words: str) -> None:
    """The strip says so in capitals and the trail once; what is typed stays, and no lock comes of it."""
    bench = open_at("evaluation", "osei")
    box = _detail(bench)
    box.setPlainText("Under way")
    bench.office.clock.advance(timedelta(days=jump))
    bench.window._status._tick()
    bench.window._status._tick()
    assert words in bench.words()
    assert bench.window.desk.session is not None
    assert bench.typed("Detail") == "Under way"
    assert ClockTrust(bench.office.clock).is_trusted  # from now on it is the clock there is
    rows = [row for row in auditing.page(bench.window.desk.here) if row.event == "ClockJumped"]
    assert [json.loads(row.body_json)["ahead_s"] // 86_400 for row in rows] in ([jump], [jump - 1])


def test_a_medium_pulled_while_its_dialog_is_open_is_told(open_at: Open, tmp_path: Path) -> None:
    """The dialog's choice is gone from the disk: a notice says so, and another one can be chosen."""
    medium = tmp_path / "medium"
    medium.mkdir()
    bench = open_at("opened", "osei")
    bench.window.show_case(CASE, "package")
    page = bench.window.findChild(PackagePage)
    choosing.folder(page, "Submission folder", page.received.emit)
    dialog = bench.window.findChild(choosing.Chooser)
    medium.rmdir()
    dialog.choose(medium)
    bench.wait_done()
    assert "(" in bench.notice()
    assert bench.has_button("Choose a folder or bag")


def test_a_display_that_is_unplugged_takes_no_window_along(open_at: Open) -> None:
    """A window left where no screen is comes to one that is there, with what was typed in it."""
    bench = open_at("evaluation", "osei")
    box = _detail(bench)
    box.setPlainText("Under way")
    screen = bench.window.screen()
    bench.window.move(20_000, 20_000)
    QApplication.instance().screenRemoved.emit(screen)
    bench.wait_until(lambda: screen.availableGeometry().intersects(bench.window.frameGeometry()))
    assert "display" in bench.notice()
    assert bench.typed("Detail") == "Under way"


def test_another_screens_resolution_cuts_nothing(open_at: Open) -> None:
    """Text as large as a sharper screen makes it keeps what was typed and the place."""
    bench = open_at("evaluation", "osei")
    _detail(bench).setPlainText("Under way")
    bench.window.restyle(Settings(text_percent=200))
    assert bench.window.router.place.tab == "checklist"
    assert bench.typed("Detail") == "Under way"


@pytest.mark.parametrize(
    "content", [b"theme = ", b"theme = 'sepia'", b"\xff\xfe", b"nobody_knows = 1", b"[" * 9_000]
)
def test_a_damaged_settings_file_is_told_in_the_window(
    open_at: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    """The program opens all the same, by what it came with, and names the file and what is wrong with it."""
    path = tmp_path / "settings.toml"
    path.write_bytes(content)
    opened: list[tuple[object, ...]] = []
    with monkeypatch.context() as patched:
        patched.setattr(settings, "settings_path", lambda: path)
        patched.setattr(bootstrap, "promise", lambda start: start)
        patched.setattr(starting, "run", lambda *words, load: opened.append(words) or 0)
        assert bootstrap.open_desktop() == 0
    ((_services, chosen, told),) = opened
    assert chosen == Settings()
    bench = open_at("people")
    bench.window.notices.explain(told)
    assert "SET-010" in bench.notice()
    assert str(path) in bench.notice()
    assert bench.has_button("I accept")
