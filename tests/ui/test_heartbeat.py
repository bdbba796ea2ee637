"""The window answers within a tenth of a second, whatever is being done in it."""

import os
import subprocess
import sys
import time

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from tests.ui.bench import Bench
from tests.ui.conftest import Open
from tests.ui.heartbeat import LONGEST_MS, Heartbeat, Known, limit_ms
from tests.ui.stages import CASE
from ui.cases.workspace import NAMES
from workstation.demo.story import PASSPHRASE

CONTROL = Qt.KeyboardModifier.ControlModifier


def _beat(heart: Heartbeat, bench: Bench, doing: str) -> None:
    """Let the loop run until all questions are answered, with the heart beating."""
    bench.wait_until(lambda: not bench.window.reads.is_busy and not bench.window.jobs.is_busy)
    QTest.qWait(30)
    heart.doing = doing


@pytest.mark.timeout(300)
def test_no_page_keeps_the_window_waiting(open_at: Open) -> None:
    """Unlocking, every page and tab, first time and again, larger text, finding: no stall above 100 ms."""
    bench, heart = open_at("both-submitted"), Heartbeat()
    bench.press("I accept")
    bench.type("Login name", "ibarra")
    bench.type("Passphrase", PASSPHRASE)
    heart.start("unlocking")
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    bench.wait_until(lambda: bench.window.desk.session is not None)
    _beat(heart, bench, "the page one arrives at")
    heart.doing = "making pages beforehand"
    bench.wait_until(lambda: bench.window.warmer.is_done)
    _go_everywhere(heart, bench)
    _go_everywhere(heart, bench)
    heart.doing = "finding anything"
    bench.key(Qt.Key.Key_K, CONTROL)
    _beat(heart, bench, "typing into find anything")
    for letter in "data card":
        QTest.keyClicks(bench.named(QLineEdit, "Find anything"), letter)
        _beat(heart, bench, f"typed {letter!r}")
    heart.stop()
    assert heart.beats > 100
    assert [stall for stall in heart.stalls if stall.own_ms > limit_ms()] == []


def _go_everywhere(heart: Heartbeat, bench: Bench) -> None:
    for name in ("home", "cases", "windows", "audit", "verify", "vault", "account"):
        heart.doing = f"page {name}"
        QTest.qWait(10)
        bench.window.show_page(name)
        _beat(heart, bench, f"page {name} shown")
    for name in NAMES:
        heart.doing = f"tab {name}"
        QTest.qWait(10)
        bench.window.show_case(CASE, name)
        _beat(heart, bench, f"tab {name} shown")


def test_the_watchdog_sees_a_stall(qapp: QApplication) -> None:
    """Computing for 160 ms and waiting for 350 ms are stalls; waiting in the loop is none."""
    del qapp
    heart = Heartbeat()
    heart.start("nothing")
    QTest.qWait(300)
    assert heart.stalls == []
    for doing, act in (("computing", _compute), ("sleeping", lambda: time.sleep(0.35))):
        heart.doing = doing
        act()
        QTest.qWait(20)
    heart.stop()
    assert {"computing", "sleeping"} <= {stall.doing for stall in heart.stalls}


def test_what_neighbours_slow_down_is_told_from_a_stall(qapp: QApplication) -> None:
    """Work that is a stall on a quiet machine is one beside busy processes, and half of it is none."""
    del qapp
    heart = Heartbeat()
    with _Neighbours():
        heart.start("nothing")
        for doing, size in (("half", 0.4), ("double", 2.0)):
            heart.doing = doing
            _work(int(size * LONGEST_MS * 1e6 / Known.best_ns))
            QTest.qWait(20)
        heart.stop()
    assert {stall.doing for stall in heart.stalls} == {"double"}


class _Neighbours:
    """Other processes that keep every processor busy."""

    def __enter__(self) -> None:
        busy = [sys.executable, "-I", "-c", "while True: sorted(range(9999))"]
        self._all = [subprocess.Popen(busy) for _one in range(os.cpu_count() or 1)]

    def __exit__(self, *_how: object) -> None:
        for one in self._all:
            one.kill()
            one.wait()


def _work(pieces: int) -> None:
    """So many times the known work, whatever time that takes now; it does it three times at once."""
    for _piece in range(max(1, pieces // 3)):
        Known.once_ns()


def _compute() -> None:
    _work(int(1.6 * LONGEST_MS * 1e6 / Known.best_ns))
