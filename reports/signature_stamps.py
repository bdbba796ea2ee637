"""The visible block of a signature: a small page drawn with an embedded font, placed into the field.

Drawn by reportlab rather than by pyHanko's text stamps, whose default font is not embedded and would break
PDF/A. The text comes from outside and is drawn as plain text.
"""

import io
import unicodedata
from collections.abc import Sequence
from datetime import datetime

from pyhanko.pdf_utils.content import PdfContent
from pyhanko.pdf_utils.layout import AxisAlignment, BoxConstraints, InnerScaling, Margins, SimpleBoxLayoutRule
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.stamp import StaticStampStyle
from reportlab.lib.utils import simpleSplit  # type: ignore[import-untyped]  # ships no annotations
from reportlab.pdfbase import pdfmetrics  # type: ignore[import-untyped]
from reportlab.pdfbase.ttfonts import TTFont  # type: ignore[import-untyped]
from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]

import resources

_REGULAR, _STRONG = "FrwStampRegular", "FrwStampStrong"
_FONT_FILES = {_REGULAR: "fonts/IBMPlexSans-Regular.ttf", _STRONG: "fonts/IBMPlexSans-SemiBold.ttf"}
_LARGEST_PT, _SMALLEST_PT, _STEP_PT = 9.0, 4.0, 0.5
_PADDING_PT = 3.0
_LEADING = 1.22


def stamp_style(lines: Sequence[str], *, width_pt: float, height_pt: float) -> StaticStampStyle:
    """An appearance of exactly ``width_pt`` by ``height_pt``; the first line is emphasised."""
    fill = SimpleBoxLayoutRule(
        x_align=AxisAlignment.ALIGN_MIN,
        y_align=AxisAlignment.ALIGN_MIN,
        margins=Margins(0, 0, 0, 0),
        inner_content_scaling=InnerScaling.NO_SCALING,
    )
    drawn = _DrawnPage(_draw(lines, width_pt, height_pt))
    return StaticStampStyle(background=drawn, background_layout=fill, border_width=0)


def signature_lines(
    *, name: str, role: str, claimed_at: datetime, statement: str, key: str
) -> tuple[str, ...]:
    """What a signature block says; the time is the workstation's own and says so."""
    return (
        f"{name}, {role}" if role else name,
        statement,
        f"Claimed time (this workstation's clock): {claimed_at:%Y-%m-%d %H:%M:%S} UTC",
        f"Certificate SHA-384 begins {key}",
    )


def visible(text: str) -> str:
    """Control, bidi and unassigned characters become a visible replacement; nothing can hide or reorder."""
    hidden = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    return "".join("\N{REPLACEMENT CHARACTER}" if unicodedata.category(c) in hidden else c for c in text)


class _DrawnPage(PdfContent):
    """Page one of a PDF held in memory, as a form object of a fixed name: same input, same bytes."""

    def __init__(self, pdf: bytes) -> None:
        super().__init__()
        self._pdf = pdf

    def render(self) -> bytes:
        """Import the page into the signed document's revision."""
        drawn = self._ensure_writer.import_page_as_xobject(PdfFileReader(io.BytesIO(self._pdf)))
        self.resources.xobject["/FrwStamp"] = drawn
        left, bottom, right, top = drawn.get_object()["/BBox"]
        self.box = BoxConstraints(width=abs(right - left), height=abs(top - bottom))
        return b"/FrwStamp Do"


def _draw(lines: Sequence[str], width_pt: float, height_pt: float) -> bytes:
    _register_fonts()
    size_pt, rows = _fit([visible(line) for line in lines], width_pt, height_pt)
    buffer = io.BytesIO()
    canvas = Canvas(
        buffer, pagesize=(width_pt, height_pt), invariant=1, pageCompression=1, initialFontName=_REGULAR
    )
    canvas.setLineWidth(0.5)
    canvas.rect(0.25, 0.25, width_pt - 0.5, height_pt - 0.5)
    baseline = height_pt - _PADDING_PT - size_pt
    for font, row in rows:
        canvas.setFont(font, size_pt)
        canvas.drawString(_PADDING_PT, baseline, row)
        baseline -= size_pt * _LEADING
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _fit(lines: Sequence[str], width_pt: float, height_pt: float) -> tuple[float, list[tuple[str, str]]]:
    """The largest size at which every line, wrapped, fits; at the smallest what fits, never more."""
    size_pt = _LARGEST_PT
    while True:
        rows = [
            (font, row)
            for font, line in zip([_STRONG, *[_REGULAR] * len(lines)], lines, strict=False)
            for row in simpleSplit(line, font, size_pt, width_pt - 2 * _PADDING_PT)
        ]
        room = int((height_pt - 2 * _PADDING_PT) / (size_pt * _LEADING))
        if len(rows) <= room or size_pt <= _SMALLEST_PT:
            return size_pt, rows[: max(room, 1)]
        size_pt -= _STEP_PT


def _register_fonts() -> None:
    for name, file in _FONT_FILES.items():
        if name not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(name, io.BytesIO(resources.read_bytes(file))))
