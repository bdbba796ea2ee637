"""What is looked for in the XML parts of an office file."""

import re
from typing import ClassVar

from workstation.examine.documents import plain
from workstation.examine.documents.xml import XmlPass
from workstation.examine.reader import Notes

_FIELD_RUNS = re.compile(r"^\s*(DDEAUTO|DDE|MACROBUTTON)\b", re.IGNORECASE)
_FIELD_FETCHES = re.compile(
    r"\b(INCLUDETEXT|INCLUDEPICTURE|INCLUDE|LINK|IMPORT|RD|DATABASE)\b[^{}]{0,200}?"
    r"(https?:|ftp:|file:|\\\\\\\\|\\\\[A-Za-z0-9.]|smb:)",
    re.IGNORECASE,
)
# Fields can spell a command by character codes to hide it: { QUOTE 68 68 69 65 }.
_FIELD_SPELLED = re.compile(r"\bQUOTE\s+(?:\d{2,3}\s+){3,}", re.IGNORECASE)
_CELL_DDE = re.compile(r"[A-Za-z0-9_.]+\|['\"\w]")
_SCHEME_RUNS = re.compile(
    r"^\s*(?:javascript|vbscript|file|ms-[a-z-]+|search-ms|mhtml|ldap|smb|shell):|^\\\\", re.IGNORECASE
)
MAX_FIELD_CHARS = 4_000


class RelationshipPass(XmlPass):
    """``_rels/*.rels``: what belongs to the document and what lies outside it."""

    _KINDS: ClassVar[dict[str, str]] = {
        "vbaproject": "OFFICE_MACRO",
        "wordvbadata": "OFFICE_MACRO",
        "xlmacrosheet": "OFFICE_MACRO",
        "xlintlmacrosheet": "OFFICE_MACRO",
        "extensibility": "OFFICE_MACRO",
        "oleobject": "OFFICE_OBJECT",
        "package": "OFFICE_OBJECT",
        "control": "OFFICE_OBJECT",
        "activexcontrolbinary": "OFFICE_OBJECT",
        "afchunk": "OFFICE_CHUNK",
    }

    def __init__(self, notes: Notes) -> None:
        super().__init__()
        self._notes = notes

    def element(self, local: str, attributes: dict[str, str]) -> None:
        """Judge one relationship by its type and by where it points."""
        if local != "relationship":
            return
        kind = attributes.get("Type", "").rpartition("/")[2].lower()
        target = attributes.get("Target", "")
        outside = attributes.get("TargetMode", "").lower() == "external"
        where = plain.visible(f"{kind} -> {target}")[:200]
        if outside and kind == "hyperlink":
            links = self._notes.facts.get("links", 0)
            self._notes.facts["links"] = (links if isinstance(links, int) else 0) + 1
            if _SCHEME_RUNS.search(target):
                self._notes.caution("OFFICE_EXTERNAL", where)
        elif outside and kind == "attachedtemplate":
            self._notes.caution("OFFICE_TEMPLATE", where)
        elif outside:
            self._notes.caution("OFFICE_EXTERNAL", where)
        if kind in self._KINDS:
            self._notes.caution(self._KINDS[kind], where)


class PartPass(XmlPass):
    """All other parts: text, fields, formulas, hidden text, tracked changes, properties."""

    _BREAKS = frozenset({"p", "br", "cr", "si", "row"})
    _PROPERTIES = frozenset({"title", "creator", "lastmodifiedby", "subject", "keywords", "application"})

    def __init__(self, limit_chars: int) -> None:
        super().__init__()
        self._left = limit_chars
        self._pieces: list[str] = []
        self._fields: list[str] = []
        self._found: dict[str, list[str]] = {}
        self._counts = {"hidden_text": 0, "tracked_changes": 0, "comments": 0}
        self._properties: dict[str, str] = {}
        self._take = ""
        self._part = ""
        self._buffer: list[str] = []

    def begin(self, part: str) -> None:
        """Another part follows."""
        self._part = part
        self.depth = 0
        self.root = self._take = ""
        self._fields, self._buffer = [], []

    def element(self, local: str, attributes: dict[str, str]) -> None:
        """Collect text, fields and marks."""
        self._flush()
        self._take = local if local in {"t", "instrtext", "delinstrtext", "f"} else ""
        if local in self._PROPERTIES and self._part.startswith("docProps/"):
            self._take = local
        elif local in self._BREAKS:
            self._put("\n")
        elif local == "tab":
            self._put("\t")
        elif local == "fldchar":
            self._field_mark(self._attribute(attributes, "fldCharType"))
        elif local == "fldsimple":
            self._field(self._attribute(attributes, "instr"))
        elif local == "vanish" and self._attribute(attributes, "val") not in {"0", "false", "off"}:
            self._counts["hidden_text"] += 1
        elif local in {"ins", "del", "movefrom", "moveto"} and self._part.startswith("word/"):
            self._counts["tracked_changes"] += 1
        elif local == "comment":
            self._counts["comments"] += 1
        elif local == "ddelink":
            self._add("OFFICE_DDE", " ".join(attributes.values())[:100])
        elif local == "override" and "macroenabled" in attributes.get("ContentType", "").lower():
            self._add("OFFICE_MACRO", "content type says macros are enabled")

    def _end(self, tag: str) -> None:
        self._flush()
        self._take = ""
        super()._end(tag)

    def _text(self, text: str) -> None:
        if self._take and len(self._buffer) < 10_000:  # noqa: PLR2004 - pieces of one text run
            self._buffer.append(text)

    def _flush(self) -> None:
        text, self._buffer = "".join(self._buffer), []
        if not text:
            return
        if self._take == "t":
            self._put(text)
        elif self._take in {"instrtext", "delinstrtext"}:
            if self._fields:
                self._fields[-1] = (self._fields[-1] + text)[:MAX_FIELD_CHARS]
            else:
                self._field(text)
        elif self._take == "f" and _CELL_DDE.match(text.lstrip("=+-@ ")):
            self._add("OFFICE_DDE", text[:100])
        elif self._take in self._PROPERTIES:
            self._properties.setdefault(self._take, plain.visible(text)[:200])

    def _field_mark(self, kind: str) -> None:
        if kind == "begin" and len(self._fields) < 100:  # noqa: PLR2004 - nested fields
            self._fields.append("")
        elif kind == "separate" and self._fields:
            self._field(self._fields[-1])
        elif kind == "end" and self._fields:
            inner = self._fields.pop()
            self._field(inner)
            if self._fields:
                self._fields[-1] = (self._fields[-1] + inner)[:MAX_FIELD_CHARS]

    def _field(self, instruction: str) -> None:
        if _FIELD_RUNS.search(instruction) or _FIELD_SPELLED.search(instruction):
            self._add("OFFICE_DDE", instruction.strip()[:150])
        elif _FIELD_FETCHES.search(instruction):
            self._add("OFFICE_EXTERNAL", instruction.strip()[:150])

    def _put(self, text: str) -> None:
        if self._left > 0:
            self._pieces.append(text[: self._left])
            self._left -= len(text)

    def _add(self, code: str, detail: str) -> None:
        details = self._found.setdefault(code, [])
        detail = plain.visible(f"{self._part}: {detail}")
        if len(details) < 20 and detail not in details:  # noqa: PLR2004 - a sample for the reader
            details.append(detail)

    @staticmethod
    def _attribute(attributes: dict[str, str], name: str) -> str:
        return next((v for k, v in attributes.items() if k.rpartition(" ")[2] == name), "")

    def text(self) -> str:
        """The text met so far."""
        return "".join(self._pieces)

    def report(self, notes: Notes) -> None:
        """Say what was found."""
        for code, details in self._found.items():
            for detail in details:
                notes.caution(code, detail)
        notes.facts |= {name: count for name, count in self._counts.items() if count}
        notes.facts |= self._properties
        if self._counts["hidden_text"]:
            notes.note("OFFICE_HIDDEN_TEXT", f"{self._counts['hidden_text']} runs marked hidden")
        notes.facts["characters"] = len(self.text())
        if self._left <= 0:
            notes.incomplete("OFFICE_TOO_LARGE", "more text than is read")
