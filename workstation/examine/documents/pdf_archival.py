"""PDF/A: what the file claims, and whether the rules checked here bear the claim out.

Checked for part 2 (ISO 19005-2:2011): clause 6.1, file structure, in full; of the later clauses the ban on
encryption, scripts, XFA and other actions. Colour, font and metadata rules need a full validator, so
``pdfa_2b`` means: claims part 2 and breaks none of the rules named in ``pdfa_checked``.
"""

from typing import TYPE_CHECKING, Any

from workstation.examine.documents.pdf_body import Body
from workstation.examine.documents.pdf_objects import as_list, dictionaries, get, items, name_of, stream_bytes
from workstation.examine.documents.pdf_tokens import Rules
from workstation.examine.documents.xml import XmlPass
from workstation.examine.reader import Notes, Source, Unreadable

if TYPE_CHECKING:
    import pikepdf

MAX_FILE_BYTES = 64 << 20
MAX_STREAM_BYTES = 16 << 20
MAX_CONTENT_BYTES = 64 << 20
_PDFAID = "http://www.aiim.org/pdfa/ns/id/"
_FILTERS = frozenset(
    {
        "/ASCIIHexDecode",
        "/ASCII85Decode",
        "/FlateDecode",
        "/RunLengthDecode",
        "/CCITTFaxDecode",
        "/JBIG2Decode",
        "/DCTDecode",
        "/JPXDecode",
        "/Crypt",
    }
)
_ACTIONS = frozenset(
    {
        "/Launch",
        "/Sound",
        "/Movie",
        "/ResetForm",
        "/ImportData",
        "/Hide",
        "/SetOCGState",
        "/Rendition",
        "/Trans",
        "/GoTo3DView",
        "/JavaScript",
    }
)
_BOXES = ("/MediaBox", "/CropBox", "/BleedBox", "/TrimBox", "/ArtBox")
_MIN_PAGE, _MAX_PAGE = 3, 14_400
_MAX_COLORANTS = 32


class _Claim(XmlPass):
    """Finds pdfaid:part and pdfaid:conformance, written as attributes or as elements."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self._inside = ""

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        super()._start(tag, attributes)
        namespace, _gap, local = tag.rpartition(" ")
        self._inside = local if namespace == _PDFAID else ""
        for key, value in attributes.items():
            namespace, _gap, local = key.rpartition(" ")
            if namespace == _PDFAID:
                self.values.setdefault(local, value.strip())

    def _end(self, tag: str) -> None:
        self._inside = ""
        super()._end(tag)

    def _text(self, text: str) -> None:
        if self._inside:
            self.values.setdefault(self._inside, text.strip())


def claim(document: "pikepdf.Pdf") -> tuple[str, str]:
    """Part and conformance level that the XMP metadata claims; two empty strings if none."""
    content = stream_bytes(get(document.trailer, "/Root", "/Metadata"), 4 << 20)
    if content is None:
        return "", ""
    work = _Claim()
    parser = work.parser()
    try:
        parser.Parse(content.strip(b"\0 \r\n\t"), True)
    except (Unreadable, ValueError, LookupError, RuntimeError, _expat_error()):
        return "", ""
    return work.values.get("part", "")[:4], work.values.get("conformance", "").lower()[:4]


def _expat_error() -> type[Exception]:
    from xml.parsers.expat import ExpatError  # noqa: PLC0415 - one name

    return ExpatError


def report(source: Source, document: "pikepdf.Pdf", notes: Notes) -> None:
    """State the claim and, for part 2, every departure found."""
    part, level = claim(document)
    if not part:
        return
    notes.facts["pdfa_claim"] = f"{part}{level}"
    if part != "2" or level not in {"a", "b", "u"}:
        return
    if source.size_bytes > MAX_FILE_BYTES:
        notes.note("PDF_ARCHIVAL_UNCHECKED", f"{source.size_bytes} bytes")
        return
    rules = Rules()
    content = b"".join(source.read_at(at, 1 << 20) for at in range(0, source.size_bytes, 1 << 20))
    Body(content, document, rules).check()
    _trailer(content, document, rules)
    _permissions(document, rules)
    _all_dictionaries(document, rules)
    _pages(document, rules)
    notes.facts["pdfa_checked"] = "ISO 19005-2 6.1 (file structure), 6.4.1, 6.5.1 in part"
    notes.facts["pdfa_2b"] = not rules.broken
    if rules.broken:
        notes.facts["pdfa_departures"] = [f"{clause}: {what}" for clause, what in rules.broken.items()]
        notes.note("PDF_ARCHIVAL", "; ".join(f"{c}: {w}" for c, w in list(rules.broken.items())[:5]))


def _trailer(content: bytes, document: "pikepdf.Pdf", rules: Rules) -> None:
    import pikepdf  # noqa: PLC0415 - only inside the sandbox

    identity = get(document.trailer, "/ID")
    good = isinstance(identity, pikepdf.Array) and len(identity) == 2  # noqa: PLR2004 - a pair by definition
    if not good or not all(isinstance(part, pikepdf.String) and bytes(part) for part in identity):
        rules.breaks("6.1.3", "the trailer has no valid ID")
    if get(document.trailer, "/Encrypt") is not None:
        rules.breaks("6.1.3", "the file is encrypted")
    end = content.rfind(b"%%EOF")
    if content[end + 5 :] not in {b"", b"\r", b"\n", b"\r\n"}:
        rules.breaks("6.1.3", "data after the last end-of-file marker")


def _permissions(document: "pikepdf.Pdf", rules: Rules) -> None:
    permissions = get(document.trailer, "/Root", "/Perms")
    if permissions is None:
        return
    keys = {key for key, _value in items(permissions)}
    if keys - {"/UR3", "/DocMDP"}:
        rules.breaks("6.1.12", "the permissions dictionary has other keys than UR3 and DocMDP")
    if "/DocMDP" in keys:
        references = get(permissions, "/DocMDP", "/Reference")
        for reference in as_list(references):
            if {k for k, _v in items(reference)} & {"/DigestLocation", "/DigestMethod", "/DigestValue"}:
                rules.breaks("6.1.12", "a signature reference holds a digest key")


def _all_dictionaries(document: "pikepdf.Pdf", rules: Rules) -> None:
    import pikepdf  # noqa: PLC0415 - only inside the sandbox

    budget = MAX_CONTENT_BYTES
    for value in dictionaries(document):
        if name_of(get(value, "/S")) in _ACTIONS and name_of(get(value, "/Type")) != "/StructElem":
            rules.breaks("6.5.1", f"action {name_of(get(value, '/S'))}")
        if get(value, "/XFA") is not None:
            rules.breaks("6.4.2", "XFA form")
        if isinstance(value, pikepdf.Stream):
            _stream(value, rules)
            if budget > 0 and _is_content(value):
                content = stream_bytes(value, min(budget, MAX_STREAM_BYTES)) or b""
                budget -= len(content)
                rules.content(content)
            elif name_of(get(value, "/Type")) == "/CMap":
                rules.character_map(stream_bytes(value, MAX_STREAM_BYTES) or b"")
            elif name_of(get(value, "/Type")) == "/ObjStm":
                rules.values(stream_bytes(value, MAX_STREAM_BYTES) or b"")
        _colours(value, rules)


def _colours(value: "pikepdf.Object", rules: Rules) -> None:
    """DeviceN spaces sit in resource dictionaries under any name."""
    for _key, space in items(value):
        parts = as_list(space)
        if len(parts) > 1 and name_of(parts[0]) == "/DeviceN" and len(as_list(parts[1])) > _MAX_COLORANTS:
            rules.breaks("6.1.13", f"more than {_MAX_COLORANTS} colorants")


def _is_content(stream: "pikepdf.Object") -> bool:
    subtype = name_of(get(stream, "/Subtype"))
    return subtype == "/Form" or get(stream, "/PatternType") == 1


def _stream(stream: "pikepdf.Object", rules: Rules) -> None:
    for key in ("/F", "/FFilter", "/FDecodeParms"):
        if get(stream, key) is not None:
            rules.breaks("6.1.7.1", f"a stream dictionary holds {key}")
    filters = get(stream, "/Filter")
    names = [name_of(f) for f in as_list(filters)] or [name_of(filters)]
    for name in names:
        if name and name not in _FILTERS:
            rules.breaks("6.1.7.2", f"filter {name}")
    if "/Crypt" in names:
        parameters = [*as_list(get(stream, "/DecodeParms")), get(stream, "/DecodeParms")]
        used = [name_of(get(p, "/Name")) for p in parameters]
        if any(name not in {"", "/Identity"} for name in used):
            rules.breaks("6.1.7.2", "a Crypt filter other than Identity")


def _pages(document: "pikepdf.Pdf", rules: Rules) -> None:
    """Page boundaries as inherited, and every page's content."""
    budget = MAX_CONTENT_BYTES
    for page in document.pages:
        for key in _BOXES:
            box = [_number(v) for v in as_list(_inherited(page.obj, key))]
            if len(box) != 4 or None in box:  # noqa: PLR2004 - a rectangle
                continue
            numbers = [float(v) for v in box if v is not None]
            sides = (abs(numbers[2] - numbers[0]), abs(numbers[3] - numbers[1]))
            if not all(_MIN_PAGE <= side <= _MAX_PAGE for side in sides):
                rules.breaks("6.1.13", f"{key} of {sides[0]:g} by {sides[1]:g} units")
        contents = get(page.obj, "/Contents")
        whole = b"\n".join(stream_bytes(s, MAX_STREAM_BYTES) or b"" for s in as_list(contents) or [contents])
        if len(whole) <= budget:
            budget -= len(whole)
            rules.content(whole)
        for font in _fonts(page.obj):
            for _key, glyph in items(get(font, "/CharProcs")):
                rules.content(stream_bytes(glyph, MAX_STREAM_BYTES) or b"")


def _fonts(page: Any) -> list[Any]:
    resources = _inherited(page, "/Resources")
    return [font for _key, font in items(get(resources, "/Font")) if get(font, "/CharProcs") is not None]


def _inherited(node: Any, key: str) -> Any:
    for _level in range(50):
        value = get(node, key)
        if value is not None or node is None:
            return value
        node = get(node, "/Parent")
    return None


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError, ArithmeticError):
        return None
