"""Source code among the files of a model: never run, always named."""

import re

from workstation.examine.reader import Notes, Source
from workstation.examine.weights.tensors import listed

_MAX_READ_BYTES = 4 << 20
_SUSPECT = re.compile(
    r"\b(?:os\.(?:system|popen|exec\w*)|subprocess\.\w+|eval|exec|__import__|socket\.socket|ctypes\.\w+|pty\.spawn"
    r"|urllib\.request\.\w+|requests\.(?:get|post)|pickle\.loads?|marshal\.loads|base64\.b64decode)\s*\("
)


def examine(source: Source, notes: Notes) -> None:
    """Say how long the code is and which calls a reviewer will want to see first."""
    if source.name.lower().endswith(".pyc"):
        notes.incomplete("MODEL_COMPILED_CODE", "compiled Python")
        return
    text = source.read_at(0, min(source.size_bytes, _MAX_READ_BYTES)).decode("utf-8", "backslashreplace")
    if len(text) < source.size_bytes and source.size_bytes > _MAX_READ_BYTES:
        notes.incomplete("EXAMINE_LIMIT", f"only the first {_MAX_READ_BYTES} bytes were looked at")
    calls = listed(found[0].rstrip("( \t") for found in _SUSPECT.finditer(text))
    notes.facts["lines"] = text.count("\n") + 1
    notes.facts["calls"] = calls
    detail = f"calls {', '.join(calls[:10])}" if calls else "source code, to be read by a person"
    notes.note("MODEL_SOURCE_CODE", detail)
