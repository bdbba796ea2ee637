"""The field for a date takes what people type, in every way they type it."""

from collections.abc import Iterator
from datetime import date

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from ui.dates import Dates
from ui.widgets.fields import DateField
from workstation.settings import DateStyle

RIGHT, LEFT = Qt.Key.Key_Right, Qt.Key.Key_Left


@pytest.fixture(params=list(DateStyle))
def field(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[DateField]:
    """A field with the keyboard in it, in either style."""
    made = DateField(Dates(style=request.param), date(2027, 3, 20))
    made.show()
    made.activateWindow()
    assert QTest.qWaitForWindowActive(made)
    made.setFocus()
    yield made
    made.close()
    made.deleteLater()


def press(field: DateField, *what: str | Qt.Key) -> date:
    """Type words and press keys."""
    for one in what:
        if isinstance(one, str):
            QTest.keyClicks(field, one)
        else:
            QTest.keyClick(field, one)
    return field.value


@pytest.mark.parametrize("between", [(), (RIGHT,), (" ",), ("-",)], ids=["nothing", "right", "space", "dash"])
def test_a_date_is_typed_part_by_part(field: DateField, between: tuple[str | Qt.Key, ...]) -> None:
    """Whatever is pressed between the parts, and nothing too, the date is the one that was typed."""
    parts = ("15", "apr", "2028") if "MMM" in field.displayFormat() else ("2028", "04", "15")
    pressed = [key for part in parts for key in (part, *between)]
    assert press(field, *pressed[: len(pressed) - len(between)]) == date(2028, 4, 15)


def test_going_over_a_part_leaves_it_as_it_is(field: DateField) -> None:
    """Right goes from part to part, Left back, and what is typed there replaces that part alone."""
    if "MMM" in field.displayFormat():
        assert press(field, RIGHT, "may") == date(2027, 5, 20)
        assert press(field, LEFT, LEFT, "07") == date(2027, 5, 7)
    else:
        assert press(field, RIGHT, "05") == date(2027, 5, 20)
        assert press(field, LEFT, LEFT, "2029") == date(2029, 5, 20)
