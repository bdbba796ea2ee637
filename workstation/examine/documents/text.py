"""Plain text, Markdown, CSV, YAML, source code: read whole, shown as typed, never interpreted."""

import re

from workstation.examine.documents import plain
from workstation.examine.reader import Notes, Source

CODE_SUFFIXES = re.compile(
    r"\.(?:pyw?|sh|bash|zsh|ps1|psm1|bat|cmd|vb[se]|[mc]?js|ts|lua|pl|rb|php|r|jl|[ch]|cc|[ch]pp|cu|go|rs"
    r"|java|kt|cs|swift|scala|sql|wsf|hta|applescript)",
    re.IGNORECASE,
)
_CARRY_CHARS = 512  # longer than any pattern below can match across two pieces

_PATTERNS = {
    "scripts": re.compile(r"<\s*script\b", re.IGNORECASE),
    "frames": re.compile(r"<\s*(?:iframe|object|embed|applet|meta\s+http-equiv)\b", re.IGNORECASE),
    "handlers": re.compile(r"<[a-z][^<>]{0,200}\son[a-z]{3,20}\s*=", re.IGNORECASE),
    "script_links": re.compile(
        r"(?:\]\(\s*<?|href\s*=\s*[\"']?\s*)(?:javascript|vbscript|data)\s*:", re.IGNORECASE
    ),
    "remote_images": re.compile(
        r"(?:!\[[^\]]{0,200}\]\(\s*<?|<img[^<>]{0,200}src\s*=\s*[\"']?)https?:", re.IGNORECASE
    ),
    "links": re.compile(r"\bhttps?://", re.IGNORECASE),
}
_YAML_TAG = re.compile(
    r"!!?(?:python|ruby|java|perl|php)[/:][\w./:-]{1,80}|!!(?:javax|com\.sun)\.[\w.]{1,80}"
)
_CSV_FORMULA = re.compile(
    r"(?:^|[,;\t])\"?(?:=(?=[^=])|@[A-Za-z]+\(|[+-](?=[A-Za-z_@(]))[^,;\t\r\n]{0,80}", re.MULTILINE
)


# Called so and yet text: not what it is called. Formats that judge such files themselves are left out.
_BINARY_NAMES = re.compile(
    r"[.](?:tar|t?gz|t?bz2|t?xz|t?zst|lzma|7z|rar|npz|docx|docm|xlsx|xlsm|pptx|pptm|doc|xls|ppt|jar|whl)",
    re.IGNORECASE,
)


class _Counts:
    """Counts patterns over a text in pieces without counting an overlap twice."""

    def __init__(self, patterns: dict[str, re.Pattern[str]]) -> None:
        self._patterns, self._carry = patterns, ""
        self.found = dict.fromkeys(patterns, 0)
        self.first: dict[str, str] = {}

    def feed(self, piece: str) -> None:
        text, old = self._carry + piece, len(self._carry)
        for name, pattern in self._patterns.items():
            for match in pattern.finditer(text):
                if match.end() > old:
                    self.found[name] += 1
                    self.first.setdefault(name, match.group().strip()[:100])
        self._carry = text[-_CARRY_CHARS:]


def examine(source: Source, notes: Notes) -> None:
    """Read a text: encoding, invisible characters, and what another program would act on."""
    suffix = "." + source.name.rpartition(".")[2].lower()
    if notes.kind == "text" and source.size_bytes and _BINARY_NAMES.fullmatch(suffix):
        notes.caution("FORMAT_NOT_AS_NAMED", suffix)
    encoding = plain.scan(source, notes)
    counts = _Counts(_patterns_for(suffix, notes.kind))
    for piece in plain.decoded(source, encoding):
        counts.feed(piece)
    if CODE_SUFFIXES.fullmatch(suffix) or source.read_at(0, 2) == b"#!":
        notes.kind = "source-code"
        notes.note("TEXT_CODE", "program text; shown, never run")
    _report(counts, notes)


def _patterns_for(suffix: str, kind: str) -> dict[str, re.Pattern[str]]:
    patterns: dict[str, re.Pattern[str]] = {}
    if kind in {"markdown", "html"}:
        patterns |= _PATTERNS
    if kind == "markdown" or suffix in {".yaml", ".yml"}:
        patterns["yaml_tags"] = _YAML_TAG
    if suffix in {".csv", ".tsv"}:
        patterns["formulas"] = _CSV_FORMULA
    return patterns


def _report(counts: _Counts, notes: Notes) -> None:
    found = {name: number for name, number in counts.found.items() if number}
    for name in ("links", "remote_images"):
        if name in found:
            notes.facts[name] = found[name]
    if "yaml_tags" in found:
        notes.caution("TEXT_YAML_OBJECT", counts.first["yaml_tags"])
    if "formulas" in found:
        notes.caution("CSV_FORMULA", f"{found['formulas']} cells, first: {counts.first['formulas']}")
    active = [
        f"{found[n]} {n.replace('_', ' ')}"
        for n in ("scripts", "frames", "handlers", "script_links")
        if n in found
    ]
    if not active:
        return
    if notes.kind == "html":
        notes.caution("HTML_ACTIVE", ", ".join(active))
    else:
        # Cards quote web pages; nothing here renders Markdown, so quoting one is worth a note, no more.
        notes.note("MARKDOWN_ACTIVE", ", ".join(active))
