"""Which bytes are documents, and which examiner reads them."""

import re

from workstation.examine.formats import Format, Match, Sample, by_magic

_HERE = "workstation.examine.documents"
_TEXT = re.compile(
    r"\.(?:txt|text|log|rst|adoc|tex|bib|csv|tsv|ya?ml|toml|ini|cfg|conf|properties|env|gitattributes|gitignore"
    r"|lock|diff|patch|srt|vtt|po)"
)
_MARKDOWN = frozenset({".md", ".markdown", ".mdx"})
_HTML = re.compile(
    r"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|script|iframe)\b",
    re.IGNORECASE | re.DOTALL,
)
_NOTEBOOK_KEYS = frozenset({"cells", "nbformat"})
_CONTROLS = re.compile("[\x00-\x07\x0b\x0e-\x1a\x1c-\x1f]")  # without those that text is laid out with
_PRINTED = bytes(range(32, 127)) + b"\t\n\r"


def _pdf(sample: Sample) -> Match:
    if sample.head.startswith(b"%PDF-"):
        return Match.CONTENT
    # Readers accept the header anywhere in the first 1024 bytes (ISO 32000-1 annex H.3 note 13).
    if b"%PDF-" in sample.head[:1029]:
        return Match.LIKELY
    return Match.NAME if sample.suffix == ".pdf" else Match.NO


class _Ooxml:
    """Detects an office file by the names of its parts.

    By the directory of the zip, not by what lies in plain sight: a zip that carries such a file among others,
    stored, shows the same names and must be opened as the container it is. Without a directory the sight
    is all there is.
    """

    def __init__(self, folder: bytes) -> None:
        self._folder = folder
        self._begin = folder.decode().casefold()

    def __call__(self, sample: Sample) -> Match:
        if not sample.head.startswith(b"PK\x03\x04"):
            return Match.NO
        if sample.zip_names:
            names = [name.casefold().lstrip("/") for name in sample.zip_names]
            is_office = "[content_types].xml" in names and any(n.startswith(self._begin) for n in names)
            return Match.EXACT if is_office else Match.NO
        seen = sample.head + sample.tail
        if b"[Content_Types].xml" in seen and self._folder in seen:
            return Match.EXACT
        return Match.NO


def _compound(sample: Sample) -> Match:
    return Match.CONTENT if sample.head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") else Match.NO


def _json(sample: Sample) -> Match:
    start = sample.text.lstrip("\ufeff \t\r\n")[:1]
    if sample.suffix == ".json" or start in {"{", "["}:
        named = sample.suffix in {".json", ".geojson", ".jsonld", ".webmanifest"}
        return Match.LIKELY if named and start else Match.NAME
    return Match.NAME if sample.suffix == ".json" else Match.NO


def _json_lines(sample: Sample) -> Match:
    named = sample.suffix in {".jsonl", ".ndjson"}
    return Match.LIKELY if named and sample.text else Match.NAME if named else Match.NO


def _notebook(sample: Sample) -> Match:
    return Match.EXACT if sample.json_keys.issuperset(_NOTEBOOK_KEYS) else Match.NO


def _svg(sample: Sample) -> Match:
    root = sample.xml_root.rpartition("}")[2].lower()
    if root == "svg":
        return Match.CONTENT
    return Match.NAME if sample.suffix == ".svg" else Match.NO


def _html(sample: Sample) -> Match:
    if sample.suffix in _MARKDOWN or sample.suffix == ".xml":
        return Match.NO  # Markdown may begin with a tag; an XHTML page named XML is held to the rules of XML
    if _HTML.match(sample.text.lstrip("\ufeff")):
        return Match.CONTENT
    return Match.LIKELY if sample.suffix in {".html", ".htm", ".xhtml"} and sample.text else Match.NO


def _xml(sample: Sample) -> Match:
    if sample.xml_root or sample.text.lstrip("\ufeff \r\n\t").startswith(("<?xml", "<!DOCTYPE")):
        # Markdown, too, may begin with a tag.
        return Match.NAME if sample.suffix in _MARKDOWN or _TEXT.fullmatch(sample.suffix) else Match.LIKELY
    if sample.head.startswith((b"<\0?\0", b"\0<\0?", b"\xff\xfe<\0", b"\xfe\xff\0<")):
        return Match.LIKELY
    return Match.NAME if sample.suffix == ".xml" else Match.NO


def _markdown(sample: Sample) -> Match:
    if sample.suffix not in _MARKDOWN:
        return Match.NO
    return Match.LIKELY if sample.text or not sample.size_bytes else Match.NAME


def _text(sample: Sample) -> Match:
    if _TEXT.fullmatch(sample.suffix) and (sample.text or b"\0" not in sample.head):
        return Match.LIKELY
    if sample.text and _printable(sample.text):
        return Match.NAME
    if not sample.size_bytes or (b"\0" not in sample.head and _mostly_printable(sample.head)):
        return Match.NAME
    return Match.NAME if _TEXT.fullmatch(sample.suffix) else Match.NO


def _printable(text: str) -> bool:
    """Text without a share of control characters that only binary data has."""
    start = text[:65_536]
    return len(_CONTROLS.findall(start)) * 50 <= len(start)


def _mostly_printable(head: bytes) -> bool:
    start = head[:65_536]
    return bool(start) and len(start.translate(None, delete=_PRINTED)) * 10 <= len(start)


_IMAGES = by_magic(
    b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"
)


def _image(sample: Sample) -> Match:
    if sample.head[:4] == b"RIFF" and sample.head[8:12] == b"WEBP":
        return Match.CONTENT
    if sample.head[:2] == b"BM" and sample.head[14:15] in {b"\x28", b"\x0c", b"\x6c", b"\x7c"}:
        return Match.CONTENT
    if sample.suffix in {".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff"}:
        return max(Match.NAME, _IMAGES(sample))
    return _IMAGES(sample)


def _pem_or_der_cms(sample: Sample) -> Match:
    if sample.head.startswith((b"-----BEGIN CMS-----", b"-----BEGIN PKCS7-----")):
        return Match.CONTENT
    # SEQUENCE { OID 1.2.840.113549.1.7.2 signedData
    if sample.head[:1] == b"\x30" and b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02" in sample.head[:20]:
        return Match.CONTENT
    return Match.NAME if sample.suffix in {".p7s", ".p7m", ".p7b", ".p7c"} else Match.NO


FORMATS: tuple[Format, ...] = (
    Format(kind="pdf", module=f"{_HERE}.pdf", detect=_pdf, suffixes=(".pdf",)),
    Format(
        kind="docx",
        module=f"{_HERE}.office",
        detect=_Ooxml(b"word/"),
        suffixes=(".docx", ".docm", ".dotx", ".dotm"),
    ),
    Format(
        kind="xlsx", module=f"{_HERE}.office", detect=_Ooxml(b"xl/"), suffixes=(".xlsx", ".xlsm", ".xlsb")
    ),
    Format(
        kind="pptx", module=f"{_HERE}.office", detect=_Ooxml(b"ppt/"), suffixes=(".pptx", ".pptm", ".ppsx")
    ),
    Format(
        kind="compound-file",
        module=f"{_HERE}.legacy",
        detect=_compound,
        suffixes=(".doc", ".xls", ".ppt", ".msg", ".dot"),
    ),
    Format(kind="rtf", module=f"{_HERE}.legacy", detect=by_magic(b"{\\rt"), suffixes=(".rtf",)),
    Format(
        kind="cms", module=f"{_HERE}.cms", detect=_pem_or_der_cms, suffixes=(".p7s", ".p7m", ".p7b", ".p7c")
    ),
    Format(kind="notebook", module=f"{_HERE}.json_text", detect=_notebook, suffixes=(".ipynb",)),
    Format(kind="svg", module=f"{_HERE}.xml", detect=_svg, suffixes=(".svg",)),
    Format(kind="html", module=f"{_HERE}.text", detect=_html, suffixes=(".html", ".htm", ".xhtml")),
    Format(
        kind="image",
        module=f"{_HERE}.images",
        detect=_image,
        suffixes=(".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff"),
    ),
    Format(
        kind="json-lines", module=f"{_HERE}.json_text", detect=_json_lines, suffixes=(".jsonl", ".ndjson")
    ),
    Format(kind="json", module=f"{_HERE}.json_text", detect=_json, suffixes=(".json", ".geojson", ".jsonld")),
    Format(kind="xml", module=f"{_HERE}.xml", detect=_xml, suffixes=(".xml", ".xsd", ".xsl", ".xslt")),
    Format(kind="markdown", module=f"{_HERE}.text", detect=_markdown, suffixes=(".md", ".markdown", ".mdx")),
    Format(
        kind="text", module=f"{_HERE}.text", detect=_text, suffixes=(".txt", ".text", ".log", ".csv", ".yaml")
    ),
)
