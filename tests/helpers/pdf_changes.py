"""Changes somebody makes to a PDF after it was signed."""

import io
from collections.abc import Callable

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter


def flip(pdf: bytes, at: int) -> bytes:
    """One bit of one byte."""
    return pdf[:at] + bytes([pdf[at] ^ 1]) + pdf[at + 1 :]


def update(pdf: bytes, change: Callable[[IncrementalPdfFileWriter], None]) -> bytes:
    """An incremental update, as an attacker with any PDF tool appends it."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    change(writer)
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


def stamp_page(pdf: bytes) -> bytes:
    """Something drawn over the first page."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        stream = writer.add_object(generic.StreamObject(stream_data=b"0 0 200 200 re f"))
        writer.add_stream_to_page(0, stream)

    return update(pdf, change)


def append_page(pdf: bytes) -> bytes:
    """One page more."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        stream = generic.StreamObject(stream_data=b"0 0 200 200 re f")
        box = generic.ArrayObject([generic.NumberObject(side) for side in (0, 0, 595, 842)])
        page = {
            "/Type": generic.NameObject("/Page"),
            "/MediaBox": box,
            "/Contents": writer.add_object(stream),
        }
        writer.insert_page(
            generic.DictionaryObject({generic.NameObject(name): value for name, value in page.items()})
        )

    return update(pdf, change)


def annotate(pdf: bytes) -> bytes:
    """An annotation over the first page."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        note = {"/Type": "/Annot", "/Subtype": "/Square"}
        annotation = generic.DictionaryObject(
            {generic.NameObject(name): generic.NameObject(value) for name, value in note.items()}
        )
        box = generic.ArrayObject([generic.NumberObject(side) for side in (50, 50, 300, 300)])
        annotation[generic.NameObject("/Rect")] = box
        writer.register_annotation(writer.root["/Pages"]["/Kids"].raw_get(0), writer.add_object(annotation))

    return update(pdf, change)


def rename_field(pdf: bytes) -> bytes:
    """Another tooltip on a signature field."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        field = writer.root["/AcroForm"]["/Fields"][0]
        field[generic.NameObject("/TU")] = generic.TextStringObject("Signed by somebody else")
        writer.mark_update(writer.root["/AcroForm"]["/Fields"].raw_get(0))

    return update(pdf, change)


def touch_catalogue(pdf: bytes) -> bytes:
    """Another document language."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        writer.root[generic.NameObject("/Lang")] = generic.TextStringObject("xx")
        writer.update_root()

    return update(pdf, change)
