"""A report document as a PDF: archival (PDF/A-3a), accessible (PDF/UA-1), equal bytes for equal input."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pikepdf
from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]  # ships no annotations

from reports.flow import Flow, OutlineEntry
from reports.layout import paginate, paint_content, paint_grounds
from reports.metadata import add_attachments, add_metadata, add_output_intent, tidy_unicode_maps
from reports.pages import Furniture, lay_opening
from reports.structure import StructureWriter
from reports.styles import PAGE_HEIGHT, PAGE_WIDTH, SANS, fonts
from reports.tagging import Element, Painter
from workstation.core.errors import Refused
from workstation.core.report import Heading, ReportDocument

_MOST_PAGES = 5_000


@dataclass(kw_only=True, eq=False)
class ReportUnmarked(Refused):
    """A document without a banner marking is never drawn."""

    code = "REP-001"
    identifier: str


@dataclass(kw_only=True, eq=False)
class ReportTooLong(Refused):
    """The document would run over more pages than anybody can check."""

    code = "REP-002"
    pages: int
    most_pages: int


def render(document: ReportDocument, *, at: datetime) -> bytes:
    """Draw the document; ``at`` is timezone-aware and the only date in the file.

    The signature fields are there, empty, each with an appearance that says so.

    Raises:
        ReportUnmarked: the document has no banner marking.
        MarkingTooLong: the marking cannot be printed whole in a readable size.
        ReportTooLong: it would have more than 5,000 pages.
        FontMissing: the installation lacks a font.
    """
    if at.tzinfo is None:
        raise ValueError(at)
    if not document.marking.strip():
        raise ReportUnmarked(identifier=document.identifier)
    fonts()
    root = Element(role="Document")
    furniture = Furniture.of(document, root)
    headings = tuple(block for block in document.blocks if isinstance(block, Heading))
    flow = Flow(root=root, headings=headings)
    flow.fragments += lay_opening(document, root)
    flow.lay(document.blocks)
    pages = paginate(flow.fragments, inset=furniture.banner.inset)
    if len(pages) > _MOST_PAGES:
        raise ReportTooLong(pages=len(pages), most_pages=_MOST_PAGES)
    drawn = io.BytesIO()
    painter = Painter(_canvas(drawn))
    for placed in pages:
        paint_grounds(painter, placed)
        furniture.paint(painter, len(pages))
        paint_content(painter, placed)
        painter.end_page()
    painter.canvas.save()
    return _finish(drawn, document, at, root, painter, flow.outline)


def _canvas(target: io.BytesIO) -> Canvas:
    # Compression is left to the last pass; the first font must not be one of those no file embeds.
    options: dict[str, Any] = {
        "invariant": 1,
        "pageCompression": 0,
        "pdfVersion": (1, 7),
        "initialFontName": SANS,
    }
    return Canvas(target, pagesize=(PAGE_WIDTH, PAGE_HEIGHT), **options)


def _finish(
    drawn: io.BytesIO,
    document: ReportDocument,
    at: datetime,
    root: Element,
    painter: Painter,
    outline: Sequence[OutlineEntry],
) -> bytes:
    drawn.seek(0)
    with pikepdf.open(drawn) as pdf:
        targets = [(entry.fragment.page, entry.top) for entry in outline]
        writer = StructureWriter(
            pdf=pdf,
            fields={placed.name: placed for placed in painter.fields},
            links=painter.links,
            targets=targets,
        )
        writer.write(root)
        tidy_unicode_maps(pdf)
        _add_outline(pdf, outline)
        add_metadata(pdf, document, at)
        add_output_intent(pdf)
        add_attachments(pdf, document, at)
        finished = io.BytesIO()
        pdf.save(
            finished,
            deterministic_id=True,
            min_version="1.7",
            # Larger by some kilobytes a page, but checking a signed file takes half the time.
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
        )
        return finished.getvalue()


def _add_outline(pdf: pikepdf.Pdf, entries: Sequence[OutlineEntry]) -> None:
    """The headings as bookmarks, nested by level."""
    with pdf.open_outline() as outline:
        open_levels: list[list[pikepdf.OutlineItem]] = [outline.root]
        for entry in entries:
            place = pikepdf.make_page_destination(
                pdf, entry.fragment.page, "XYZ", top=round(entry.top + 8, 2)
            )
            item = pikepdf.OutlineItem(entry.text, place)
            del open_levels[entry.level :]
            open_levels[-1].append(item)
            open_levels.append(item.children)
    if entries:
        pdf.Root.PageMode = pikepdf.Name.UseOutlines
