"""Documents as a reviewer sees them: bounded pixels and plain text, made inside the sandbox.

Pure functions over a source; each answer is small enough for one message. A page is a page of a PDF, a
frame of an image, or a stretch of text. Nothing is cached: every call opens the bytes anew, so a page that
kills the worker spoils no other page.
"""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from workstation.examine.documents import images, plain
from workstation.examine.documents.pdf import quiet
from workstation.examine.documents.pdf_objects import MAX_PAGE_UNITS, MAX_PAGES
from workstation.examine.reader import Source, SourceFile, Unreadable, pieces

MIN_WIDTH_PX, MAX_WIDTH_PX = 16, 4_096
MAX_HEIGHT_PX = 8_192
MAX_PIXELS = 16_000_000
MAX_TEXT_CHARS = 200_000
TEXT_PAGE_BYTES = 64 << 10
OFFICE_PAGE_CHARS = 32_000
_MAX_UNITS = 100.0 * MAX_PAGE_UNITS  # larger than any page a program writes, smaller than what overflows


@dataclass(frozen=True, kw_only=True)
class Pixels:
    """A picture: rows from the top, three bytes a pixel, no padding."""

    width_px: int
    height_px: int
    rgb: bytes


def page_count(source: Source, kind: str) -> int:
    """How many pages can be shown, at most ``MAX_PAGES``.

    Args:
        source: the document.
        kind: what the dispatcher said it is: "pdf", "png", "docx", "markdown", ...

    Raises:
        Unreadable: the bytes cannot be shown at all.
    """
    if kind == "pdf":
        with _pdf(source) as document:
            return min(len(document), MAX_PAGES)
    if _is_image(kind):
        return min(images.frame_count(images.opened(source)), images.MAX_FRAMES)
    if _is_office(kind):
        return max(1, -(-len(_office_text(source)) // OFFICE_PAGE_CHARS))
    return min(max(1, -(-source.size_bytes // TEXT_PAGE_BYTES)), MAX_PAGES * 100)


def render_page(source: Source, kind: str, page: int, width_px: int) -> Pixels:
    """One page as a picture about ``width_px`` wide, narrower where a ceiling demands it.

    Raises:
        Unreadable: VIEW_NO_PAGE, VIEW_NO_PIXELS for text, VIEW_TOO_LARGE, VIEW_FAILED.
    """
    width_px = max(MIN_WIDTH_PX, min(width_px, MAX_WIDTH_PX))
    if kind == "pdf":
        return _pdf_page(source, page, width_px)
    if _is_image(kind):
        return _frame(source, page, width_px)
    raise Unreadable("VIEW_NO_PIXELS", kind)


def extract_text(source: Source, kind: str, page: int) -> str:
    """The text of one page, control and reordering characters written out, at most ``MAX_TEXT_CHARS``.

    Raises:
        Unreadable: VIEW_NO_PAGE, VIEW_FAILED.
    """
    if kind == "pdf":
        return _pdf_text(source, page)
    if _is_image(kind):
        return ""
    if _is_office(kind):
        text = _office_text(source)
        start = page * OFFICE_PAGE_CHARS
        if page < 0 or (start >= len(text) and page > 0):
            raise Unreadable("VIEW_NO_PAGE", str(page))
        return text[start : start + OFFICE_PAGE_CHARS]
    return _text_page(source, page)


def text_pages(source: Source, kind: str, first: int, count: int) -> Iterator[tuple[int, str | None]]:
    """The text of pages ``first`` to ``first + count`` as far as there are any; None for one that fails.

    A PDF is opened once for all of them.

    Raises:
        Unreadable: the bytes cannot be read at all.
    """
    last = min(first + count, page_count(source, kind))
    if kind == "pdf":
        with _pdf(source) as document:
            for page in range(first, last):
                yield page, _text_or_none(partial(_text_of, document, page))
    elif _is_office(kind):
        whole = _office_text(source)
        for page in range(first, last):
            yield page, whole[page * OFFICE_PAGE_CHARS : (page + 1) * OFFICE_PAGE_CHARS]
    else:
        for page in range(first, last):
            yield page, _text_or_none(partial(extract_text, source, kind, page))


def _text_or_none(read: Callable[[], str]) -> str | None:
    try:
        return read()
    except (Unreadable, RuntimeError, ValueError):
        return None


def _is_image(kind: str) -> bool:
    return kind == "image" or kind.upper() in images.FORMATS


def _is_office(kind: str) -> bool:
    return kind in {"docx", "xlsx", "pptx"}


def _office_text(source: Source) -> str:
    from workstation.examine.documents import office  # noqa: PLC0415 - loads the zip reader only when needed

    return office.extract_text(source)


@contextlib.contextmanager
def _pdf(source: Source) -> Iterator[Any]:
    import pypdfium2  # noqa: PLC0415 - only inside the sandbox

    with quiet():
        try:
            document = pypdfium2.PdfDocument(SourceFile(source))
        except (pypdfium2.PdfiumError, RuntimeError, ValueError) as error:
            # The library's own reason is whatever failed last, so the bytes are asked.
            encrypted = any(b"/Encrypt" in piece for piece in pieces(source))
            raise Unreadable("PDF_ENCRYPTED" if encrypted else "VIEW_FAILED", type(error).__name__) from error
        try:
            # Without it the values of form fields are not drawn; the build has no script engine.
            document.init_forms()
            yield document
        except (pypdfium2.PdfiumError, RuntimeError) as error:
            raise Unreadable("VIEW_FAILED", type(error).__name__) from error
        finally:
            document.close()


def _page_of(document: Any, page: int) -> Any:
    if not 0 <= page < min(len(document), MAX_PAGES):
        raise Unreadable("VIEW_NO_PAGE", str(page))
    return document[page]


def _pdf_page(source: Source, page: int, width_px: int) -> Pixels:
    with _pdf(source) as document:
        shown = _page_of(document, page)
        width, height = shown.get_size()
        if not (0 < width <= _MAX_UNITS and 0 < height <= _MAX_UNITS):
            raise Unreadable("VIEW_TOO_LARGE", f"a page of {width:g} by {height:g} points")
        # The library rounds each side up, so half a pixel and one row and column stay free.
        scale = min(
            (width_px - 0.5) / width,
            (MAX_HEIGHT_PX - 0.5) / height,
            ((MAX_PIXELS - MAX_WIDTH_PX - MAX_HEIGHT_PX) / (width * height)) ** 0.5,
        )
        # It refuses a side of nothing.
        if width * scale < 1 or height * scale < 1:
            raise Unreadable("VIEW_TOO_LARGE", f"a page of {width:g} by {height:g} points")
        bitmap = shown.render(scale=scale, fill_color=(255, 255, 255, 255))
        picture = bitmap.to_pil().convert("RGB")
        return Pixels(width_px=picture.width, height_px=picture.height, rgb=picture.tobytes())


def _pdf_text(source: Source, page: int) -> str:
    with _pdf(source) as document:
        return _text_of(document, page)


def _text_of(document: Any, page: int) -> str:
    text_page = _page_of(document, page).get_textpage()
    count = min(text_page.count_chars(), MAX_TEXT_CHARS)
    text = text_page.get_text_range(0, count) if count > 0 else ""
    return plain.visible(text)[:MAX_TEXT_CHARS]


def _frame(source: Source, page: int, width_px: int) -> Pixels:
    from PIL import Image  # noqa: PLC0415 - only inside the sandbox

    with quiet():
        image = images.opened(source)
        if not 0 <= page < min(images.frame_count(image), images.MAX_FRAMES):
            raise Unreadable("VIEW_NO_PAGE", str(page))
        if image.width * image.height > images.MAX_PIXELS:
            raise Unreadable("VIEW_TOO_LARGE", f"{image.width} by {image.height} pixels")
        scale = min(1.0, width_px / image.width, MAX_HEIGHT_PX / image.height)
        scale = min(scale, (MAX_PIXELS / (image.width * image.height)) ** 0.5)
        size = max(1, int(image.width * scale)), max(1, int(image.height * scale))
        try:
            image.seek(page)
            if image.mode.startswith("I;16") or image.mode == "I":
                image = image.point(lambda value: value / 256).convert("L")
            picture = image.convert("RGBA").resize(size, Image.Resampling.BILINEAR)
        except MemoryError:
            raise
        except Exception as error:
            raise Unreadable("VIEW_FAILED", type(error).__name__) from error
        # What is transparent would take the window's colour; white shows dark writing.
        ground = Image.new("RGBA", picture.size, (255, 255, 255, 255))
        ground.alpha_composite(picture)
        rgb = ground.convert("RGB")
        return Pixels(width_px=rgb.width, height_px=rgb.height, rgb=rgb.tobytes())


def _text_page(source: Source, page: int) -> str:
    """Lines that begin within the page's stretch of bytes; a line longer than a page is cut at its edge."""
    start = page * TEXT_PAGE_BYTES
    if page < 0 or (start >= source.size_bytes and page > 0):
        raise Unreadable("VIEW_NO_PAGE", str(page))
    encoding = plain.head_encoding(source)
    first = _line_start(source, start, encoding.unit_bytes) if page else encoding.bom_bytes
    last = _line_start(source, start + TEXT_PAGE_BYTES, encoding.unit_bytes)
    raw = source.read_at(first, max(0, last - first))
    return plain.visible(raw.decode(encoding.codec, "replace"))[:MAX_TEXT_CHARS]


def _line_start(source: Source, near: int, unit_bytes: int) -> int:
    """Where the first line at or after ``near`` begins, or ``near`` itself when no line ends soon."""
    if near >= source.size_bytes:
        return source.size_bytes
    ahead = source.read_at(near - unit_bytes, TEXT_PAGE_BYTES)
    end = ahead.find(b"\n")
    if end < 0:
        return _character_start(source, near) if unit_bytes == 1 else near
    # The second byte of a wide line feed belongs to it; a lone byte 0A inside a wide character only
    # moves the cut, never loses a character.
    aligned = -(-(near - unit_bytes + end + 1) // unit_bytes) * unit_bytes
    return min(aligned, source.size_bytes)


def _character_start(source: Source, near: int) -> int:
    """Step back over UTF-8 continuation bytes."""
    before = source.read_at(near - 3, 4)
    for back in range(4):
        if before[3 - back] & 0xC0 != 0x80:  # noqa: PLR2004 - 10xxxxxx continues a character
            return near - back
    return near
