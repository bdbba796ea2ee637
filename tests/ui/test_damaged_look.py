"""A file of the window's look that is damaged: the window opens plainly, says so, and can be read."""

from collections.abc import Iterator

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

import resources
from tests.ui import pixels
from tests.ui.conftest import Open
from tests.ui.stages import CASE
from ui import application as starting
from ui import theme
from workstation.settings import Settings, Theme

TOKENS, MARKINGS, SHEET = "styles/tokens.toml", "styles/markings.toml", "styles/window.qss"
DAMAGE = (
    (TOKENS, None),
    (TOKENS, b"[" * 9_000),
    (TOKENS, b"[light]\ntext = 3"),
    (MARKINGS, b"\xff\xfe"),
    (MARKINGS, b"secret = ['red', 'white']"),
    (SHEET, b"* { color: @nobody; }"),
)
_CACHED = (theme.tokens, theme._marking_pairs, theme._sheet)


@pytest.fixture
def afresh(qapp: QApplication) -> Iterator[None]:
    """Files of the look are read in this test, and once more after it."""

    def forget() -> None:
        for function in _CACHED:
            function.cache_clear()
        theme._damaged.clear()
        qapp.setProperty("look", "")

    forget()
    yield
    forget()


def _damage(patched: pytest.MonkeyPatch, name: str, content: bytes | None) -> None:
    whole = resources.read_text

    def read(asked: str) -> str:
        if asked != name:
            return whole(asked)
        if content is None:
            raise FileNotFoundError(asked)
        return content.decode("utf-8")

    patched.setattr(resources, "read_text", read)


@pytest.mark.usefixtures("afresh")
@pytest.mark.parametrize(("name", "content"), DAMAGE)
def test_a_damaged_look_opens_a_plain_window_that_says_so(
    open_at: Open, monkeypatch: pytest.MonkeyPatch, name: str, content: bytes | None
) -> None:
    """Missing, not text, not TOML or without what is looked for: banner, notice and fields can be read."""
    _damage(monkeypatch, name, content)
    bench = open_at("evaluation", "osei", settings=Settings(theme=Theme.DARK))
    assert theme.damaged() == (name,)
    bench.window.show_case(CASE, "checklist")
    bench.type("Detail", "Typed all the same")
    assert bench.typed("Detail") == "Typed all the same"
    assert bench.banners() == ("UNCLASSIFIED", "UNCLASSIFIED")
    pair = [QColor(one).rgb() & 0xFFFFFF for one in theme.marking_colours("UNCLASSIFIED")]
    assert pixels.ratio(*pair) >= pixels.TEXT
    with monkeypatch.context() as patched:
        patched.setattr(starting, "opened", lambda *_words, load: bench.window)
        patched.setattr(QApplication, "exec", lambda *_self: 0)
        assert starting.run(bench.office.services, Settings(), load=lambda: iter(())) == 0
    assert "SET-012" in bench.notice()
    assert name in bench.notice()


@pytest.mark.usefixtures("afresh")
def test_a_whole_look_is_not_called_damaged(open_at: Open) -> None:
    """With the files as they are installed nothing is told."""
    bench = open_at("evaluation", "osei")
    assert theme.damaged() == ()
    assert bench.notice() == ""
