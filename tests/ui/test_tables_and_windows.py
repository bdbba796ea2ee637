"""Sorting tables, the picture of all windows, and the strip at the bottom."""

from datetime import UTC, date, datetime, timedelta

from PySide6.QtCore import Qt

from tests.ui.conftest import Open
from ui.clock import ClockTrust
from ui.dates import Dates
from ui.look import kept, larger, wanted
from ui.widgets.paging import PagedTable
from ui.widgets.tables import RowsModel, Table
from ui.windows.picture import WindowsPicture
from ui.windows.presenter import Lane, axis, spoken
from workstation.core.values import CaseId
from workstation.core.window import WindowStanding
from workstation.settings import Settings, Theme

TODAY = date(2027, 3, 10)
SHIFT = Qt.KeyboardModifier.ShiftModifier


def _table(qapp: object) -> Table[tuple[str, int]]:
    del qapp
    table: Table[tuple[str, int]] = Table(
        "Rows", (("Name", lambda row: row[0]), ("Size", lambda row: f"{row[1]} bytes", lambda row: row[1]))
    )
    table.show_rows([("K1.10", 3), ("K1.2", 20), ("k1.1", 100)])
    return table


def _names(table: Table[tuple[str, int]]) -> list[str]:
    return [table.rows.row_at(i)[0] for i in range(table.rows.rowCount())]


def test_f8_sorts_by_each_column_and_then_as_given(qapp: object) -> None:
    """Numbers within words count as numbers, a column's own key counts, and the chosen row stays chosen."""
    table = _table(qapp)
    table.go_to(1)
    table._order_by_key(turned=False)
    assert _names(table) == ["k1.1", "K1.2", "K1.10"]
    assert table.current() == ("K1.2", 20)
    table._order_by_key(turned=True)
    assert _names(table) == ["K1.10", "K1.2", "k1.1"]
    table._order_by_key(turned=False)
    assert _names(table) == ["K1.10", "K1.2", "k1.1"]
    header = table.rows.headerData(1, Qt.Orientation.Horizontal, Qt.ItemDataRole.AccessibleTextRole)
    assert header == "Size, sorted upwards"
    table._order_by_key(turned=False)
    assert _names(table) == ["K1.10", "K1.2", "k1.1"]
    assert table.rows.order is None


def test_an_order_holds_when_rows_come_anew(qapp: object) -> None:
    """Reading again and further pages keep the order; the next page begins after the last row as given."""
    table = _table(qapp)
    table.sort_by((1, True))
    table.show_rows([("a", 1), ("b", 9)])
    table.rows.append_rows([("c", 5)])
    assert _names(table) == ["b", "c", "a"]
    assert table.rows.last_given() == ("c", 5)


def test_an_order_over_a_part_is_told_as_one(qapp: object) -> None:
    """While further rows are unread, a sorted table says that it sorted what is shown."""
    table = _table(qapp)
    paged = PagedTable(table, "rows")
    paged.show_rows([("a", 1), ("b", 9)], more=True)
    assert paged._partly.isHidden()
    table.sort_by((1, True))
    assert not paged._partly.isHidden()
    assert paged._partly.words == "Sorted among the 2 rows shown so far"
    paged.add_rows([("c", 5)], more=False)
    assert paged._partly.isHidden()


def test_mixed_cells_sort(qapp: object) -> None:
    """Empty cells, words and numbers in one column have one order."""
    del qapp
    model: RowsModel[str] = RowsModel((("Cell", lambda row: row),))
    model.show_rows(["10", "", "b", "9", "a1", "\u0665"])
    model.order_by(0, backwards=False)
    assert [model.row_at(i) for i in range(6)][:3] == ["", "\u0665", "9"]


def _lane(number: int, standing: WindowStanding, ahead: int) -> Lane:
    return Lane(
        case_id=CaseId(f"CASE-{number}"),
        name=f"Model {number}",
        standing=standing,
        words=f"{ahead} days, {standing}",
        start_on=TODAY - timedelta(days=20),
        release_on=TODAY + timedelta(days=ahead),
        next_step="Recommend",
    )


def test_shapes_tell_standings_without_colour(qapp: object) -> None:
    """With every colour taken away, overdue, at risk, open and not begun are still four different marks."""
    del qapp
    grey = []
    for standing in (
        WindowStanding.OVERDUE,
        WindowStanding.AT_RISK,
        WindowStanding.OPEN,
        WindowStanding.BEFORE,
    ):
        picture = WindowsPicture("high-contrast", Dates())
        picture.resize(900, 200)
        lanes = [_lane(1, standing, 5)]
        picture.show_lanes(lanes, axis(lanes, TODAY), "")
        image = picture.grab().toImage().convertToFormat(image_format())
        grey.append(bytes(image.constBits()))
    assert len(set(grey)) == 4


def test_the_ends_of_the_axis_never_lie_over_each_other(qapp: object) -> None:
    """However narrow the picture, the last day is written beside the first."""
    del qapp
    lanes = [_lane(1, WindowStanding.OPEN, 5)]
    for width in (300, 500, 900, 1800):
        picture = WindowsPicture("light", Dates())
        picture.resize(width, 200)
        (_begin, end), (begin, _end) = picture.ends(axis(lanes, TODAY))
        assert begin > end


def image_format() -> "object":
    """Eight bits of grey."""
    from PySide6.QtGui import QImage

    return QImage.Format.Format_Grayscale8


def test_thousands_of_windows_draw_as_one(qapp: object) -> None:
    """Only lanes in view are drawn, and what is chosen is brought into view."""
    del qapp
    lanes = [_lane(number, WindowStanding.OPEN, number % 60) for number in range(5_000)]
    picture = WindowsPicture("light", Dates())
    picture.resize(900, 300)
    drawn: list[int] = []
    original = picture._draw_lane
    picture._draw_lane = lambda painter, ax, number, top: (  # type: ignore[method-assign]  # counted
        drawn.append(number),
        original(painter, ax, number, top),
    )[1]
    picture.show_lanes(lanes, axis(lanes, TODAY), spoken(lanes, Dates()))
    picture.choose(lanes[4_000])
    picture.show()
    drawn.clear()
    picture.grab()
    picture.hide()
    assert 4_000 in drawn
    assert len(set(drawn)) < 20
    assert "4,990 more are in the table." in picture.accessibleDescription()


def test_the_axis_is_bounded(qapp: object) -> None:
    """A release in the year 9999 does not squeeze today's windows into nothing."""
    del qapp
    far = _lane(1, WindowStanding.OPEN, 0)
    lanes = [far, _lane(2, WindowStanding.OPEN, 1_000_000)]
    found = axis(lanes, TODAY)
    assert (found.last - TODAY).days <= 90
    assert (TODAY - found.first).days <= 45
    assert axis([], TODAY).first < TODAY


def test_all_windows_has_picture_table_and_words(open_at: Open) -> None:
    """One case is in the sentence, the picture's words and the table; Enter opens its timeline."""
    bench = open_at("evaluation", "osei")
    bench.window.show_page("windows")
    assert "1 case with a planned release: 1 open." in bench.words()
    rows = bench.cells("All windows")
    assert rows[0][:2] == ["Open", "30 days left, open"]
    picture = bench.all(WindowsPicture)[0]
    assert "Aster-3, aster-3-0219: 30 days left, open" in picture.accessibleDescription()
    bench.table("All windows").setFocus()
    bench.key(Qt.Key.Key_Return)
    assert bench.window.router.place.tab == "timeline"


class _Hand:
    """A clock and a steady count, both moved by hand."""

    def __init__(self) -> None:
        self.at, self.steady = datetime(2027, 3, 1, tzinfo=UTC), 0.0

    def now(self) -> datetime:
        return self.at

    def pass_time(self, span: timedelta, *, jump: timedelta = timedelta()) -> None:
        self.at += span + jump
        self.steady += span.total_seconds()


def test_a_clock_that_jumps_is_told() -> None:
    """Ahead, back, and before the trail are three sentences; time that merely passes is none of them."""
    hand = _Hand()
    trust = ClockTrust(hand, lambda: hand.steady)
    hand.pass_time(timedelta(days=3))
    assert trust.is_trusted
    hand.pass_time(timedelta(), jump=timedelta(hours=5))
    assert trust.words() == "CLOCK JUMPED 5 H 0 MIN AHEAD"
    hand.pass_time(timedelta(), jump=timedelta(days=-9))
    assert trust.words() == "CLOCK JUMPED 8 DAYS BACK"
    trust.saw(hand.now() + timedelta(days=20))
    assert trust.words() == "CLOCK SET BACK 20 DAYS BEFORE THE TRAIL"


def test_the_strip_follows_the_keys(open_at: Open) -> None:
    """A vault whose keys are gone is said to be locked even before the window has heard of it."""
    bench = open_at("evaluation", "osei")
    assert "Vault open" in bench.words()
    bench.window.desk.here.vault.lock()
    bench.window._status.refresh()
    assert "Vault locked" in bench.words()
    assert "Vault open" not in bench.words()


def test_a_look_is_a_persons_own(open_at: Open) -> None:
    """Larger text and a theme come back with the person, in the same place, and are nobody else's."""
    bench = open_at("evaluation", "osei")
    bench.window.show_case("CASE-DEMO0001", "timeline")
    bench.key(Qt.Key.Key_Plus, Qt.KeyboardModifier.ControlModifier)
    assert bench.window.desk.settings.text_percent == 125
    bench.window.lock("asked")
    assert bench.window.desk.settings.text_percent == 100
    bench.window.unlocked(bench.office.unlock("ibarra"))
    assert bench.window.desk.settings.text_percent == 100
    bench.window.lock("asked")
    bench.window.unlocked(bench.office.unlock("osei"))
    assert bench.window.desk.settings.text_percent == 125
    assert bench.window.router.place.tab == "timeline"


def test_a_damaged_look_is_left_out() -> None:
    """Whatever stands in the kept state, the result is a usable look."""
    base = Settings(text_percent=150)
    for odd in (
        {},
        {"theme": "pink"},
        {"text_percent": "-5"},
        {"text_percent": "9999"},
        {"text_percent": "\u0665"},
    ):
        assert wanted(base, odd) == base
    assert wanted(base, {"text_percent": "999", "theme": "dark"}).text_percent == 200
    assert wanted(Settings(), kept(larger(Settings(theme=Theme.DARK), 1))) == larger(
        Settings(theme=Theme.DARK), 1
    )
    assert larger(Settings(text_percent=200), 1).text_percent == 200
    assert larger(Settings(), -1).text_percent == 100
