"""Viewing: pixels and text, bounded, page by page."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.helpers.documents import office, pdf
from workstation.examine.documents import render
from workstation.examine.reader import BytesSource, Unreadable


def test_pages_of_a_pdf_become_pixels_and_text() -> None:
    """Each page is drawn at the asked width and its text is its own."""
    source = BytesSource(pdf(pages=3))
    assert render.page_count(source, "pdf") == 3
    shown = render.render_page(source, "pdf", 1, 300)
    assert shown.width_px == 300
    assert len(shown.rgb) == shown.width_px * shown.height_px * 3
    assert len(set(shown.rgb)) > 1, "a drawn page is not of one colour"
    assert render.extract_text(source, "pdf", 1).strip() == "Page 2"


@pytest.mark.parametrize("page", [-1, 3, 10**9])
def test_a_page_that_is_not_there_is_refused(page: int) -> None:
    """Asking beyond the document is an answer, never a crash."""
    source = BytesSource(pdf(pages=3))
    for ask in (
        lambda: render.render_page(source, "pdf", page, 100),
        lambda: render.extract_text(source, "pdf", page),
    ):
        with pytest.raises(Unreadable, match="VIEW_NO_PAGE"):
            ask()


def test_a_strip_of_a_page_stays_below_the_ceilings() -> None:
    """A page a thousand times as high as wide is drawn narrower, not larger."""

    def tall(document: object) -> None:
        document.pages[0].obj.MediaBox = [0, 0, 10, 10_000]  # type: ignore[attr-defined]  # pikepdf.Pdf

    shown = render.render_page(BytesSource(pdf(tall)), "pdf", 0, 4_000)
    assert shown.height_px <= render.MAX_HEIGHT_PX + 1
    assert shown.width_px * shown.height_px <= render.MAX_PIXELS * 1.1


def test_a_page_of_absurd_size_is_refused() -> None:
    """Two thousand million points are not drawn."""

    def absurd(document: object) -> None:
        document.pages[0].obj.MediaBox = [0, 0, 600, 2_000_000_000]  # type: ignore[attr-defined]  # pikepdf.Pdf

    with pytest.raises(Unreadable, match="VIEW_TOO_LARGE"):
        render.render_page(BytesSource(pdf(absurd)), "pdf", 0, 800)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "I;16"])
def test_images_of_every_mode_become_pixels(mode: str) -> None:
    """Palette, transparent and deep images are shown on white, scaled down only."""
    out = io.BytesIO()
    Image.new(mode, (40, 20)).save(out, "PNG")
    shown = render.render_page(BytesSource(out.getvalue()), "png", 0, 20)
    assert (shown.width_px, shown.height_px) == (20, 10)
    assert len(shown.rgb) == 600


def test_frames_are_pages() -> None:
    """An animation has as many pages as frames."""
    out = io.BytesIO()
    frames = [Image.new("RGB", (4, 4), (i * 50, 0, 0)) for i in range(3)]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    source = BytesSource(out.getvalue())
    assert render.page_count(source, "gif") == 3
    with pytest.raises(Unreadable, match="VIEW_NO_PAGE"):
        render.render_page(source, "gif", 3, 10)


def test_an_office_document_is_text() -> None:
    """Office files have text pages and no pixels."""
    source = BytesSource(office())
    assert render.page_count(source, "docx") == 1
    assert render.extract_text(source, "docx", 0).strip() == "Hello"
    with pytest.raises(Unreadable, match="VIEW_NO_PIXELS"):
        render.render_page(source, "docx", 0, 100)


def _all_text(content: bytes) -> str:
    source = BytesSource(content)
    return "".join(
        render.extract_text(source, "text", page)
        for page in range(render.page_count(source, "text"))
        if page * render.TEXT_PAGE_BYTES < max(1, len(content))
    )


_LINE = st.tuples(st.sampled_from("aä€\U0001f600"), st.integers(0, 40_000))


@given(st.lists(_LINE, max_size=6))
def test_pages_of_a_text_lose_nothing(lines: list[tuple[str, int]]) -> None:
    """All text pages together are the text, whatever its lines and characters."""
    text = "\n".join(letter * count for letter, count in lines)
    assert _all_text(text.encode()) == text


@pytest.mark.parametrize("size", [65_535, 65_536, 65_537, 200_000])
def test_long_lines_are_cut_between_characters(size: int) -> None:
    """A line longer than a page is cut where a character begins."""
    text = "€" * (size // 3)
    assert _all_text(text.encode()) == text


def test_text_is_shown_with_its_controls_written_out() -> None:
    """Nothing invisible reaches the window."""
    assert (
        render.extract_text(BytesSource(b"a\x1b[2Jb\xe2\x80\xae"), "text", 0)
        == "a\u241b[2Jb\u27e6U+202E\u27e7"
    )
