"""The timeline tells the hour of what happened, and whose hours they are."""

from tests.ui.conftest import Open
from tests.ui.stages import CASE


def test_the_timeline_shows_hours_and_their_time_zone(open_at: Open) -> None:
    """What was done stands with its hour, what is planned with its day, and the page says that it is UTC."""
    bench = open_at("evaluation", "ibarra")
    bench.window.show_case(CASE, "timeline")
    bench.wait_done()
    assert "hours and days are those of UTC (Z)" in bench.words()
    assert " left, open. Now " in bench.words()
    rows = {row[2]: row[0] for row in bench.cells("Days of the case")}
    assert rows["Case opened"].endswith("Z")
    assert not rows["Planned release to other trusted partners"].endswith("Z")
