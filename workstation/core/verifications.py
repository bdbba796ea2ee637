"""What a verification found, and what an export is made of: values only."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Protocol, TypeAlias

from workstation.core.examination import Outcome
from workstation.core.signatures import TrustStore


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing wrong: a code of the message catalogue, the file it concerns, plain detail."""

    code: str
    severity: Outcome
    path: str = ""  # untrusted; "" is the whole
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class SignatureReport:
    """One signature: who, over what, and what came after it."""

    where: str  # file name, or "file#field" inside a PDF
    kind: str  # "pdf", "pdf-timestamp", "cms", "dsse"
    algorithm: str  # "ecdsa-p384-sha384", "ml-dsa-87", ...
    valid: bool  # the mathematics and the digest agree
    trusted: bool  # chain, validity and revocation agree as well
    untrusted_name: str = ""
    person_id: str = ""
    role: str = ""
    certificate_sha384: str = ""
    key_id: str = ""
    issuer_sha384: str = ""
    claimed_at: datetime | None = None
    reason: str = ""
    covers: str = ""  # "entire-file", "revision", "part", "unclear"
    covered_bytes: int = 0
    revision: int = 0  # of how many: see PdfVerification.revisions
    later_changes: str = ""  # "none", "signatures-and-validation-data", "form-filling", "not-permitted"
    certifies: bool = False
    permission: str = ""  # what the signature allows afterwards: "no-changes", "fill-forms", "annotate"
    byte_range: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Revision:
    """One saved state inside a PDF file."""

    number: int
    end_byte: int
    signed_by: tuple[str, ...] = ()  # field names whose signature ends with this revision


@dataclass(frozen=True, kw_only=True)
class FileCheck:
    """One row of the per-file table."""

    path: str  # untrusted
    size_bytes: int
    sha384: str
    state: str  # "as-signed", "changed", "missing", "added", "refused", "signature"


@dataclass(frozen=True, kw_only=True)
class CrlAge:
    """A revocation list and how old it is at the moment of verification."""

    issuer_sha384: str
    issued_at: datetime
    next_update: datetime | None
    age: timedelta
    source: str  # "trust" or the file it came in


@dataclass(frozen=True, kw_only=True)
class PdfVerification:
    """Every revision of a PDF, what each signature covers and what came after."""

    path: str
    outcome: Outcome
    size_bytes: int
    problems: tuple[Problem, ...] = ()
    signatures: tuple[SignatureReport, ...] = ()
    revisions: tuple[Revision, ...] = ()
    unsigned_fields: tuple[str, ...] = ()
    unchanged: bool = False  # the last signature covers the entire file and every earlier one allows it
    demo: bool = False
    crls: tuple[CrlAge, ...] = ()
    roots_sha384: tuple[str, ...] = ()  # fingerprints of the roots the verifier was given

    def to_json(self) -> dict[str, object]:
        """The shape ``workstation verify --json`` prints: outcome, findings, facts."""
        facts = pdf_facts(self) | {
            "kind": "signed-document",
            "demo": self.demo,
            "roots_sha384": list(self.roots_sha384),
            "crls": [_plain(row) for row in self.crls],
        }
        return verification_json(outcome=self.outcome, problems=self.problems, facts=facts)


class DocumentVerifier(Protocol):
    """Checks one signed document on its own."""

    def verify_document(self, path: Path, trust: TrustStore, *, at: datetime, last: str) -> PdfVerification:
        """Every revision and signature; ``last`` names the field that must be signed. Raises nothing."""


@dataclass(frozen=True, kw_only=True)
class ExportVerification:
    """The whole answer for one export folder."""

    outcome: Outcome
    problems: tuple[Problem, ...] = ()
    files: tuple[FileCheck, ...] = ()
    signatures: tuple[SignatureReport, ...] = ()
    documents: tuple[PdfVerification, ...] = ()
    crls: tuple[CrlAge, ...] = ()
    roots_sha384: tuple[str, ...] = ()  # fingerprints of the roots the verifier was given
    claimed_at: datetime | None = None
    demo: bool = False
    predicate: dict[str, object] = field(default_factory=dict)  # JSON; only when authentic

    def to_json(self) -> dict[str, object]:
        """The shape ``workstation verify --json`` prints: outcome, findings, facts."""
        return verification_json(
            outcome=self.outcome,
            problems=self.problems,
            facts={
                "kind": "export",
                "demo": self.demo,
                "claimed_at": self.claimed_at.isoformat() if self.claimed_at else None,
                "roots_sha384": list(self.roots_sha384),
                "files": [_plain(row) for row in self.files],
                "signatures": [_plain(row) for row in self.signatures],
                "documents": [pdf_facts(row) for row in self.documents],
                "crls": [_plain(row) for row in self.crls],
                "predicate": self.predicate,
            },
        )


EXIT_STATUS = {Outcome.ACCEPT: 0, Outcome.WARN: 1, Outcome.REJECT: 2}
_SEVERITY_WORD = {Outcome.ACCEPT: "note", Outcome.WARN: "caution", Outcome.REJECT: "danger"}
_ORDER = (Outcome.ACCEPT, Outcome.WARN, Outcome.REJECT)


def worst(problems: tuple[Problem, ...] | list[Problem]) -> Outcome:
    """The heaviest problem decides."""
    return max((problem.severity for problem in problems), key=_ORDER.index, default=Outcome.ACCEPT)


def verification_json(
    *, outcome: Outcome, problems: tuple[Problem, ...], facts: dict[str, object]
) -> dict[str, object]:
    """Outcome, findings and facts with JSON values only."""
    findings = [
        {
            "code": problem.code,
            "severity": _SEVERITY_WORD[problem.severity],
            "path": problem.path,
            "message": problem.detail,
        }
        for problem in problems
    ]
    return {"outcome": outcome.value, "findings": findings, "facts": facts}


def pdf_facts(document: PdfVerification) -> dict[str, object]:
    """A PDF's answer as JSON values."""
    return {
        "path": document.path,
        "outcome": document.outcome.value,
        "size_bytes": document.size_bytes,
        "unchanged": document.unchanged,
        "signatures": [_plain(row) for row in document.signatures],
        "revisions": [_plain(row) for row in document.revisions],
        "unsigned_fields": list(document.unsigned_fields),
    }


def _plain(row: object) -> dict[str, object]:
    return {name: _plain_value(getattr(row, name)) for name in row.__dataclass_fields__}  # type: ignore[attr-defined]  # only called with dataclasses


def _plain_value(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return int(value.total_seconds())
    if isinstance(value, tuple):
        return list(value)
    return value


Content: TypeAlias = bytes | Callable[[], BinaryIO]
"""Bytes, or a way to open a fresh stream of them (a path's ``open``, a vault object's reader)."""


@dataclass(frozen=True, kw_only=True)
class BundleEntry:
    """One file of an export, ready to be written to a medium."""

    name: str
    size_bytes: int
    sha384: str
    content: Content = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """An export: every file, its digest, and where its bytes come from."""

    entries: tuple[BundleEntry, ...]
    statement: dict[str, object]

    @property
    def names(self) -> tuple[str, ...]:
        """All file names, in the order they should be written."""
        return tuple(entry.name for entry in self.entries)

    @property
    def size_bytes(self) -> int:
        """What the medium must hold."""
        return sum(entry.size_bytes for entry in self.entries)
