"""PDF files: structure, active content, attachments, encryption."""

import io
import zlib
from collections.abc import Callable

import pikepdf
import pytest

from tests.helpers.archives import plain_zip
from tests.helpers.documents import action, codes, examined, pdf
from workstation.core.examination import Outcome, Severity, outcome_of
from workstation.examine.reader import Notes


def outcome(notes: Notes) -> Outcome:
    """The outcome of all findings."""
    return outcome_of(notes.findings)


def test_an_ordinary_pdf_is_taken_in() -> None:
    """A PDF without anything special gives no finding that needs a person."""
    notes = examined(pdf(pages=3))
    assert outcome(notes) is Outcome.ACCEPT
    assert notes.complete
    assert notes.facts["pages"] == 3
    assert notes.kind == "pdf"


def test_a_page_compressed_twice_needs_a_person() -> None:
    """A content stream that unfolds a thousandfold twice is named without being unfolded."""
    document = pikepdf.Pdf.new()
    document.add_blank_page()
    twice = zlib.compress(zlib.compress(bytes(1 << 20), 9), 9)
    stream = document.make_stream(twice)
    stream.Filter = pikepdf.Array([pikepdf.Name.FlateDecode, pikepdf.Name.FlateDecode])
    document.pages[0].obj.Contents = stream
    content = io.BytesIO()
    document.save(content, stream_decode_level=pikepdf.StreamDecodeLevel.none, compress_streams=False)
    notes = examined(content.getvalue())
    assert "PDF_EXPANSION" in codes(notes)
    assert outcome(notes) is Outcome.WARN


def _open_script(document: pikepdf.Pdf) -> None:
    document.Root.OpenAction = action(document, "JavaScript", JS=pikepdf.String("app.alert(1)"))


def _open_script_stream(document: pikepdf.Pdf) -> None:
    document.Root.OpenAction = action(document, "JavaScript", JS=document.make_stream(b"app.alert(1)"))


def _launch(document: pikepdf.Pdf) -> None:
    document.pages[0].obj.AA = pikepdf.Dictionary(O=action(document, "Launch", F=pikepdf.String("cmd.exe")))


def _submit(document: pikepdf.Pdf) -> None:
    document.Root.OpenAction = action(document, "SubmitForm", F=pikepdf.String("http://example.org"))


def _elsewhere(document: pikepdf.Pdf) -> None:
    document.Root.OpenAction = action(document, "GoToR", F=pikepdf.String("\\\\host\\share\\a.pdf"))


def _link_alone(document: pikepdf.Pdf) -> None:
    document.Root.OpenAction = action(document, "URI", URI=pikepdf.String("http://example.org/x"))


def _chained(document: pikepdf.Pdf) -> None:
    last = action(document, "URI", URI=pikepdf.String("http://example.org/x"))
    document.Root.OpenAction = action(document, "Named", N=pikepdf.Name.NextPage, Next=pikepdf.Array([last]))


def _xfa(document: pikepdf.Pdf) -> None:
    form = pikepdf.Dictionary(Fields=pikepdf.Array(), XFA=document.make_stream(b"<xdp/>"))
    document.Root.AcroForm = form


def _rich_media(document: pikepdf.Pdf) -> None:
    note = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.RichMedia, Rect=pikepdf.Array([0, 0, 1, 1])
    )
    document.pages[0].obj.Annots = pikepdf.Array([document.make_indirect(note)])


def _outside_stream(document: pikepdf.Pdf) -> None:
    stream = document.make_stream(b"")
    stream.F = pikepdf.String("file.txt")
    document.Root.Extra = stream


@pytest.mark.parametrize(
    "change",
    [
        _open_script,
        _open_script_stream,
        _launch,
        _submit,
        _elsewhere,
        _link_alone,
        _chained,
        _xfa,
        _rich_media,
        _outside_stream,
    ],
)
def test_active_content_is_named(change: object) -> None:
    """Whatever a viewer would run, open or fetch makes the file one for a person to decide."""
    notes = examined(pdf(change))
    assert "PDF_ACTIVE" in codes(notes)
    assert outcome(notes) is Outcome.WARN


def test_active_content_is_found_inside_object_streams() -> None:
    """Compressing the objects does not hide a script."""
    packed = pdf(_open_script, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    assert b"JavaScript" not in packed
    assert "PDF_ACTIVE" in codes(examined(packed))


def test_a_name_written_in_hexadecimal_is_still_that_name() -> None:
    """``/J#61vaScript`` is JavaScript."""
    content = pdf(_open_script).replace(b"/JavaScript", b"/J#61vaScript")
    assert "PDF_ACTIVE" in codes(examined(content, "a.pdf"))


def test_an_undecodable_key_hides_nothing() -> None:
    """A key or name that is no UTF-8 neither hides the script beside it nor stops the reader."""
    content = pdf(_open_script)
    hidden = content.replace(b"/S /JavaScript", b"/#D6 1 /S /JavaScript")
    named = content.replace(b"/S /JavaScript", b"/Subtype /#D6 /S /JavaScript")
    for changed in (hidden, named):
        assert changed != content
        notes = examined(changed, "a.pdf")
        assert "PDF_ACTIVE" in codes(notes)
        assert "EXAMINE_CRASHED" not in codes(notes)


def test_active_content_of_an_unreadable_file_is_still_named() -> None:
    """Where no reader gets in, names in the bytes are enough for a warning."""
    notes = examined(b"%PDF-1.7\n1 0 obj << /S /JavaScript /JS (x) >>", "a.pdf")
    assert {"PDF_ACTIVE", "PDF_MALFORMED"} <= codes(notes)
    assert not notes.complete


def test_an_ordinary_link_needs_nobody() -> None:
    """A web link on a page is counted and named, and stands in nobody's way."""

    def link(document: pikepdf.Pdf) -> None:
        jump = action(document, "URI", URI=pikepdf.String("https://example.org/a"))
        note = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=pikepdf.Array([0, 0, 9, 9]), A=jump
        )
        document.pages[0].obj.Annots = pikepdf.Array([document.make_indirect(note)])

    notes = examined(pdf(link))
    assert outcome(notes) is Outcome.ACCEPT
    assert notes.facts["link_hosts"] == ["example.org"]


def test_a_loop_of_actions_ends() -> None:
    """An action that follows itself is looked at once."""

    def loop(document: pikepdf.Pdf) -> None:
        again = action(document, "Named", N=pikepdf.Name.NextPage)
        again.Next = again
        document.Root.OpenAction = again

    assert outcome(examined(pdf(loop))) is Outcome.ACCEPT


def test_an_encrypted_pdf_is_for_a_person() -> None:
    """With a password nothing is read; without one the encryption is still named."""
    locked = pdf(encryption=pikepdf.Encryption(owner="o", user="u"))
    notes = examined(locked)
    assert "PDF_ENCRYPTED" in codes(notes)
    assert not notes.complete
    open_ = examined(pdf(_open_script, encryption=pikepdf.Encryption(owner="o", user="")))
    assert {"PDF_ENCRYPTED", "PDF_ACTIVE"} <= codes(open_)


@pytest.mark.parametrize(
    "content",
    [
        b"%PDF-1.7",
        b"%PDF-1.7\nstartxref\n0\n%%EOF",
        pdf()[:-200],
        pdf().replace(b"/Catalog", b"/Catalo_").replace(b"/Pages", b"/Pagez"),
        b"oops\n" + pdf()[5:],
    ],
)
def test_a_broken_pdf_is_for_a_person(content: bytes) -> None:
    """A PDF that no strict reader accepts is kept and named malformed."""
    notes = examined(content, "a.pdf")
    assert "PDF_MALFORMED" in codes(notes)
    assert outcome(notes) is Outcome.WARN


def test_an_attached_document_is_examined_too() -> None:
    """A script in a PDF inside a PDF is found, under the attachment's name."""

    def attach(document: pikepdf.Pdf) -> None:
        document.attachments["inner.pdf"] = pdf(_open_script)

    notes = examined(pdf(attach))
    assert any(f.code == "PDF_ACTIVE" and f.path == "inner.pdf" for f in notes.findings)


def test_an_attached_text_needs_nobody() -> None:
    """A readable, harmless attachment is listed and that is all."""

    def attach(document: pikepdf.Pdf) -> None:
        document.attachments["notes.txt"] = b"plain words\n"

    notes = examined(pdf(attach))
    assert outcome(notes) is Outcome.ACCEPT
    assert notes.facts["attachments"] == ["notes.txt"]


def test_an_unknown_attachment_is_not_called_examined() -> None:
    """Bytes nobody can read inside a PDF leave the PDF inconclusive."""

    def attach(document: pikepdf.Pdf) -> None:
        document.attachments["blob.bin"] = bytes(range(256)) * 8

    notes = examined(pdf(attach))
    assert "PDF_ATTACHMENT_UNREAD" in codes(notes)
    assert not notes.complete


def test_what_lies_in_an_attached_archive_is_examined_too() -> None:
    """An archive in a PDF is opened: a harmless one needs nobody, a pickle in one is named with its place."""

    def attach(files: dict[str, bytes]) -> Callable[[pikepdf.Pdf], None]:
        def change(document: pikepdf.Pdf) -> None:
            document.attachments["more.zip"] = plain_zip({"in.zip": plain_zip(files)})

        return change

    notes = examined(pdf(attach({"a/notes.txt": b"plain words\n"})))
    assert outcome(notes) is Outcome.ACCEPT
    assert ["more.zip/in.zip/a/notes.txt", "text", "nothing-found"] in notes.facts["attached_files"]
    notes = examined(pdf(attach({"w.pkl": b"cos\nsystem\n(S'x'\ntR."})))
    (found,) = [finding for finding in notes.findings if finding.code == "MODEL_CODE"]
    assert (found.severity, found.path) == (Severity.DANGER, "more.zip/in.zip/w.pkl")


def test_an_archive_in_archives_in_a_pdf_ends_at_the_depth() -> None:
    """Beyond the stated depth an attached archive is named and not opened."""
    packed = plain_zip({"a.txt": b"x"})
    for _ in range(5):
        packed = plain_zip({"in.zip": packed})

    def attach(document: pikepdf.Pdf) -> None:
        document.attachments["more.zip"] = packed

    assert "ARCH:nested-too-deep" in codes(examined(pdf(attach)))


def test_an_attachment_that_expands_without_end_is_not_expanded() -> None:
    """A decompression bomb in an attachment costs a bounded amount of memory."""

    def attach(document: pikepdf.Pdf) -> None:
        document.attachments["zeros.txt"] = b"x"
        stream = next(o for o in document.objects if isinstance(o, pikepdf.Stream) and "/Params" in o)
        packer = zlib.compressobj(9)
        raw = b"".join(packer.compress(bytes(1 << 20)) for _ in range(64)) + packer.flush()
        stream.write(raw, filter=pikepdf.Name.FlateDecode)

    assert "PDF_ATTACHMENT_UNREAD" in codes(examined(pdf(attach, compress_streams=False)))


def test_a_file_that_is_also_an_archive_is_named() -> None:
    """A zip directory that ends exactly at the end of the PDF is a second file in the same bytes."""
    end = b"PK\x05\x06" + bytes(18)
    assert "PDF_POLYGLOT" in codes(examined(pdf() + end))


def test_readers_that_disagree_about_the_pages_are_reported() -> None:
    """A page tree that gives two readers different pages is malformed."""
    content = pdf(pages=2)
    assert "PDF_MALFORMED" not in codes(examined(content))
    broken = content.replace(b"/Count 2", b"/Count 9")
    assert broken != content
    assert "PDF_MALFORMED" in codes(examined(broken))


def test_titles_are_shown_as_typed() -> None:
    """A reordering control in a title is written out."""

    def title(document: pikepdf.Pdf) -> None:
        document.docinfo["/Title"] = "a\u202eb"

    assert examined(pdf(title)).facts["title"] == "a\u27e6U+202E\u27e7b"
