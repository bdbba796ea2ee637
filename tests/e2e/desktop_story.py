"""The whole way through the window by keyboard alone, first run to verified export; its two ends by mouse.

Run as a program on an X screen: ``python -m tests.e2e.desktop_story KIND FOLDER``, where the kind is one of
``STORIES``. Prints a line for each step, and at the end ``done``, the keys and clicks it took, and the
longest time for which the window did not answer. The vault is a demonstration's, so that a passphrase costs
little; all else is the program.
"""

import os
import sys
from datetime import timedelta
from pathlib import Path

from PySide6.QtWidgets import QApplication

from tests.e2e.hands import Hands, Keyboard
from tests.e2e.mouse import Mouse
from tests.helpers.ready_office import office_at
from tests.ui.heartbeat import Heartbeat
from ui.application import opened
from ui.main_window import MainWindow
from workstation import bootstrap
from workstation.app.services import Services
from workstation.core.vault import Profile
from workstation.demo import sample
from workstation.demo.story import PASSPHRASE
from workstation.machine import SystemClock
from workstation.settings import Settings

_SOME = 3  # answers by mouse
_MINE = 2  # the column of one's own answers
WORDS = "four plain words together"
PEOPLE = (
    ("M. Lindqvist", "D-4", "lindqvist", "Determination official"),
    ("R. Ibarra", "D-2", "ibarra", "Lead reviewer"),
    ("K. Osei", "D-3", "osei", "Reviewer"),
    ("S. Tanaka", "D-5", "tanaka", "Security officer"),
)


class Story:
    """Each method is what one person does at one sitting."""

    def __init__(self, hands: Hands, heart: Heartbeat, folder: Path, *, words: str = WORDS) -> None:
        self.hands, self.heart, self.folder, self.words = hands, heart, folder, words
        self.medium = folder / "medium"

    def say(self, words: str) -> None:
        """Where the story is."""
        self.heart.doing = words
        print(words, flush=True)

    def tell(self) -> None:
        """All of it."""
        self.set_up()
        self.enrol()
        self.confirm()
        self.receive()
        for who in ("ibarra", "osei"):
            self.answer(who)
        for who, recommends in (("osei", False), ("ibarra", True)):
            self.conclude(who, recommends=recommends)
        self.determine()
        self.sign()
        self.release()

    def set_up(self) -> None:
        """The first run."""
        hands = self.hands
        self.say("first run")
        hands.press("I accept")
        names = ("Office", "Custodian's name", "Staff number", "Login name")
        for name, text in zip(names, ("Review Office", "N. Abara", "D-1", "abara"), strict=True):
            hands.type(name, text)
        for name in ("Passphrase", "Passphrase again"):
            hands.type(name, WORDS)
        hands.press("Create the vault")
        hands.until(lambda: hands.window.desk.session, "the vault was never made")

    def sit_down(self, who: str) -> None:
        """Lock, and unlock as somebody."""
        hands = self.hands
        if hands.window.desk.session is not None:
            hands.lock()
            hands.until(lambda: hands.window.desk.session is None, "the vault never locked")
        self.say(f"unlocking as {who}")
        hands.type("Login name", who)
        hands.type("Passphrase", self.words)
        hands.press("Unlock")
        hands.until(lambda: hands.window.desk.session, f"{who} never came in")
        hands.at_rest()
        hands.look_round()

    def enrol(self) -> None:
        """The custodian enrols the others, and lists the medium."""
        hands = self.hands
        hands.press("People")
        for name, staff, login, role in PEOPLE:
            self.say(f"enrolling {login}")
            for caption, text in (("Name", name), ("Staff number", staff), ("Login name", login)):
                hands.type(caption, text)
            hands.choose("Role", role)
            for caption in ("Passphrase of the new person", "The same again", "Your own passphrase"):
                hands.type(caption, WORDS)
            hands.press("Enrol this person")
            hands.told(f"{name} is enrolled")
        self.say("listing the medium")
        hands.press("Media and recipients")
        hands.press("Use a folder")
        hands.folder(str(self.medium))
        hands.beside = "Put it on the list"
        hands.type("Name", "M-1")
        hands.type("Marking", "UNCLASSIFIED")
        hands.beside = ""
        hands.press("Put it on the list")
        hands.told("M-1 is on the list")

    def confirm(self) -> None:
        """Somebody else than the custodian says who the others are."""
        hands = self.hands
        self.sit_down("lindqvist")
        hands.press("People")
        for name, staff, login, _role in PEOPLE[1:]:
            self.say(f"confirming {login}")
            hands.row("People", name)
            hands.type("Staff number on the badge", staff)
            hands.press("Confirm this person")
            hands.told(f"{name} is confirmed")

    def receive(self) -> None:
        """The lead opens the case, receives, accepts, assigns and begins."""
        hands = self.hands
        self.sit_down("ibarra")
        self.say("opening a case")
        hands.press("Cases")
        hands.press("New case")
        for caption, text in (("Developer", "Northwind"), ("Model", "Aster-3"), ("Checkpoint", "0219")):
            hands.type(caption, text)
        hands.press("Open this case")
        self.say("receiving")
        hands.tab("Package")
        hands.press("Choose a folder or bag")
        hands.folder(str(self.folder / "in" / "aster-3-submission"))
        hands.told("They wait in quarantine")
        self.say("accepting")
        hands.type("Reason", "Read and understood")
        hands.press("Accept out of quarantine")
        hands.told("Recorded under your name")
        self.say("assigning")
        hands.tab("Overview")
        hands.choose("First reviewer", "R. Ibarra")
        hands.choose("Second reviewer", "K. Osei")
        hands.press("Assign these two")
        hands.told("Reviewers assigned")
        self.say("beginning")
        hands.press("Begin the evaluation today")
        hands.told("The evaluation has begun")

    def go_to_case(self, who: str, tab: str) -> None:
        """Sit down, open the one case, turn to a part."""
        self.sit_down(who)
        if not self.hands.window.router.case_id or self.hands.window.router.place.name != "case":
            self.hands.press("Cases")
            self.hands.press("Open case")
        self.hands.tab(tab)

    def answer(self, who: str, most: int | None = None) -> None:
        """Every criterion, and the checklist submitted; or the first few."""
        hands = self.hands
        self.go_to_case(who, "Checklist")
        self.say(f"answering as {who}")

        rows, _first = hands.table_row("Criteria", "")
        model = rows.model()
        for number in range(model.rowCount() if most is None else most):
            hands.answer("ok")
            mine = model.index(number, _MINE)
            hands.until(lambda mine=mine: mine.data() == "Met", f"answer {number + 1} was never recorded")
        if most is not None:
            return
        self.say(f"submitting as {who}")
        hands.press("Submit my checklist")
        hands.told("submitted")

    def conclude(self, who: str, *, recommends: bool) -> None:
        """An opinion, and the lead's recommendation."""
        hands = self.hands
        self.go_to_case(who, "Determination")
        self.say(f"opinion of {who}")
        for press, told in (("Give this opinion", "opinion"), ("Recommend this", "ecommend")):
            if press == "Recommend this" and not recommends:
                continue
            hands.beside = press
            hands.choose("Conclusion", "Covered frontier model")
            hands.type("Reasons", "The record speaks.")
            hands.beside = ""
            hands.press(press)
            hands.told(told)

    def determine(self) -> None:
        """Four consultations, then the determination."""
        hands = self.hands
        self.go_to_case("lindqvist", "Determination")
        self.say("consulting")
        for _consultee in range(4):
            hands.press("Record this consultation")
            hands.told("Consultation recorded")
            hands.window.notices.dismiss()
        self.say("determining")
        hands.beside = "Determine this"
        hands.choose("Conclusion", "Covered frontier model")
        hands.type("Reasons", "On the whole record.")
        hands.beside = ""
        hands.press("Determine this")
        hands.told("etermin")

    def sign(self) -> None:
        """A reviewer signs and asks for the release."""
        hands = self.hands
        self.go_to_case("osei", "Export")
        self.say("signing")
        hands.type("Your passphrase", self.words)
        hands.press("Compose and sign as reviewer")
        hands.told("is signed and kept")
        hands.type("Recipient", "Office of the Director")
        hands.press("Request the export")
        hands.at_rest()

    def release(self) -> None:
        """The officer writes it to the medium, and verifies what is there."""
        hands = self.hands
        self.sit_down("tanaka")
        self.say("releasing")
        hands.press("Releases")
        hands.press("Use a folder")
        hands.folder(str(self.medium))
        hands.type("Marking on its label", "UNCLASSIFIED")
        hands.type("Your passphrase", self.words)
        hands.press("Sign, write and read back")
        hands.told("safe to remove")
        self.say("verifying")
        (export,) = self.medium.iterdir()
        hands.press("Verify an export")
        hands.press("Choose an export folder")
        hands.folder(str(export))
        answer = "Verified: every file is as signed"
        hands.until(lambda: answer in _words(hands.window), "it never verified")


def _words(window: MainWindow) -> str:
    from ui.widgets.text import Text

    return "\n".join(text.words for text in window.findChildren(Text) if text.isVisible())


def by_keyboard(hands: Hands, heart: Heartbeat, folder: Path) -> None:
    """All of it."""
    Story(hands, heart, folder).tell()


def beginning_by_mouse(hands: Hands, heart: Heartbeat, folder: Path) -> None:
    """First run, people, case, package, and the first answers; the others are like them."""
    story = Story(hands, heart, folder)
    story.set_up()
    story.enrol()
    story.confirm()
    story.receive()
    story.answer("ibarra", most=_SOME)


def by_mouse(hands: Hands, heart: Heartbeat, folder: Path) -> None:
    """From a determined case to a verified export."""
    story = Story(hands, heart, folder, words=PASSPHRASE)
    hands.press("I accept")
    story.sign()
    story.release()


STORIES = {"keyboard": by_keyboard, "mouse-begins": beginning_by_mouse, "mouse": by_mouse}


def _ready(folder: Path, *, told: bool) -> Services:
    """An empty workstation, or one whose case is determined and whose medium is listed."""
    if told:
        story, _case_id = office_at("concluded", folder)
        (folder / "medium").mkdir()
        story.list_medium(folder / "medium")
        return story.services
    (folder / "medium").mkdir(parents=True)
    today = SystemClock().now().date()
    sample.write_sample(folder / "in", sent_on=today, planned_release_on=today + timedelta(days=60))
    return bootstrap.promise(bootstrap.Start(vault_folder=folder / "profile", profile=Profile.DEMO))


def main(kind: str, folder: Path) -> int:
    """Open the window as ``workstation`` does, and walk."""
    os.environ["QT_QPA_PLATFORM"] = "xcb"
    services = _ready(folder, told=kind == "mouse")
    window = opened(services, Settings(), load=lambda: bootstrap.load(services))
    heart = Heartbeat()
    window.activateWindow()
    hands: Hands = Keyboard(window, folder) if kind == "keyboard" else Mouse(window, folder)
    hands.until(lambda: QApplication.activeWindow() is window, "the window never became active")
    heart.start("start")
    try:
        STORIES[kind](hands, heart, folder)
    finally:
        heart.stop()
        window.grab().save(str(folder / "last.png"))
        hands.close()
        window.close()
    for stall in {id(one): one for one in (*heart.stalls, *heart.busy)}.values():
        print(
            f"stall {stall.own_ms:.0f} ms, of the processor {stall.busy_ms:.0f} ms: {stall.doing} "
            f"({stall.wall_ms:.0f} ms in all, {stall.slowness:.1f} times slower)"
        )
    print(f"done: {hands.keys_pressed} keys, {hands.clicks} clicks, longest {heart.longest_ms:.0f} ms")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
