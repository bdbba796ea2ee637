"""A large evaluation log in the real window: opened, filtered, searched, with a watchdog on the window.

    python3 dev.py bench viewer [--scale 1.0] [--folder FOLDER] [--strict]

At full scale the log has 2 GiB. It is received into a real vault, examined, accepted and looked at by
keyboard as a reviewer does. Told for each step: seconds until it is shown, and the longest time in which the
window did not answer (see ``tests/ui/heartbeat.py``). Without a display the window is drawn off screen.
``--strict`` ends with an error where the window did not answer for more than a tenth of a second.
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
if not os.environ.get("DISPLAY"):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPlainTextEdit

from tests.bench.examine_inputs import CASES
from tests.helpers.office import office
from tests.ui.bench import Bench
from tests.ui.heartbeat import LONGEST_MS, Heartbeat
from tests.ui.stages import CASE, Office
from ui.application import application
from ui.widgets.text import Text
from workstation.app import quarantine
from workstation.core.values import CaseId
from workstation.settings import Settings

FILES, SAMPLES = "Files of the package", "Samples of the evaluation"
NAME = "run.json"
_MOST_S = 900.0
_ROUND_MS = 50


def _received(folder: Path, scale: float) -> tuple[Office, float, int]:
    """A case that holds the log, how long the receipt took, and the log's length."""
    source = folder / "submission"
    source.mkdir()
    case = next(case for case in CASES if case.file == "log.json")
    case.write(source / NAME, scale)
    size_bytes = (source / NAME).stat().st_size
    story = office(folder, source=source)
    story.set_up()
    case_id = story.open_case()
    before = time.monotonic()
    package = story.receive(case_id)
    taken = time.monotonic() - before
    shutil.rmtree(source)
    story.clock.advance(story.to_window)
    with story.acting("ibarra") as session:
        quarantine.accept(session, package.package_id, reason="Measured.")
    made = Office(services=story.services, clock=story.clock, folder=folder, case_id=CaseId(case_id))
    return made, taken, size_bytes


class Steps:
    """Does one thing after the other and writes down how long each took."""

    def __init__(self, bench: Bench) -> None:
        self.bench, self.heart, self.worst_ms = bench, Heartbeat(), 0.0

    def step(self, doing: str, act: Callable[[], object], shown: Callable[[], bool]) -> None:
        """Act, and wait until the window shows it."""
        self.heart.longest_ms, before = 0.0, time.monotonic()
        self.heart.start(doing)
        act()
        while not shown():
            QTest.qWait(_ROUND_MS)
            if time.monotonic() - before > _MOST_S:
                raise TimeoutError(doing)
        taken = time.monotonic() - before
        self.heart.stop()
        self.worst_ms = max(self.worst_ms, self.heart.longest_ms)
        print(f"{doing:44}{taken:>9.2f} s{self.heart.longest_ms:>9.0f} ms", flush=True)

    def read(self, words: str) -> Callable[[], bool]:
        """Whether these words can be read now and the sandbox has answered.

        Only the texts of the page that is shown are asked for: looking through all pages that were made
        takes the window's thread longer than the window itself ever does.
        """

        def shown() -> bool:
            page = self.bench.window.router.page
            texts = [text.words for text in page.findChildren(Text) if text.isVisible()]
            busy = any("Reading in the sandbox" in text or "Looking through" in text for text in texts)
            return not busy and any(words in text for text in texts)

        return shown


def _transcript_of(bench: Bench, number: int) -> Callable[[], bool]:
    """Whether this sample's transcript is on screen."""
    pane = bench.named(QPlainTextEdit, "Transcript of the chosen sample")
    return lambda: pane.toPlainText().startswith(f"Sample\n{number}\n")


def _look(steps: Steps, samples: int) -> None:
    bench = steps.bench
    table = bench.table(FILES)
    table.go_to([row[0] for row in bench.cells(FILES)].index(NAME))
    table.setFocus()

    def enter() -> None:
        bench.key(Qt.Key.Key_Return)

    steps.step("open: the first samples", enter, steps.read("at least" if samples > 500 else "in the log"))
    shown = bench.table(SAMPLES)
    shown.go_to(min(20, samples - 1))
    shown.setFocus()
    steps.step("a transcript of the first page", enter, _transcript_of(bench, min(20, samples - 1) + 1))
    steps.step(
        "type a filter over what was read",
        lambda: bench.type("Filter the samples", "match I 77"),
        steps.read(" read, "),
    )
    steps.step("find it in the whole log", enter, steps.read("that is the whole log"))
    bench.type("Filter the samples", str(samples))
    steps.step("find the last sample", enter, steps.read("1 found in"))
    shown = bench.table(SAMPLES)
    shown.go_to(0)
    shown.setFocus()
    steps.step("jump to its transcript", enter, _transcript_of(bench, samples))
    bench.press("Use this place as evidence")


def main() -> int:
    """Measure and print; 1 where ``--strict`` was asked for and the window did not answer in time."""
    parser = argparse.ArgumentParser(description="A large evaluation log in the window.")
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()))
    parser.add_argument("--strict", action="store_true")
    options = parser.parse_args()
    settings = Settings()
    application(settings)
    with tempfile.TemporaryDirectory(dir=options.folder, prefix="bench-viewer-") as folder:
        made, taken, size_bytes = _received(Path(folder), options.scale)
        samples = max(1, int((2 << 30) * options.scale) >> 20)
        print(f"a log of {size_bytes / 1e9:.2f} GB, {samples:,} samples", flush=True)
        print(f"{'received and examined':44}{taken:>9.2f} s", flush=True)
        print(f"{'step':44}{'shown after':>11}{'no answer':>12}", flush=True)
        bench = Bench(office=made, settings=settings)
        try:
            bench.arrive("osei")
            bench.window.show_case(CASE, "package")
            bench.wait_until(lambda: bool(bench.cells(FILES)))
            # Pages are made beforehand while nobody does anything; a reader of a log begins after that.
            bench.wait_until(lambda: bench.window.warmer.is_done)
            steps = Steps(bench)
            _look(steps, samples)
        finally:
            bench.close()
    print(f"the window's longest silence: {steps.worst_ms:.0f} ms, the bound is {LONGEST_MS} ms")
    return int(options.strict and steps.worst_ms > LONGEST_MS)


if __name__ == "__main__":
    sys.exit(main())
