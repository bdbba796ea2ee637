"""XML and SVG, read by expat as a stream: no entity is expanded, no definition is fetched.

A document type with an entity declaration is refused outright (billion laughs, external entities); the
harmless form, a public identifier without an internal subset, is noted and left alone.
"""

import re
from collections.abc import Iterable
from xml.parsers import expat

from workstation.core.examination import Severity
from workstation.examine.documents import plain
from workstation.examine.reader import Notes, Source, Unreadable, pieces

MAX_DEPTH = 1_000
MAX_LISTED = 50

_REMOTE = re.compile(r"^\s*(?:[a-z][a-z0-9+.-]*:)?//|^\s*(?:https?|ftp|file|smb):|^\\\\", re.IGNORECASE)
_SCRIPT_URL = re.compile(
    r"^[\s\x00-\x1f]*(?:j\s*a\s*v\s*a\s*s\s*c\s*r\s*i\s*p\s*t|vbscript)\s*:", re.IGNORECASE
)
_DATA_URL = re.compile(r"^\s*data:(?!image/(?:png|jpeg|gif|webp)[;,])", re.IGNORECASE)
_CSS_REMOTE = re.compile(r"(?:@import|url\(\s*[\"']?\s*(?:https?:|//|file:|data:text))", re.IGNORECASE)
_REFERENCES = frozenset({"href", "src", "data", "action", "from", "to", "values"})
_ACTIVE_TAGS = frozenset({"script", "foreignobject", "iframe", "object", "embed", "handler", "listener"})
_XINCLUDE = "http://www.w3.org/2001/XInclude"
_NAMED = re.compile(r"^on[a-z]+$", re.IGNORECASE)


class XmlPass:
    """One streaming pass; subclass or read ``root`` and ``active`` afterwards."""

    def __init__(self) -> None:
        self.root = ""
        self.depth = self.deepest = self.elements = 0
        self.doctype = ""
        self.active: list[str] = []
        self.remote: list[str] = []
        self.style: list[str] | None = None

    def parser(self) -> expat.XMLParserType:
        """An expat parser wired to this pass."""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        parser.StartDoctypeDeclHandler = self._doctype
        parser.EntityDeclHandler = self._entity
        parser.UnparsedEntityDeclHandler = self._entity
        parser.ExternalEntityRefHandler = self._external
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.ProcessingInstructionHandler = self._instruction
        return parser

    def _doctype(self, name: str, system: str | None, public: str | None, internal: int) -> None:
        # Definitions of the web and of property lists are built into readers; any other is fetched.
        if system and not (public or "").startswith(("-//W3C//", "-//Apple")):
            self._note(self.remote, f"document type {system}")
        self.doctype = public or system or name
        if internal:
            self.doctype += " with an internal subset"

    def _entity(self, name: str, *_rest: object) -> None:
        raise Unreadable("XML_ENTITY", f"declares entity {plain.visible(name)[:80]}", Severity.DANGER)

    def _external(self, *_rest: object) -> int:
        raise Unreadable("XML_ENTITY", "refers to an external entity", Severity.DANGER)

    def _instruction(self, target: str, data: str) -> None:
        if target == "xml-stylesheet":
            self._note(self.remote, f"stylesheet {data}")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self.root = self.root or tag
        self.elements += 1
        self.depth += 1
        self.deepest = max(self.deepest, self.depth)
        if self.depth > MAX_DEPTH:
            raise Unreadable("XML_INVALID", f"deeper than {MAX_DEPTH}")
        namespace, _gap, local = tag.rpartition(" ")
        if namespace == _XINCLUDE:
            self._note(self.remote, "XInclude " + attributes.get("href", ""))
        self.element(local.lower(), attributes)

    def _end(self, _tag: str) -> None:
        self.depth -= 1
        if self.style is not None:
            css, self.style = "".join(self.style), None
            if _CSS_REMOTE.search(css):
                self._note(self.remote, "style sheet loads from elsewhere")

    def _text(self, text: str) -> None:
        if self.style is not None and len(self.style) < 1_000:  # noqa: PLR2004 - pieces of one style sheet
            self.style.append(text)

    def element(self, _local: str, _attributes: dict[str, str]) -> None:
        """Look at one element; plain XML has nothing to add."""

    @staticmethod
    def _note(where: list[str], what: str) -> None:
        if len(where) < MAX_LISTED:
            where.append(what[:120])


class SvgPass(XmlPass):
    """SVG: scripts, handlers, foreign content, references that leave the file."""

    def element(self, local: str, attributes: dict[str, str]) -> None:
        """Collect what a browser would run or fetch."""
        if local in _ACTIVE_TAGS:
            self._note(self.active, f"<{local}>")
        if local == "style":
            self.style = []
        for key, value in attributes.items():
            name = key.rpartition(" ")[2].lower()
            if _NAMED.match(name):
                self._note(self.active, f"{local} {name}")
            elif name in _REFERENCES and (_SCRIPT_URL.search(value) or _DATA_URL.search(value)):
                self._note(self.active, f"{local} {name} {value[:40]}")
            elif name in {"href", "src"} and local != "a" and _REMOTE.search(value):
                self._note(self.remote, f"{local} {value[:80]}")
            elif name == "style" and _CSS_REMOTE.search(value):
                self._note(self.remote, f"{local} style")


def feed(chunks: Iterable[bytes], work: XmlPass, code: str = "XML_INVALID") -> None:
    """Feed bytes through ``work``.

    Raises:
        Unreadable: XML_ENTITY when an entity is declared, ``code`` when it is not well-formed.
    """
    parser = work.parser()
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        line = getattr(error, "lineno", 0)
        why = expat.ErrorString(error.code) if isinstance(error, expat.ExpatError) else type(error).__name__
        raise Unreadable(code, f"line {line}: {why}") from error


def examine(source: Source, notes: Notes) -> None:
    """Read one XML or SVG file to its end."""
    work = SvgPass() if notes.kind == "svg" else XmlPass()
    feed(pieces(source), work)
    notes.facts["xml_root"] = work.root.rpartition(" ")[2][:200]
    notes.facts["xml_elements"] = work.elements
    notes.facts["xml_depth"] = work.deepest
    characters = plain.Characters()
    for text in plain.decoded(source, plain.encoding_of(source)):
        characters.feed(text)
    characters.report(notes)
    if work.doctype:
        notes.note("XML_DOCTYPE", plain.visible(work.doctype)[:200])
    if work.remote:
        notes.caution("XML_EXTERNAL", "; ".join(plain.visible(r) for r in work.remote[:5]))
    if work.active:
        notes.caution("SVG_ACTIVE", "; ".join(plain.visible(a) for a in work.active[:5]))
