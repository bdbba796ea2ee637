"""Free-text metadata of weights files: kept as facts, and looked at for text that is code.

Metadata is never executed by a loader, but it is a place to carry a payload for something that does. What is
recognised is a call, a shell line or a script, not a mere word: model cards mention ``import torch``.
"""

import re

from workstation.examine.reader import Notes
from workstation.examine.weights.tensors import listed, shown

MAX_VALUES_CHARS = 32 << 10
MAX_VALUE_BYTES = 4 << 20
_MAX_SEARCHED_CHARS = 4 << 20
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
    text = value[:_MAX_SEARCHED_CHARS]
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
    used = (
        sum(len(k) + len(v) for k, v in kept.items() if isinstance(v, str))
        if len(kept) < 500
        else MAX_VALUES_CHARS
    )  # noqa: PLR2004
    if used < MAX_VALUES_CHARS:
        kept[shown(key, 200)] = shown(value, 1_000)
