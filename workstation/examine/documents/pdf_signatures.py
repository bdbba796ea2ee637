"""PDF signatures: is each one intact, what does it cover, and what was added to the file afterwards.

pyHanko validates; nothing is fetched. Integrity alone decides the outcome: who signed is stated as far as
the trust files named by the person allow, and otherwise as not verified. Every incremental revision after
a signature must be explained by pyHanko's difference rules (form filling, further signatures, validation
data); anything else is a change after signing (shadow, incremental saving and certification attacks).
"""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

from workstation.core.examination import Severity
from workstation.examine.documents import plain
from workstation.examine.documents.pdf_objects import as_list, get, name_of
from workstation.examine.reader import Notes, Source, SourceFile, Window

if TYPE_CHECKING:
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
    from pyhanko_certvalidator import ValidationContext

_T = TypeVar("_T")
MAX_SIGNATURES = 100
MAX_FIELDS = 100_000
_WEAK = frozenset({"md2", "md5", "sha1"})


class Structure:
    """A PDF as pyHanko reads it; reading failures are kept, never raised."""

    def __init__(self, source: Source) -> None:
        head = source.read_at(0, 1_029)
        before = max(0, head.find(b"%PDF-"))
        # Readers take offsets relative to a header that comes late (ISO 32000-1 annex H.3 note 13).
        self.source = Window(source, before, source.size_bytes - before) if before else source
        self.failure = ""
        self.encrypted = False
        self.signatures: list[EmbeddedPdfSignature] = []
        self.revisions = 0
        self.lenient = False
        reader = self._reader(strict=True)
        if reader is None:
            self.lenient = True
            reader = self._reader(strict=False)
        if reader is not None:
            self._walk(reader)

    def _reader(self, *, strict: bool) -> "PdfFileReader | None":
        from pyhanko.pdf_utils.reader import PdfFileReader  # noqa: PLC0415 - only inside the sandbox

        self.failure = ""
        try:
            reader = PdfFileReader(SourceFile(self.source), strict=strict)
            self.encrypted = reader.encrypted
            _root = reader.root
            self.signatures = _signatures(reader) if not self.encrypted else []
        except Exception as error:  # noqa: BLE001 - hostile bytes make it raise nearly everything
            self.failure = _reason(error)
            return None
        return reader

    def _walk(self, reader: "PdfFileReader") -> None:
        try:
            self.revisions = reader.xrefs.total_revisions
            if self.encrypted:
                reader.decrypt("")
                self.signatures = _signatures(reader)
        except Exception as error:  # noqa: BLE001 - a password, or hostile bytes
            if not self.encrypted:
                self.failure = _reason(error)


def _signatures(reader: "PdfFileReader") -> "list[EmbeddedPdfSignature]":
    return list(reader.embedded_signatures)


def _reason(error: Exception) -> str:
    return plain.visible(f"{type(error).__name__}: {error}")[:200]


def signed_fields(document: Any) -> int:
    """How many signature fields qpdf finds to hold a value, whatever the value is worth."""
    count = 0
    seen: set[tuple[int, int]] = set()
    stack = [(field, "") for field in as_list(get(document.trailer, "/Root", "/AcroForm", "/Fields"))]
    while stack and len(seen) < MAX_FIELDS:
        field, inherited = stack.pop()
        identity = getattr(field, "objgen", (0, 0))
        if identity in seen:
            continue
        if identity != (0, 0):
            seen.add(identity)
        kind = name_of(get(field, "/FT")) or inherited
        if kind == "/Sig" and get(field, "/V") is not None:
            count += 1
        stack.extend((kid, kind) for kid in as_list(get(field, "/Kids")))
    return count


def report(structure: Structure, seen_fields: int, notes: Notes) -> None:
    """Validate every signature and say what was found.

    ``seen_fields`` is what another reader counted: a value there that pyHanko cannot take for a signature is
    one that a lenient viewer might still show as valid (universal signature forgery).
    """
    if structure.revisions:
        notes.facts["revisions"] = structure.revisions
    notes.facts["signatures"] = max(len(structure.signatures), seen_fields)
    if seen_fields > len(structure.signatures):
        unread = seen_fields - len(structure.signatures)
        why = structure.failure or "not recognised"
        notes.add("PDF_SIG_INVALID", _weight(notes), f"{unread} signatures cannot be read: {why}")
    if not structure.signatures and not seen_fields:
        if notes.verifying:
            notes.caution("PDF_UNSIGNED", "no signature was found")
        return
    if structure.signatures and structure.lenient:
        notes.caution("PDF_SIG_STRUCTURE", "the signed file can only be read leniently")
    context = _Trust(notes.trust)
    facts = []
    for signature in structure.signatures[:MAX_SIGNATURES]:
        try:
            facts.append(_one(signature, context, notes))
        except Exception as error:  # noqa: BLE001 - hostile signature objects make it raise nearly everything
            name = _field(signature)
            notes.add("PDF_SIG_INVALID", _weight(notes), f"{name}: {_reason(error)}")
            facts.append({"field": name, "intact": False})
    notes.facts["signature_details"] = facts
    if len(structure.signatures) > MAX_SIGNATURES:
        notes.incomplete("PDF_SIG_STRUCTURE", f"{len(structure.signatures)} signatures")


def _weight(notes: Notes) -> Severity:
    """A failed signature that was asked about must not pass; on intake a person decides about the document.

    Test files and drafts with broken signatures are common, and a broken signature makes no content hostile.
    """
    return Severity.DANGER if notes.verifying else Severity.CAUTION


class _Trust:
    """Roots from the trust files; without any, only integrity is judged."""

    def __init__(self, files: tuple[bytes, ...]) -> None:
        from workstation.examine.documents.cms import certificates  # noqa: PLC0415 - asn1crypto, sandbox only

        self.roots = [certificate for content in files for certificate in certificates(content)]

    def context(self) -> "ValidationContext":
        """A context that fetches nothing."""
        from pyhanko_certvalidator import ValidationContext  # noqa: PLC0415 - only inside the sandbox

        return ValidationContext(
            trust_roots=self.roots, allow_fetching=False, revocation_mode="soft-fail", weak_hash_algos=_WEAK
        )


def _one(signature: "EmbeddedPdfSignature", trust: _Trust, notes: Notes) -> dict[str, object]:
    from pyhanko.sign.validation import (  # noqa: PLC0415 - only inside the sandbox
        async_validate_pdf_signature,
        async_validate_pdf_timestamp,
    )

    stamp = signature.sig_object.get("/Type", "/Sig") == "/DocTimeStamp"
    check: Any = async_validate_pdf_timestamp if stamp else async_validate_pdf_signature
    status: Any = _run(check(signature, trust.context()))
    name = _field(signature)
    signer = plain.visible(status.signing_cert.subject.human_friendly)[:300]
    coverage = status.coverage.name if status.coverage else "UNCLEAR"
    change = status.modification_level.name if status.modification_level else "NONE"
    facts: dict[str, object] = {
        "field": name,
        "kind": "timestamp" if stamp else "signature",
        "signer": signer,
        "digest": status.md_algorithm,
        "intact": bool(status.intact and status.valid),
        "coverage": coverage,
        "changes_after": change,
        "trusted": bool(status.trusted),
        "certification": signature.docmdp_level.name if signature.docmdp_level else "",
        "claimed_time": _claimed(status, stamp=stamp),
    }
    _judge(status, facts, notes)
    _identity(status, trust, name, signer, notes)
    return facts


def _judge(status: Any, facts: dict[str, object], notes: Notes) -> None:
    name = facts["field"]
    if not facts["intact"]:
        notes.add("PDF_SIG_BROKEN", _weight(notes), f"{name}: the signed bytes or the signature were altered")
    elif facts["coverage"] in {"UNCLEAR", "CONTIGUOUS_BLOCK_FROM_START"}:
        notes.add(
            "PDF_SIG_CHANGED_AFTER", _weight(notes), f"{name}: it does not cover a whole revision of the file"
        )
    elif facts["changes_after"] == "OTHER" or getattr(status, "docmdp_ok", None) is False:
        why = plain.visible(" ".join(str(status.diff_result).split()))[:300]
        notes.add("PDF_SIG_CHANGED_AFTER", _weight(notes), f"{name}: {facts['changes_after']}: {why}")
    elif facts["coverage"] != "ENTIRE_FILE":
        notes.note("PDF_SIG_REVISED_AFTER", f"{name}: allowed changes only ({facts['changes_after']})")
    if getattr(status, "seed_value_constraint_error", None) is not None:
        notes.caution("PDF_SIG_CONSTRAINT", f"{name}: a constraint of the signature field is not met")
    if facts["digest"] in _WEAK:
        notes.caution("PDF_SIG_WEAK", f"{name}: {facts['digest']}")


def _identity(status: Any, trust: _Trust, name: str, signer: str, notes: Notes) -> None:
    if status.trusted:
        notes.note("PDF_SIG_TRUSTED", f"{name}: {signer}")
    elif trust.roots:
        why = status.trust_problem_indic.name if status.trust_problem_indic else "no path"
        notes.caution("PDF_SIG_UNTRUSTED", f"{name}: {signer}: {why}")
    else:
        notes.note("PDF_SIG_IDENTITY_UNVERIFIED", f"{name}: {signer}")


def _claimed(status: Any, *, stamp: bool) -> str:
    moment = status.timestamp if stamp else getattr(status, "signer_reported_dt", None)
    return moment.isoformat() if moment else ""


def _field(signature: "EmbeddedPdfSignature") -> str:
    try:
        return plain.visible(str(signature.field_name))[:100]
    except Exception:  # noqa: BLE001 - the name comes from hostile objects, too
        return "unnamed"


class _Loop(asyncio.SelectorEventLoop):
    """An event loop that owns no socket: the sandbox refuses the pair by which loops wake themselves.

    Nothing wakes this one from outside, since nothing is fetched.
    """

    def __init__(self) -> None:
        # The sandbox allows poll, and neither select nor epoll; Windows knows select alone.
        waiting: Any = getattr(selectors, "PollSelector", selectors.SelectSelector)
        super().__init__(waiting())

    def _make_self_pipe(self) -> None:
        """None is made."""

    def _close_self_pipe(self) -> None:
        """None was made."""


def _run(work: Coroutine[Any, Any, _T]) -> _T:
    """Drive pyHanko's asynchronous validation to its end."""
    loop = _Loop()
    try:
        return loop.run_until_complete(work)
    finally:
        loop.close()
