"""Chat templates: looked at as text, never rendered.

Jinja is a programming language that most loaders run in a sandbox, and the sandbox has been escaped before.
Harmless templates have no business with Python's inner attributes, so any way towards them is reported.
"""

import re
from collections.abc import Iterator

from workstation.examine.reader import Notes, Source
from workstation.examine.weights.tensors import shown

MAX_TEMPLATE_BYTES = 16 << 20
# No group is possessive that holds a choice: Python before 3.11.5 matches those wrongly (gh-106052).
_QUOTED = r"""'[^'\\]*+(?:\\.[^'\\]*+)*+'|"[^"\\]*+(?:\\.[^"\\]*+)*+\""""
_OPENING = re.compile(
    r"\{#.*?(?:#\}|\Z)|\{%[-+]?\s*raw\s*-?%\}.*?\{%[-+]?\s*endraw\s*[-+]?%\}|(\{\{|\{%)", re.DOTALL
)
_ENDS = {"{{": "}}", "{%": "%}"}
_STEPS = {opened: re.compile(f"{_QUOTED}|{re.escape(end)}", re.DOTALL) for opened, end in _ENDS.items()}
_LITERAL = re.compile(_QUOTED, re.DOTALL)
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{1,3}))")
_CODE = (
    (
        "inner attribute",
        r"__\w+__|\b(?:mro|subclasses|func_globals|func_code|gi_frame|gi_code|cr_frame|ag_frame|f_globals|f_builtins|f_locals|tb_frame|co_code)\b",
    ),
    ("private attribute", r"[.]\s*_\w+|\|\s*attr\s*\("),
    (
        "helper object",
        r"\b(?:cycler|joiner|lipsum|self)\s*(?:[.\[|]|\(\s*\)\s*[.\[])|\b(?:url_for|get_flashed_messages)\b",
    ),
    (
        "request object",
        r"\b(?:request|config|application|app)\s*(?:\.\s*(?:application|environ|__|from_object|from_pyfile|root_path)|\[\s*\W_)",
    ),
    (
        "python call",
        r"(?<![.\w])(?:eval|exec|compile|getattr|setattr|delattr|globals|locals|vars|open|execfile|breakpoint|__import__|import_module|chr)\s*\(",
    ),
    (
        "operating system",
        r"\b(?:os\s*\.\s*(?:system|popen|environ|exec\w*|spawn\w*|remove|listdir)|subprocess|popen|pty\.spawn|importlib|builtins|sys\s*\.\s*modules|ctypes|shutil|socket)\b",
    ),
    ("other template", r"\{%[-+]?\s*(?:include|import|from|extends)\b"),
    ("endless work", r"\brange\s*\(\s*(?:\d+\s*,\s*)?\d[\d_]{6,}|\*\*\s*\d{3,}|[*]\s*\d{8,}"),
)
_STRING = (
    (
        "inner attribute",
        r"__\w+__|^__|__$|^_\w+_$|\b(?:func_globals|gi_frame|f_globals|f_builtins|tb_frame)\b",
    ),
    ("operating system", r"^(?:os|subprocess|builtins|popen|importlib|posix)$|\b__import__\b"),
    ("inner attribute", r"\{\s*\w*\s*(?:\.|\[)\s*_"),
)
# A name put together inside a subscript, from underscores or character codes.
_ASSEMBLED = re.compile(r"\[[^\]]*(?:[~+*%|]|\b(?:replace|reverse)\b)[^\]]*\]|\bjoin\b|\bformat\b")
_PARTS = re.compile(r"_{1,2}|.*%c.*", re.DOTALL)
_CODE_PATTERNS = tuple((kind, re.compile(pattern)) for kind, pattern in _CODE)
_STRING_PATTERNS = tuple((kind, re.compile(pattern)) for kind, pattern in _STRING)


def examine(source: Source, notes: Notes) -> None:
    """Report ways out of the template language in a template file."""
    raw = source.read_at(0, min(source.size_bytes, MAX_TEMPLATE_BYTES))
    if len(raw) < source.size_bytes:
        notes.incomplete("TEMPLATE_UNPARSED", f"only the first {len(raw)} bytes were looked at")
    text = raw.decode("utf-8", "backslashreplace")
    notes.facts["template_chars"] = len(text)
    report(text, "", notes)


def report(text: str, where: str, notes: Notes) -> None:
    """Caution about one template; ``where`` names it inside its file."""
    found = suspicions(text)
    if found:
        prefix = f"{shown(where, 80)}: " if where else ""
        notes.caution("TEMPLATE_CODE", prefix + ", ".join(found))


def _code_parts(text: str) -> Iterator[str]:
    """Each block of code with its braces; a string may hold the end of a block, so it is skipped whole."""
    at = 0
    while opening := _OPENING.search(text, at):
        at = opening.end()
        if opening[1] is None:
            continue
        steps = _STEPS[opening[1]].finditer(text, at)
        ends = (step.end() for step in steps if step[0] == _ENDS[opening[1]])
        at = next(ends, len(text))
        yield text[opening.start() : at]


def suspicions(text: str) -> list[str]:
    """What in the code parts of a template leads out of it: "kind: as typed", at most one a kind."""
    found: dict[str, str] = {}
    for code in _code_parts(text):
        bare = _LITERAL.sub(" '' ", code)
        for kind, pattern in _CODE_PATTERNS:
            hit = pattern.search(bare)
            if hit:
                found.setdefault(kind, hit[0])
        for literal in _LITERAL.finditer(code):
            value = _unescaped(literal[0][1:-1])
            if _PARTS.fullmatch(value) and _ASSEMBLED.search(bare):
                found.setdefault("assembled name", value)
            for kind, pattern in _STRING_PATTERNS:
                hit = pattern.search(value)
                if hit and (kind != "operating system" or found or "[" in bare or "|" in bare):
                    found.setdefault(kind, hit[0])
    return [f"{kind}: {shown(text, 60)}" for kind, text in found.items()]


def is_template(text: str) -> bool:
    """Whether a text has code parts at all."""
    return "{{" in text or "{%" in text


def _unescaped(text: str) -> str:
    def character(found: re.Match[str]) -> str:
        digits = found[1] or found[2] or found[3]
        value = int(digits, 16) if digits else int(found[4], 8)
        return chr(value) if value < 0x110000 and not 0xD800 <= value < 0xE000 else "?"  # noqa: PLR2004

    return _ESCAPE.sub(character, text)
