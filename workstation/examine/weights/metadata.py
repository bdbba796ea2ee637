"""Free-text metadata of weights files: kept as facts, and looked at for text that is code.

Metadata is never executed by a loader, but it is a place to carry a payload for something that does. What is
recognised is a call, a shell line or a script, not a mere word: model cards mention ``import torch``.
"""

import re

from workstation.examine.reader import Notes
from workstation.examine.weights.tensors import listed, shown

MAX_VALUES_CHARS = 32 << 10
MAX_VALUE_BYTES = 4 << 20
_MAX_SEARCHED_CHARS = 8 << 20
_CODE = (
    (
        "python call",
        r"\b(?:os\.(?:system|popen|exec\w*|spawn\w*)|subprocess\.\w+|pty\.spawn|runpy\.run_\w+)\s*\(",
    ),
    ("python call", r"(?<![\w.])(?:eval|exec|compile|__import__)\s*\(|\bimportlib\.import_module\s*\("),
    ("python call", r"\b(?:pickle|marshal|cloudpickle|dill|joblib)\.loads?\s*\(|\bbase64\.b64decode\s*\("),
    ("python call", r"\b(?:socket\.socket|urllib\.request\.\w+|requests\.(?:get|post|put)|ctypes\.\w+)\s*\("),
    (
        "python import",
        r"\bimport\s+(?:os|subprocess|socket|ctypes|pty|shutil)\b|\bfrom\s+(?:os|subprocess)\s+import\b",
    ),
    ("shell", r"\brm\s+-[rRf]{1,3}\s|\b(?:curl|wget)\s+(?:-\S+\s+)*['\"]?(?:https?|ftp)://|/dev/tcp/"),
    (
        "shell",
        r"[|;&]\s*(?:ba|z|da)?sh\b|\b(?:ba)?sh\s+-[ic]\b|\bnc\s+-\w*e|\bpowershell(?:\.exe)?\s+-|\bcmd(?:\.exe)?\s+/c",
    ),
    ("script", r"<\s*script\b|\bjavascript:|\bon(?:error|load)\s*=\s*['\"]?\w+\s*\(|<\s*iframe\b"),
    ("template", r"__(?:globals|builtins|subclasses|import|class|mro|base|code)__"),
    ("encoded executable", r"\b(?:gASV|gAJ[9jY]|TVqQAA|f0VMRg)[A-Za-z0-9+/]{16,}"),
)
_PATTERNS = tuple(
    (kind, re.compile(pattern, re.IGNORECASE if kind != "encoded executable" else 0))
    for kind, pattern in _CODE
)
_URL = re.compile(r"\b(?:https?|ftp)://[^\s\"'<>\\]{3,200}", re.IGNORECASE)
_RISKY_URL = re.compile(
    r"^(?:ftp://|https?://(?:\d{1,3}(?:\.\d{1,3}){3}|[^/]*\.onion)(?:[:/]|$))|\.(?:exe|dll|sh|ps1|bat|scr|py|jar|msi)$",
    re.IGNORECASE,
)


def look_at(key: str, value: str, notes: Notes) -> None:
    """Caution about one metadata value that carries code or points somewhere a reviewer should know."""
    searched = notes.facts.get("metadata_chars", 0)
    searched = searched if isinstance(searched, int) else 0
    notes.facts["metadata_chars"] = searched + len(value)
    if searched + len(value) > _MAX_SEARCHED_CHARS:
        if searched <= _MAX_SEARCHED_CHARS:
            notes.incomplete("MODEL_METADATA", f"searched {_MAX_SEARCHED_CHARS} characters only")
        return
    text = value
    for kind, pattern in _PATTERNS:
        found = pattern.search(text)
        if found:
            around = text[max(0, found.start() - 20) : found.end() + 60]
            notes.caution("MODEL_METADATA", f"{shown(key, 80)}: {kind}: {shown(around, 200)}")
    for found in _URL.finditer(text[: 256 << 10]):
        notes.facts.setdefault("metadata_urls", [])
        urls = notes.facts["metadata_urls"]
        if isinstance(urls, list) and len(urls) < 50 and found[0] not in urls:  # noqa: PLR2004 - a short list
            urls.append(shown(found[0], 200))
        if _RISKY_URL.search(found[0]):
            notes.caution("MODEL_METADATA", f"{shown(key, 80)}: address: {shown(found[0], 200)}")
    _keep(key, value, notes)


def keys_into(keys: list[str], notes: Notes) -> None:
    """List the keys themselves; a key can carry text as well as a value."""
    notes.facts["metadata_keys"] = listed(keys)


def _keep(key: str, value: str, notes: Notes) -> None:
    kept = notes.facts.setdefault("metadata", {})
    if not isinstance(kept, dict):
        return
    # Two hundred values at most fit the bound, so adding them up again is cheap.
    used = sum(len(text) + 200 for text in kept.values() if isinstance(text, str))
    if used < MAX_VALUES_CHARS:
        kept[shown(key, 200)] = shown(value, 1_000)
