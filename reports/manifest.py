"""The names an export may carry and its manifest ``SHA384SUMS``, in the one accepted form."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from workstation.core.sealing import SEALED_NAME
from workstation.core.signature_errors import BundleNameRefused

FORMAT = "export-v1"
MANIFEST = "SHA384SUMS"
MANIFEST_EC = "SHA384SUMS.ec.p7s"
MANIFEST_PQ = "SHA384SUMS.pq.p7s"
STATEMENT = "export.dsse.json"
CERTIFICATES = "CERTIFICATES.pem"
REVOCATION_EC = "REVOCATION-EC.pem"
REVOCATION_PQ = "REVOCATION-PQ.pem"
INSTRUCTIONS = "VERIFY.txt"
COMPLETE = "COMPLETE"

SIGNATURE_FILES = (MANIFEST, MANIFEST_EC, MANIFEST_PQ, STATEMENT)
"""What the manifest cannot name: itself and what signs it."""
ADDED_FILES = (CERTIFICATES, REVOCATION_EC, REVOCATION_PQ, INSTRUCTIONS)
"""What every export carries beside its content; named by the manifest."""
RESERVED = frozenset(name.casefold() for name in (*SIGNATURE_FILES, *ADDED_FILES, COMPLETE))

MAX_DEPTH = 8
MAX_NAME_CHARS = 200
_PART = re.compile(r"[A-Za-z0-9_(\[][A-Za-z0-9 ()\[\]_.,+=@~#&'!-]*")
_DEVICES = {"con", "prn", "aux", "nul", *(f"{kind}{n}" for kind in ("com", "lpt") for n in range(1, 10))}

HEADER = """\
# Export manifest, format export-v1. Check with: sha384sum -c SHA384SUMS
# Names every file of this folder but itself, SHA384SUMS.ec.p7s and SHA384SUMS.pq.p7s (its signatures,
# P-384 and ML-DSA-87, over all bytes of this file), export.dsse.json and COMPLETE.
"""


def looks_like_export(folder: Path) -> bool:
    """Whether ``folder`` claims to be an export: it holds the manifest, the statement or a signature, or a
    sealed one.
    """
    return any((folder / name).is_file() for name in (*SIGNATURE_FILES, SEALED_NAME))


def name_fault(name: str) -> str:
    """Why ``name`` cannot be on an export medium; empty when it can."""
    parts = name.split("/")
    if len(name) > MAX_NAME_CHARS or len(parts) > MAX_DEPTH:
        return "too long or too deep"
    for part in parts:
        if not _PART.fullmatch(part):
            return "characters"
        if part.endswith((".", " ")) or part.split(".")[0].casefold() in _DEVICES:
            return "reserved by a file system"
    return ""


def require_names(names: Iterable[str]) -> None:
    """Raise ``BundleNameRefused`` for the first name that cannot go on a medium."""
    seen: set[str] = set(RESERVED)
    for name in names:
        fault = name_fault(name)
        if not fault and name.casefold() in seen:
            fault = "taken, or differs only in capitals"
        if fault:
            raise BundleNameRefused(untrusted_name=name, detail=fault)
        seen.add(name.casefold())


def write_manifest(digests: Mapping[str, str]) -> bytes:
    """The manifest of ``digests`` (name to SHA-384 in hex): header, then lines sorted by name."""
    lines = [f"{digest}  {name}\n" for name, digest in sorted(digests.items())]
    return (HEADER + "".join(lines)).encode("ascii")


def read_manifest(content: bytes) -> dict[str, str]:
    """What a manifest says, for naming files when the statement cannot be read; raises ValueError."""
    found: dict[str, str] = {}
    for line in content.decode("ascii").removeprefix(HEADER).splitlines():
        digest, gap, name = line[:96], line[96:98], line[98:]
        if gap != "  " or not re.fullmatch(r"[0-9a-f]{96}", digest) or name_fault(name):
            raise ValueError(line[:120])
        found[name] = digest
    return found
