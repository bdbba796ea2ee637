"""A press and a signing desk without PDF, certificates or curves, for tests of workflows.

Passes ``tests/contract/test_signing_desk.py`` like the real ones. A "public key" is the digest of a secret
that this process remembers, so a signature verifies here and nowhere else. For tests only.
"""

import hashlib
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import msgspec

from reports.render import ReportUnmarked
from tests.helpers import memory_content
from tests.helpers.memory_identities import (
    LIST_DAYS,
    MemorySigner,
    certificate_of,
    dumped,
    holds,
    mac,
    new_key,
    require_usable,
    signed,
)
from workstation.core.content import ContentSignatureBad, ContentSigner
from workstation.core.examination import Outcome
from workstation.core.media import COMPLETION_MARKER
from workstation.core.report import ReportDocument, SignatureBlock
from workstation.core.signature_errors import (
    BundleIncomplete,
    CertificationMissing,
    DocumentUnreadable,
    IdentityDamaged,
    RevocationListUnusable,
    SameSigner,
    SignatureFieldFilled,
    SignatureFieldMissing,
    SignedDocumentInvalid,
    SignerRevoked,
    SignerUnknown,
)
from workstation.core.signatures import (
    AuthorityMaterial,
    IssuedIdentity,
    Signer,
    TimestamperMaterial,
    TrustStore,
)
from workstation.core.verifications import (
    Bundle,
    BundleEntry,
    ExportVerification,
    FileCheck,
    Problem,
    worst,
)

STATEMENT = "export.json"


class MemoryPress:
    """``Press``: the document as JSON between two lines that look like a PDF."""

    def render(self, document: ReportDocument, *, at: datetime) -> bytes:
        """See the port."""
        if at.tzinfo is None:
            raise ValueError(at)
        if not document.marking.strip():
            raise ReportUnmarked(identifier=document.identifier)
        blocks = [block for block in document.blocks if isinstance(block, SignatureBlock)]
        body = {
            "fields": {block.field_name: block.locks_document for block in blocks},
            "at": at.isoformat(),
            "text": msgspec.json.encode(document).decode(),
        }
        return b"%PDF-memory\n" + dumped(body) + b"\n"


class MemoryDesk:
    """``SigningDesk``; ``demo`` marks whatever it makes and lets demo exports verify."""

    def __init__(self, *, demo: bool) -> None:
        self._demo = demo

    # --- keys and certificates ---

    def create_authority(self, office: str, *, at: datetime) -> AuthorityMaterial:
        """See the port."""
        ec, pq = (self._root(office, kind, at) for kind in ("ec", "pq"))
        return AuthorityMaterial(
            office=office,
            demo=self._demo,
            ec_certificate_der=ec[1],
            pq_certificate_der=pq[1],
            ec_key_der=bytearray(ec[0]),
            pq_key_der=bytearray(pq[0]),
        )

    def _root(self, office: str, kind: str, at: datetime) -> tuple[bytes, bytes]:
        key, public = new_key()
        return key, certificate_of(key, public, public, f"{office} {kind}", at, demo=self._demo)

    def issue(
        self, material: AuthorityMaterial, *, person_id: str, display_name: str, role: str, at: datetime
    ) -> IssuedIdentity:
        """See the port."""
        subject = f"{person_id} {display_name} {role}"
        (ec, ec_public), (pq, pq_public) = new_key(), new_key()
        roots = [json.loads(der)["public"] for der in material.roots_der]
        return IssuedIdentity(
            person_id=person_id,
            display_name=display_name,
            role=role,
            ec_certificate_der=certificate_of(
                bytes(material.ec_key_der), ec_public, roots[0], subject, at, demo=material.demo
            ),
            pq_certificate_der=certificate_of(
                bytes(material.pq_key_der), pq_public, roots[1], subject, at, demo=material.demo
            ),
            ec_key_der=bytearray(ec),
            pq_key_der=bytearray(pq),
            chain_der=material.roots_der,
        )

    def issue_timestamper(self, material: AuthorityMaterial, *, at: datetime) -> TimestamperMaterial:
        """See the port."""
        key, public = new_key()
        root = json.loads(material.ec_certificate_der)["public"]
        der = certificate_of(bytes(material.ec_key_der), public, root, "timestamper", at, demo=material.demo)
        return TimestamperMaterial(certificate_der=der, key_der=bytearray(key))

    def revocation_lists(
        self, material: AuthorityMaterial, *, at: datetime, revoked: Mapping[bytes, datetime]
    ) -> tuple[bytes, ...]:
        """See the port."""
        named = {json.loads(der)["public"]: moment.isoformat() for der, moment in revoked.items()}
        keys = (material.ec_key_der, material.pq_key_der)
        return tuple(
            signed(
                bytes(key),
                {
                    "issuer": json.loads(root)["public"],
                    "at": at.isoformat(),
                    "until": (at + LIST_DAYS).isoformat(),
                    "revoked": named,
                },
            )
            for key, root in zip(keys, material.roots_der, strict=True)
        )

    def lists_end_at(self, lists_der: Sequence[bytes]) -> datetime:
        """See the port."""
        return min(datetime.fromisoformat(json.loads(der)["until"]) for der in lists_der)

    @contextmanager
    def signer(self, identity: IssuedIdentity) -> Iterator[MemorySigner]:
        """See the port."""
        keys = bytes(identity.ec_key_der), bytes(identity.pq_key_der)
        identity.wipe()
        certificates = (identity.ec_certificate_der, identity.pq_certificate_der)
        for key, der in zip(keys, certificates, strict=True):
            if hashlib.sha384(key).hexdigest() != json.loads(der)["public"]:
                raise IdentityDamaged(detail="a signing key belongs to another certificate")
        made = MemorySigner(
            identity.person_id, identity.display_name, identity.role, *certificates, keys, identity.chain_der
        )
        try:
            yield made
        finally:
            made.keys = ()  # type: ignore[assignment]  # closed: nothing is left to sign with

    # --- documents ---

    def certify(
        self,
        pdf: bytes,
        *,
        field: str,
        signer: Signer,
        trust: TrustStore,
        timestamper: TimestamperMaterial,
        at: datetime,
    ) -> bytes:
        """See the port."""
        fields, seals = _read(pdf)
        _require_field(fields, seals, field)
        if seals:
            raise DocumentUnreadable(detail="already signed")
        return _seal(pdf, field, signer, trust, at)

    def release(
        self,
        pdf: bytes,
        *,
        field: str,
        signer: Signer,
        trust: TrustStore,
        timestamper: TimestamperMaterial,
        at: datetime,
    ) -> bytes:
        """See the port."""
        fields, seals = _read(pdf)
        _require_field(fields, seals, field)
        if not fields[field]:
            raise SignatureFieldMissing(field_name=field, detail="does not lock the whole document")
        if not seals:
            raise CertificationMissing(field_name=field)
        if seals[0]["person"] == signer.person_id:
            raise SameSigner(untrusted_name=signer.display_name)
        _require_document(pdf, trust, at=at)
        return _seal(pdf, field, signer, trust, at)

    # --- exports ---

    def compose(
        self,
        files: Mapping[str, bytes],
        *,
        signer: Signer,
        trust: TrustStore,
        timestamper: TimestamperMaterial,
        predicate: Mapping[str, object],
        at: datetime,
    ) -> Bundle:
        """See the port."""
        require_usable(signer, trust, at=at)
        if "report.pdf" not in files:
            raise BundleIncomplete(detail="report.pdf is not among the files")
        _require_document(_bytes(files["report.pdf"]), trust, at=at)
        entries = [_entry(name, _bytes(content)) for name, content in files.items()]
        sums = "".join(f"{entry.sha384}  {entry.name}\n" for entry in entries)
        entries.append(_entry("SHA384SUMS", sums.encode()))
        statement: dict[str, object] = {
            "subject": {entry.name: entry.sha384 for entry in entries},
            "predicate": dict(predicate),
            "at": at.isoformat(),
            "certificate": signer.pq_certificate_der.decode(),
        }
        body = dumped({**statement, "signature": signer.sign_pq(dumped(statement)).hex()})
        return Bundle(entries=(*entries, _entry(STATEMENT, body)), statement=statement)

    def verify_export(self, folder: Path, trust: TrustStore, *, at: datetime) -> ExportVerification:
        """See the port."""
        found = {
            str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()
        }
        problems, statement = _stated(found, trust, at)
        wanted = statement.get("subject", {})
        assert isinstance(wanted, dict)
        checks = []
        for name in sorted({*wanted, *found} - {STATEMENT, COMPLETION_MARKER}):
            sha384 = hashlib.sha384(found[name]).hexdigest() if name in found else ""
            state = "as-signed"
            if sha384 != wanted.get(name):
                state = "missing" if name not in found else "changed" if name in wanted else "added"
                code = {"missing": "EXP-102", "changed": "EXP-101", "added": "EXP-103"}[state]
                problems.append(Problem(code=code, severity=Outcome.REJECT, path=name))
            checks.append(
                FileCheck(path=name, size_bytes=len(found.get(name, b"")), sha384=sha384, state=state)
            )
        demo = any(json.loads(root)["demo"] for root in trust.roots_der)
        if demo and not self._demo:
            problems.append(Problem(code="EXP-116", severity=Outcome.REJECT))
        return ExportVerification(
            outcome=worst(problems),
            problems=tuple(problems),
            files=tuple(checks),
            demo=demo,
            predicate={"export": statement["predicate"]} if statement else {},
        )

    # --- content and trust ---

    def sign_content(
        self, name: str, content: bytes, *, predicate: Mapping[str, object], signer: Signer
    ) -> tuple[bytes, bytes]:
        """See the port."""
        return memory_content.sign(name, content, predicate=predicate, signer=signer)

    def verify_content(
        self,
        name: str,
        content: bytes,
        envelope: bytes,
        certificates: bytes,
        *,
        predicate: Mapping[str, object],
        trust: TrustStore,
        at: datetime,
    ) -> tuple[ContentSigner, ...]:
        """See the port."""
        signers = memory_content.verify(
            name, content, envelope, certificates, predicate=predicate, trust=trust, at=at
        )
        if not self._demo and any(json.loads(root)["demo"] for root in trust.roots_der):
            raise ContentSignatureBad(file=name, problem="EXP-116", reason="a demonstration's")
        return signers

    def load_trust(self, path: Path) -> TrustStore:
        """See the port."""
        return memory_content.load_trust(path)


def _read(pdf: bytes) -> tuple[dict[str, bool], list[dict[str, object]]]:
    if not pdf.startswith(b"%PDF-memory\n"):
        raise DocumentUnreadable(detail="not one of these")
    lines = pdf.splitlines()
    try:
        return json.loads(lines[1])["fields"], [json.loads(line) for line in lines[2:]]
    except (ValueError, IndexError, KeyError, TypeError) as error:
        raise DocumentUnreadable(detail=str(error)) from error


def _require_field(fields: dict[str, bool], seals: list[dict[str, object]], name: str) -> None:
    if name not in fields:
        raise SignatureFieldMissing(field_name=name, detail="not in the document")
    if any(seal["field"] == name for seal in seals):
        raise SignatureFieldFilled(field_name=name)


def _seal(pdf: bytes, name: str, signer: Signer, trust: TrustStore, at: datetime) -> bytes:
    require_usable(signer, trust, at=at)
    seal = {
        "field": name,
        "person": signer.person_id,
        "certificate": signer.ec_certificate_der.decode(),
        "at": at.isoformat(),
    }
    return pdf + dumped(seal | {"seal": signer.sign_classical(pdf + dumped(seal)).hex()}) + b"\n"


def _require_document(pdf: bytes, trust: TrustStore, *, at: datetime) -> None:
    """Every seal is over all that stands before it, by somebody known."""
    _fields, seals = _read(pdf)
    lines = pdf.splitlines(keepends=True)
    roots = {json.loads(root)["public"] for root in trust.roots_der}
    for number, seal in enumerate(seals):
        said = {name: value for name, value in seal.items() if name != "seal"}
        certificate = str(said["certificate"]).encode()
        facts, before = json.loads(certificate), b"".join(lines[: 2 + number])
        known = facts["issuer"] in roots and holds(facts["issuer"], certificate)
        if seal.get("seal") != mac(facts["public"], before + dumped(said)) or not known:
            raise SignedDocumentInvalid(detail=str(said["field"]))
    if not seals or not pdf.endswith(b"}\n"):
        raise SignedDocumentInvalid(detail="not signed")


def _stated(
    found: Mapping[str, bytes], trust: TrustStore, at: datetime
) -> tuple[list[Problem], dict[str, object]]:
    """The statement, if somebody known signed it."""
    problems: list[Problem] = []
    if COMPLETION_MARKER not in found:
        problems.append(Problem(code="EXP-102", severity=Outcome.WARN, path=COMPLETION_MARKER))
    if STATEMENT not in found:
        return [*problems, Problem(code="EXP-102", severity=Outcome.REJECT, path=STATEMENT)], {}
    try:
        statement: dict[str, object] = json.loads(found[STATEMENT])
        signature = str(statement.pop("signature"))
        der = str(statement["certificate"]).encode()
        right = mac(json.loads(der)["public"], dumped(statement))
        if signature != right or dumped(statement | {"signature": signature}) != found[STATEMENT]:
            return [*problems, Problem(code="EXP-108", severity=Outcome.REJECT, path=STATEMENT)], {}
        require_usable(_Stated(der), trust, at=min(at, datetime.fromisoformat(str(statement["at"]))))
    except (ValueError, KeyError, TypeError):
        return [*problems, Problem(code="EXP-106", severity=Outcome.REJECT, path=STATEMENT)], {}
    except (SignerUnknown, RevocationListUnusable):
        return [*problems, Problem(code="EXP-109", severity=Outcome.REJECT, path=STATEMENT)], {}
    except SignerRevoked:
        return [*problems, Problem(code="EXP-110", severity=Outcome.REJECT, path=STATEMENT)], statement
    return problems, statement


class _Stated(MemorySigner):
    """Whoever a statement names, for a look at the certificate alone."""

    def __init__(self, certificate_der: bytes) -> None:
        super().__init__("", "", "", certificate_der, certificate_der, (b"", b""))


def _entry(name: str, content: bytes) -> BundleEntry:
    sha384 = hashlib.sha384(content).hexdigest()
    return BundleEntry(name=name, size_bytes=len(content), sha384=sha384, content=content)


def _bytes(content: object) -> bytes:
    if isinstance(content, bytes):
        return content
    stream = content() if callable(content) else io.BytesIO(b"")
    with stream:
        return bytes(stream.read())
