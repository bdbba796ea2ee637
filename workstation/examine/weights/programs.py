"""Programs and source code among the files of a model: never run, always named."""

import re

from workstation.examine.reader import Notes, Source
from workstation.examine.weights.tensors import listed

_MAX_READ_BYTES = 4 << 20
_MAX_PARTS = 40
_MAGICS = {
    b"\x7fELF": "ELF",
    b"\xfe\xed\xfa\xce": "Mach-O",
    b"\xfe\xed\xfa\xcf": "Mach-O",
    b"\xce\xfa\xed\xfe": "Mach-O",
    b"\xcf\xfa\xed\xfe": "Mach-O",
    b"\0asm": "WebAssembly",
    b"dex\n": "Android program",
}
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
    for magic, kind in _MAGICS.items():
        if head.startswith(magic):
            return kind
    if head[:4] in {b"\xca\xfe\xba\xbe", b"\xca\xfe\xba\xbf"}:
        # A class file has its version here, 45 at least; a universal binary the number of its parts.
        return "Java class" if int.from_bytes(head[4:8], "big") > _MAX_PARTS else "Mach-O universal"
    if head[:2] == b"MZ":
        at = int.from_bytes(head[60:64], "little")
        return "PE" if source.read_at(at, 4) == b"PE\0\0" else "MZ"
    return ""
