"""Programs and scripts: formats that belong to no other area."""

from workstation.examine.formats import Format, Match, Sample

_PROGRAMS = (
    b"\x7fELF",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
    b"\0asm",
    b"dex\n",
    b"\x4c\0\0\0\x01\x14\x02\0",  # a Windows shortcut
)
_PROGRAM_SUFFIXES = (
    ".exe",
    ".dll",
    ".so",
    ".dylib",
    ".bat",
    ".cmd",
    ".ps1",
    ".vbs",
    ".lnk",
    ".msi",
    ".scr",
    ".com",
)


def _is_program(sample: Sample) -> Match:
    head = sample.head
    if head.startswith(_PROGRAMS):
        return Match.CONTENT
    if head.startswith(b"MZ") and len(head) >= 64:  # noqa: PLR2004 - the DOS header
        at = int.from_bytes(head[60:64], "little")
        return Match.CONTENT if head[at : at + 4] == b"PE\0\0" else Match.LIKELY
    return Match.LIKELY if sample.suffix in _PROGRAM_SUFFIXES else Match.NO


def _is_script(sample: Sample) -> Match:
    """A first line that names an interpreter; with a zip behind it (a Python zipapp) it is that zip."""
    line = sample.head[:256].split(b"\n", 1)[0]
    is_script = line.startswith((b"#!/", b"#! /")) and not sample.zip_names
    return Match.CONTENT if is_script else Match.NO


FORMATS: tuple[Format, ...] = (
    Format(
        kind="program", module="workstation.examine.programs", detect=_is_program, suffixes=_PROGRAM_SUFFIXES
    ),
    Format(kind="script", module="workstation.examine.programs", detect=_is_script, suffixes=(".sh",)),
)
