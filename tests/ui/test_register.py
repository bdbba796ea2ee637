"""The register in the window, and earlier cases beside a determination."""

from PySide6.QtCore import Qt

from tests.ui.conftest import Open
from tests.ui.stages import CASE


def test_the_register_adds_up_and_opens_a_case(open_at: Open) -> None:
    """One determined case: its line, the figures, and Enter opens it."""
    bench = open_at("determined", "lindqvist")
    bench.press("Register")
    bench.settle()
    assert [row[1] for row in bench.cells("Register")] == [CASE]
    words = bench.words()
    assert "Median of days used" in words
    assert "Lapsed, nothing determined" in words
    bench.table("Register").setFocus()
    bench.key(Qt.Key.Key_Return)
    assert CASE in bench.words()


def test_before_unlocking_and_with_no_case_the_register_is_empty(open_at: Open) -> None:
    """An office without cases has an empty register and says nought, not nothing."""
    bench = open_at("people", "ibarra")
    bench.press("Register")
    bench.settle()
    assert bench.cells("Register") == []
    assert "nothing determined" in bench.words()


def test_alone_there_is_no_earlier_case(open_at: Open) -> None:
    """With one case in the vault the determination shows no table of earlier ones."""
    bench = open_at("consulted", "lindqvist")
    bench.window.show_case(CASE, "determination")
    bench.settle()
    assert "Earlier cases with similar readings" not in bench.words()
