"""Programs and source code among the files of a model: never run, always named."""

import re

from workstation.examine.reader import Notes, Source
from workstation.examine.weights.tensors import listed

_MAX_READ_BYTES = 4 << 20
_SUSPECT = re.compile(
    r"\b(?:os\.(?:system|popen|exec\w*)|subprocess\.\w+|eval|exec|__import__|socket\.socket|ctypes\.\w+|pty\.spawn"
    r"|urllib\.request\.\w+|requests\.(?:get|post)|pickle\.loads?|marshal\.loads|base64\.b64decode)\s*\("
)


def examine(source: Source, notes: Notes) -> None:
    """Say which kind of program a file is."""
    head = source.read_at(0, 64)
    if kind := executable_kind(head, source):
        notes.kind = "program"
        notes.facts["program"] = kind
        notes.caution("MODEL_PROGRAM", f"{kind}: a program or native library among the submitted files")
        return
    if source.name.lower().endswith(".pyc"):
        notes.kind = "program"
        notes.caution("MODEL_PROGRAM", "compiled Python")
        return
    text = source.read_at(0, min(source.size_bytes, _MAX_READ_BYTES)).decode("utf-8", "backslashreplace")
    if len(text) < source.size_bytes and source.size_bytes > _MAX_READ_BYTES:
        notes.incomplete("EXAMINE_LIMIT", f"only the first {_MAX_READ_BYTES} bytes were looked at")
    calls = listed(found[0].rstrip("( \t") for found in _SUSPECT.finditer(text))
    notes.facts["lines"] = text.count("\n") + 1
    notes.facts["calls"] = calls
    detail = f"calls {', '.join(calls[:10])}" if calls else "source code, to be read by a person"
    notes.note("MODEL_SOURCE_CODE", detail)


def executable_kind(head: bytes, source: Source) -> str:
    """The kind of executable by its first bytes, or nothing."""
    if head.startswith(b"\x7fELF"):
        return "ELF"
    if head[:4] in {b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe"}:
        return "Mach-O"
    if head[:4] in {b"\xca\xfe\xba\xbe", b"\xca\xfe\xba\xbf"}:
        return "Java class" if int.from_bytes(head[4:8], "big") > 40 else "Mach-O universal"  # noqa: PLR2004 - versions start at 45
    if head[:2] == b"MZ":
        at = int.from_bytes(head[60:64], "little")
        return "PE" if source.read_at(at, 4) == b"PE\0\0" else "MZ"
    if head.startswith(b"\0asm"):
        return "WebAssembly"
    if head.startswith(b"dex\n"):
        return "Android program"
    return ""
