"""What a person who cannot use the mouse, sees little or nothing, can still do: on every page."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QColor
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDateEdit,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)

from tests.ui import pixels
from tests.ui.bench import Bench
from tests.ui.conftest import Open
from tests.ui.scenes import CASE_PAGES, SCENES, show
from tests.ui.stages import Stages
from ui import theme
from ui.cases.workspace import NAMES
from ui.widgets.text import Text
from workstation.settings import Settings, Theme

PAIRS = (
    ("text", "window"),
    ("text", "surface"),
    ("text", "raised"),
    ("text", "selection"),
    ("muted", "window"),
    ("muted", "surface"),
    ("muted", "raised"),
    ("accent_text", "accent"),
    ("danger", "surface"),
    ("caution", "surface"),
    ("good", "surface"),
    ("window", "caution"),
)
CONTROL_PAIRS = (("control", "surface"), ("control", "window"), ("focus", "surface"), ("focus", "window"))


@dataclass(kw_only=True)
class Seen:
    """What one walk through all pages found; each list names what is wrong."""

    pages: list[str] = field(default_factory=list)
    nameless: list[str] = field(default_factory=list)
    unreached: list[str] = field(default_factory=list)
    clipped: list[str] = field(default_factory=list)
    too_large: list[str] = field(default_factory=list)
    banners: list[str] = field(default_factory=list)
    pale: list[str] = field(default_factory=list)
    focus: dict[str, bool] = field(default_factory=dict)


def _walk(
    stages: Stages, folder: Path, settings: Settings, visit: Callable[[Seen, str, Bench], None]
) -> Seen:
    seen = Seen()
    for number, (stage, who, pages) in enumerate(SCENES):
        bench = Bench(office=stages.at(stage, folder / str(number)), settings=settings)
        if who:
            bench.arrive(who)
        for page in pages:
            show(bench, page)
            place = f"{stage}/{who}/{page}"
            seen.pages.append(place)
            visit(seen, place, bench)
        bench.close()
    return seen


@pytest.fixture(scope="module")
def seen(stages: Stages, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """One walk at the usual text size, looked at in two window sizes."""
    QAccessible.setActive(True)
    return _walk(stages, tmp_path_factory.mktemp("walk"), Settings(), _look_at)


@pytest.fixture(scope="module")
def seen_doubled(stages: Stages, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """One walk with text doubled on a small screen."""

    def visit(seen: Seen, place: str, bench: Bench) -> None:
        for width, height in ((1280, 720), (1366, 768)):
            _fits(seen, place, bench, width, height)

    return _walk(stages, tmp_path_factory.mktemp("doubled"), Settings(text_percent=200), visit)


def _look_at(seen: Seen, place: str, bench: Bench) -> None:
    _names(seen, place, bench)
    _tab_order(seen, place, bench)
    _focus_rings(seen, bench)
    _banners(seen, place, bench)
    for width, height in ((960, 540), (1366, 768)):
        _fits(seen, place, bench, width, height)


def _is_inner(widget: QWidget) -> bool:
    """The line inside a field speaks through its field."""
    return isinstance(widget.parentWidget(), QDateEdit | QComboBox)


def _focusable(bench: Bench) -> list[QWidget]:
    return [
        widget
        for widget in bench.all(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.isEnabled()
        and widget.focusProxy() is None
        and not _is_inner(widget)
    ]


def _called(widget: QWidget) -> str:
    return f"{type(widget).__name__} {widget.accessibleName() or getattr(widget, 'text', str)()}"


def _names(seen: Seen, place: str, bench: Bench) -> None:
    for widget in _focusable(bench):
        interface = QAccessible.queryAccessibleInterface(widget)
        name = interface.text(QAccessible.Text.Name) if interface else ""
        typed = isinstance(widget, QLineEdit | QPlainTextEdit | QComboBox | QDateEdit)
        if not name or (typed and not widget.accessibleName()):
            seen.nameless.append(f"{place}: {_called(widget)}")


def _tab_order(seen: Seen, place: str, bench: Bench) -> None:
    bench.page.focus_first()
    start = now = QApplication.focusWidget()
    visited = []
    while now is not None and now not in visited:
        visited.append(now)
        bench.key(Qt.Key.Key_Tab)
        now = QApplication.focusWidget()
    if start is None or now is not start:
        seen.unreached.append(f"{place}: Tab does not come back to {start and _called(start)}")
    missed = [_called(widget) for widget in _focusable(bench) if widget not in visited]
    seen.unreached += [f"{place}: {what}" for what in missed]


def _focus_rings(seen: Seen, bench: Bench) -> None:
    widgets = _focusable(bench)
    for widget in widgets[1:]:
        kind = type(widget).__name__
        if kind not in seen.focus:
            widgets[0].setFocus()
            without = widget.grab().toImage()
            widget.setFocus()
            seen.focus[kind] = widget.grab().toImage() != without


def _banners(seen: Seen, place: str, bench: Bench) -> None:
    top, bottom = bench.window.banners
    stage, _who, page = place.split("/")
    in_case = page in {*NAMES, *CASE_PAGES} and stage not in {"nothing", "people"}  # without any case
    covered = not in_case or top.words == "UNCLASSIFIED"
    if not (top.isVisible() and bottom.isVisible() and top.words == bottom.words and top.words and covered):
        seen.banners.append(f"{place}: {top.words!r} and {bottom.words!r}")


def _contrasts(seen: Seen, place: str, bench: Bench) -> None:
    bench.window.resize(1366, 768)
    QApplication.processEvents()
    seen.pale += [f"{place}: {what}" for what in pixels.low(bench.window)]


def _fits(seen: Seen, place: str, bench: Bench, width: int, height: int) -> None:
    bench.window.resize(width, height)
    for _round in range(20):
        QApplication.processEvents()
        cut = _clipped(bench)
        if not cut:
            break
    seen.clipped += [f"{place} at {width}x{height}: {what}" for what in cut]
    least = bench.window.minimumSizeHint()
    if least.width() > width or least.height() > height:
        seen.too_large.append(f"{place}: needs {least.width()}x{least.height()}")


def _clipped(bench: Bench) -> list[str]:
    found = []
    for text in bench.all(Text):
        needed = text.heightForWidth(text.width()) if text.wordWrap() else text.sizeHint().height()
        wide = 0 if text.wordWrap() else text.sizeHint().width()
        if text.words and (text.height() < needed or text.width() < wide):
            found.append(f"{text.words[:40]!r} {text.size().toTuple()} needs {wide}x{needed}")
    for button in bench.all(QAbstractButton):
        hint = button.minimumSizeHint()
        if button.text() and (button.width() < hint.width() or button.height() < hint.height()):
            found.append(f"button {button.text()!r}")
    return found


@pytest.mark.timeout(600)
def test_everything_that_takes_the_keyboard_has_a_name(seen: Seen) -> None:
    """Fields by their caption, buttons by their words: no widget is announced as nothing."""
    assert len(seen.pages) == sum(len(pages) for _stage, _who, pages in SCENES)
    assert seen.nameless == []


@pytest.mark.timeout(600)
def test_tab_reaches_everything_and_comes_back(seen: Seen) -> None:
    """From the first field Tab visits each widget that takes the keyboard and returns to the start."""
    assert seen.unreached == []


@pytest.mark.timeout(600)
def test_focus_can_be_seen_on_every_kind_of_control(seen: Seen) -> None:
    """A control with the keyboard is drawn otherwise than without."""
    assert {"QPushButton", "QLineEdit", "Choice", "Table", "TextBox", "DateField"} <= seen.focus.keys()
    assert [kind for kind, differs in seen.focus.items() if not differs] == []


@pytest.mark.timeout(600)
def test_every_page_carries_both_banners(seen: Seen) -> None:
    """The same whole text at the top and at the bottom of each page, covering what it shows."""
    assert seen.banners == []


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", list(Theme))
def test_contrast_holds_as_drawn_in_every_theme(name: Theme, stages: Stages, tmp_path: Path) -> None:
    """In the pictures of all pages: text 4.5 to 1, the edges of controls 3 to 1."""
    seen = _walk(stages, tmp_path, Settings(theme=name), _contrasts)
    assert len(seen.pages) > len(SCENES)
    assert seen.pale == []


@pytest.mark.timeout(600)
def test_every_page_fits_small_windows_and_clips_nothing(seen: Seen) -> None:
    """At half of 1080p and on a small laptop the window fits and no word is cut."""
    assert seen.too_large == []
    assert seen.clipped == []


@pytest.mark.timeout(600)
def test_every_page_fits_with_text_doubled(seen_doubled: Seen) -> None:
    """With text at 200 % the window fits 1280x720 and 1366x768, and no word is cut."""
    assert seen_doubled.too_large == []
    assert seen_doubled.clipped == []


def _luminance(colour: QColor) -> float:
    def part(value: float) -> float:
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = (part(v) for v in (colour.redF(), colour.greenF(), colour.blueF()))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: QColor, other: QColor) -> float:
    """The ratio of WCAG 2.0."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("name", list(Theme))
def test_text_and_controls_stand_out_in_every_theme(name: Theme) -> None:
    """Text pairs reach 4.5 to 1, controls and focus 3 to 1."""
    low = [
        f"{front} on {back}: {ratio:.2f}"
        for pairs, least in ((PAIRS, 4.5), (CONTROL_PAIRS, 3.0))
        for front, back in pairs
        if (ratio := contrast(theme.colour(name, front), theme.colour(name, back))) < least
    ]
    assert low == []


BANNERS = (
    "UNCLASSIFIED",
    "CUI",
    "CONFIDENTIAL",
    "SECRET//NOFORN",
    "TOP SECRET//NOFORN",
    "TOP SECRET//SI//NOFORN",
    "",
    "NO SUCH MARKING",
)


@pytest.mark.parametrize("banner", BANNERS)
def test_banners_can_be_read(banner: str) -> None:
    """Each level's words reach 4.5 to 1 on its colour."""
    background, foreground = theme.marking_colours(banner)
    assert contrast(QColor(background), QColor(foreground)) >= 4.5


def test_levels_differ_in_colour_and_words_do_not_fool_it() -> None:
    """Colour follows the parsed marking: a word that contains the letters of a control system is not one."""
    colours = [theme.marking_colours(banner) for banner in BANNERS[:6]]
    assert all(one != other for one, other in itertools.combinations(colours, 2))
    assert theme.marking_colours("TOP SECRET//NOFORN") != theme.marking_colours("TOP SECRET//SI//NOFORN")


def test_no_information_is_in_the_colour_of_a_label_alone(open_at: Open) -> None:
    """The days left say their standing in a word."""
    bench = open_at("evaluation", "osei")
    assert "30 days left, open" in bench.cells("Cases")[0]
    assert bench.all(QLabel)
