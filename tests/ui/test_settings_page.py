"""What a person sets for themselves: at once, under their own name, within what the workstation allows."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from tests.ui.bench import Bench
from tests.ui.conftest import Open
from tests.ui.stages import CASE
from ui import look
from ui.settings.view import SettingsPage
from workstation.settings import DateStyle, Settings, Theme

CONTROL = Qt.KeyboardModifier.ControlModifier


def _open(bench: Bench) -> None:
    bench.key(Qt.Key.Key_Comma, CONTROL)
    bench.settle()
    assert isinstance(bench.page, SettingsPage)


def test_settings_hold_at_once_and_come_back_with_the_person(open_at: Open) -> None:
    """Theme, size, dates and lock are in use after one button, are somebody's own, and survive the lock."""
    bench = open_at("evaluation", "osei", settings=Settings(lock_after_minutes=15))
    _open(bench)
    bench.choose("Theme", "Dark")
    bench.choose("Size of text", "150")
    bench.choose("Dates", "2026-11-23")
    bench.choose("Lock the vault after", "5 minutes")
    bench.press("Use these settings")
    assert "These settings are in use" in bench.notice()
    mine = Settings(theme=Theme.DARK, text_percent=150, dates=DateStyle.ISO, lock_after_minutes=5)
    assert bench.window.desk.settings == mine
    assert bench.window.idle.left_s() <= 5 * 60
    bench.window.show_case(CASE, "timeline")
    bench.wait_until(lambda: "2027-03-" in bench.words())
    bench.window.lock("asked")
    assert bench.window.desk.settings == Settings(lock_after_minutes=15)
    bench.window.unlocked(bench.office.unlock("ibarra"))
    assert bench.window.desk.settings == Settings(lock_after_minutes=15)
    bench.window.lock("asked")
    bench.window.unlocked(bench.office.unlock("osei"))
    assert bench.window.desk.settings == mine
    _open(bench)
    bench.press("As this workstation is set")
    assert bench.window.desk.settings == Settings(lock_after_minutes=15)


def test_nobody_stays_unlocked_longer_than_the_workstation_allows(open_at: Open) -> None:
    """A longer time is not offered, and one that was kept on another workstation is cut."""
    bench = open_at("evaluation", "osei", settings=Settings(lock_after_minutes=10))
    _open(bench)
    assert bench.choices("Lock the vault after") == ["1 minute", "2 minutes", "5 minutes", "10 minutes"]
    assert look.wanted(Settings(lock_after_minutes=10), {"lock_after_minutes": "60"}).lock_after_minutes == 10
    assert look.wanted(Settings(lock_after_minutes=10), {"lock_after_minutes": "0"}).lock_after_minutes == 1


@pytest.mark.parametrize("kept", ["", "later", "-5", "9" * 400, "\u0665", "5.0", "\x00"])
def test_what_is_kept_and_damaged_leaves_the_workstations_settings(kept: str) -> None:
    """Each of the four is taken for itself; what cannot be read is left as the workstation is set."""
    damaged = dict.fromkeys(("theme", "text_percent", "dates", "lock_after_minutes"), kept)
    assert look.wanted(Settings(), damaged) == Settings()
    assert look.wanted(Settings(), damaged | {"theme": "dark"}) == Settings(theme=Theme.DARK)


def test_settings_are_not_opened_before_unlocking(open_at: Open) -> None:
    """Nobody is there yet to whom they would belong."""
    bench = open_at("people")
    bench.key(Qt.Key.Key_Comma, CONTROL)
    assert bench.window.findChildren(SettingsPage) == []


def test_every_setting_is_reached_and_read(open_at: Open) -> None:
    """Tab visits the four lists and both buttons; what the administrator sets is words that can be read."""
    bench = open_at("evaluation", "osei")
    _open(bench)
    seen: list[QWidget] = []
    while (now := bench.window.focusWidget()) not in seen:
        seen.append(now)
        bench.key(Qt.Key.Key_Tab)
    names = {widget.accessibleName() for widget in seen}
    assert {"Theme", "Size of text", "Dates", "Lock the vault after"} <= names
    assert "settings.toml" in bench.words()
    assert "none: cards are not used" in bench.words()
