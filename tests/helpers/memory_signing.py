"""A press and a signing desk without PDF, certificates or curves, for tests of workflows.

Passes ``tests/contract/test_signing_desk.py`` like the real ones. A "public key" is the digest of a secret
that this process remembers, so a signature verifies here and nowhere else. For tests only.
"""

import hashlib
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import msgspec

from reports.render import ReportUnmarked
from tests.helpers import memory_content
from tests.helpers import memory_documents as papers
from tests.helpers.memory_identities import (
    LIST_DAYS,
    MemorySigner,
    certificate_of,
    dumped,
    mac,
    new_key,
    require_usable,
    signed,
)
from workstation.core.cards import CardModuleMissing
from workstation.core.content import ContentSignatureBad, ContentSigner
from workstation.core.examination import Outcome
from workstation.core.media import COMPLETION_MARKER
from workstation.core.report import ReportDocument, SignatureBlock
from workstation.core.signature_errors import (
    BundleIncomplete,
    CardKeyUnsuitable,
    CertificationMissing,
    DocumentUnreadable,
    IdentityDamaged,
    PinNeeded,
    RevocationListUnusable,
    SameSigner,
    SignatureFieldMissing,
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
from workstation.core.signing_cards import CardChoice, SigningCards
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

    def __init__(self, *, demo: bool, cards: SigningCards | None = None) -> None:
        self._demo, self._cards = demo, cards
        self._on_cards: dict[str, bytes] = {}

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

    def issue_for_card(
        self,
        material: AuthorityMaterial,
        *,
        person_id: str,
        display_name: str,
        role: str,
        card: CardChoice,
        at: datetime,
    ) -> IssuedIdentity:
        """See the port; the secret stays here, as it would on the card."""
        if self._cards is None:
            raise CardModuleMissing(path="")
        found = self._cards.signing_card(card.serial, card.pin)
        fitting = [key for key in found.keys if card.label in {"", key.untrusted_label}]
        if len(fitting) != 1:
            raise CardKeyUnsuitable(serial=found.serial, reason="several" if fitting else "none")
        made = self.issue(material, person_id=person_id, display_name=display_name, role=role, at=at)
        self._on_cards[hashlib.sha384(made.ec_certificate_der).hexdigest()] = bytes(made.ec_key_der)
        return replace(made, ec_key_der=bytearray(), card_serial=found.serial)

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
    def signer(self, identity: IssuedIdentity, pin: bytearray | None = None) -> Iterator[MemorySigner]:
        """See the port; the card is asked once, at the beginning."""
        keys = self._classical(identity, pin), bytes(identity.pq_key_der)
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

    def _classical(self, identity: IssuedIdentity, pin: bytearray | None) -> bytes:
        if not identity.card_serial:
            return bytes(identity.ec_key_der)
        if not pin:
            raise PinNeeded(serial=identity.card_serial)
        if self._cards is None:
            raise CardModuleMissing(path="")
        self._cards.signing_card(identity.card_serial, pin)
        return self._on_cards[hashlib.sha384(identity.ec_certificate_der).hexdigest()]

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
        fields, seals = papers.read(pdf)
        papers.require_field(fields, seals, field)
        if seals:
            raise DocumentUnreadable(detail="already signed")
        return papers.seal(pdf, field, signer, trust, at)

    def attest(
        self, pdf: bytes, others: Mapping[str, bytes], *, signer: Signer, at: datetime
    ) -> dict[str, bytes]:
        """See the port."""
        return {"certification.json": papers.attested(pdf, others, signer, at)}

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
        fields, seals = papers.read(pdf)
        papers.require_field(fields, seals, field)
        if not fields[field]:
            raise SignatureFieldMissing(field_name=field, detail="does not lock the whole document")
        if not seals:
            raise CertificationMissing(field_name=field)
        if seals[0]["person"] == signer.person_id:
            raise SameSigner(untrusted_name=signer.display_name)
        papers.require_document(pdf, trust, at=at)
        return papers.seal(pdf, field, signer, trust, at)

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
        papers.require_document(_bytes(files["report.pdf"]), trust, at=at)
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
