"""The signing room behind one door: what the workflows call, for a demonstration or for real."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from reports import authority as offices
from reports import bundle, card_identities, certification, content_signing, signing, verifying
from reports.card_identities import CardSigner
from reports.identities import SoftwareSigner
from reports.timestamps import LocalTimestamper
from reports.trust import load_trust
from workstation.core.cards import CardModuleMissing
from workstation.core.content import ContentSigner
from workstation.core.jobs import JobControl
from workstation.core.signature_errors import CardKeyUnsuitable, PinNeeded
from workstation.core.signatures import (
    AuthorityMaterial,
    IssuedIdentity,
    Signer,
    TimestamperMaterial,
    TrustStore,
)
from workstation.core.signing_cards import CardChoice, SigningCards
from workstation.core.verifications import Bundle, Content, ExportVerification, PdfVerification

CERTIFY_STATEMENT = (
    "I reviewed this report and answer for its content. Only signatures may be added after mine."
)
RELEASE_STATEMENT = "Released from this workstation. Nothing may change after this signature."
LIST_VALIDITY = timedelta(days=60)


class Desk:
    """Satisfies ``core.service_ports.SigningDesk``; ``demo`` is decided once, in ``bootstrap``."""

    def __init__(
        self, *, demo: bool, cards: SigningCards | None = None, max_crl_age: timedelta | None = None
    ) -> None:
        """``demo`` marks every certificate made here and lets demo exports verify, named as such.

        Older revocation lists than ``max_crl_age`` are refused, for signing as for verifying.
        """
        self._demo, self._cards, self._max_crl_age = demo, cards, max_crl_age

    def _by_policy(self, trust: TrustStore) -> TrustStore:
        return replace(trust, max_crl_age=trust.max_crl_age or self._max_crl_age)

    def create_authority(self, office: str, *, at: datetime) -> AuthorityMaterial:
        """Roots for a new office."""
        return offices.create_authority(office, at=at, demo=self._demo)

    def issue(
        self, authority: AuthorityMaterial, *, person_id: str, display_name: str, role: str, at: datetime
    ) -> IssuedIdentity:
        """Keys and certificates for one person."""
        return offices.issue(authority, person_id, display_name, role, at=at)

    def issue_for_card(
        self,
        authority: AuthorityMaterial,
        *,
        person_id: str,
        display_name: str,
        role: str,
        card: CardChoice,
        at: datetime,
    ) -> IssuedIdentity:
        """A certificate for a key that stays on the card; raises as the port says."""
        cards = self._readers()
        found = cards.signing_card(card.serial, card.pin)
        fitting = [key for key in found.keys if card.label in {"", key.untrusted_label}]
        if len(fitting) != 1:
            raise CardKeyUnsuitable(serial=found.serial, reason="several" if fitting else "none")
        public_der = fitting[0].public_der
        return offices.issue_for_card(
            authority,
            card_identities.request(cards, found.serial, card.pin, public_der, display_name),
            person_id=person_id,
            display_name=display_name,
            role=role,
            card_serial=found.serial,
            at=at,
        )

    def _readers(self) -> SigningCards:
        if self._cards is None:
            raise CardModuleMissing(path="")
        return self._cards

    def issue_timestamper(self, authority: AuthorityMaterial, *, at: datetime) -> TimestamperMaterial:
        """The local timestamper, whose time is claimed."""
        return offices.issue_timestamper(authority, at=at)

    def revocation_lists(
        self, authority: AuthorityMaterial, *, at: datetime, revoked: Mapping[bytes, datetime]
    ) -> tuple[bytes, ...]:
        """Fresh revocation lists (DER), good for 60 days; ``revoked`` maps certificates (DER) to moments."""
        serials = {offices.serial(certificate): moment for certificate, moment in revoked.items()}
        return offices.crls(authority, serials, at=at, next_update=at + LIST_VALIDITY)

    def lists_end_at(self, lists_der: Sequence[bytes]) -> datetime:
        """When the first of these lists ends."""
        return offices.end_of_lists(lists_der)

    def signer(self, identity: IssuedIdentity, pin: bytearray | None = None) -> SoftwareSigner | CardSigner:
        """Load an unsealed identity and wipe it; close the signer after use. Raises as the port says."""
        if not identity.card_serial:
            return SoftwareSigner(identity)
        if not pin:
            identity.wipe()
            raise PinNeeded(serial=identity.card_serial)
        return CardSigner(identity, self._readers(), pin)

    def certify(
        self,
        pdf: bytes,
        *,
        field: str,
        signer: Signer,
        trust: TrustStore,
        timestamper: TimestamperMaterial,
        at: datetime,
        statement: str = CERTIFY_STATEMENT,
    ) -> bytes:
        """The reviewer's certifying signature; raises as ``signing.certify``."""
        clock = LocalTimestamper(timestamper, at=at)
        return signing.certify(
            pdf,
            field=field,
            signer=signer,
            trust=self._by_policy(trust),
            timestamper=clock,
            at=at,
            reason=statement,
        )

    def attest(
        self, pdf: bytes, others: Mapping[str, bytes], *, signer: Signer, at: datetime
    ) -> dict[str, bytes]:
        """The reviewer's statement over a certified document, and its certificates, to leave beside it."""
        return certification.attest(pdf, others, signer=signer, at=at)

    def release(
        self,
        pdf: bytes,
        *,
        field: str,
        signer: Signer,
        trust: TrustStore,
        timestamper: TimestamperMaterial,
        at: datetime,
        statement: str = RELEASE_STATEMENT,
    ) -> bytes:
        """The officer's signature, last, everything locked; raises as ``signing.release``."""
        clock = LocalTimestamper(timestamper, at=at)
        return signing.release(
            pdf,
            field=field,
            signer=signer,
            trust=self._by_policy(trust),
            timestamper=clock,
            at=at,
            reason=statement,
        )

    def archive(
        self, pdf: bytes, *, trust: TrustStore, timestamper: TimestamperMaterial, at: datetime
    ) -> bytes:
        """A copy for an archive, with a document timestamp over everything; raises as ``signing.archive``."""
        return signing.archive(pdf, trust=trust, timestamper=LocalTimestamper(timestamper, at=at), at=at)

    def compose(
        self,
        files: Mapping[str, Content | Path],
        *,
        signer: Signer,
        trust: TrustStore,
        timestamper: TimestamperMaterial,
        predicate: Mapping[str, object],
        at: datetime,
        signed_documents: Sequence[str] = ("report.pdf",),
        job: JobControl | None = None,
    ) -> Bundle:
        """The export folder's files; raises as ``bundle.compose``."""
        return bundle.compose(
            files,
            signers=(signer,),
            predicate=predicate,
            trust=self._by_policy(trust),
            timestamper=LocalTimestamper(timestamper, at=at),
            at=at,
            signed_documents=signed_documents,
            job=job,
        )

    def verify_export(
        self, folder: Path, trust: TrustStore, *, at: datetime, job: JobControl | None = None
    ) -> ExportVerification:
        """Check an export on a medium; raises as ``verifying.verify_export``."""
        return verifying.verify_export(
            folder, self._by_policy(trust), at=at, demo_allowed=self._demo, job=job
        )

    def verify_pdf(self, pdf: bytes | Path, trust: TrustStore, *, at: datetime) -> PdfVerification:
        """Check one signed document; raises as ``verifying.verify_pdf``."""
        return verifying.verify_pdf(pdf, self._by_policy(trust), at=at, demo_allowed=self._demo)

    def sign_content(
        self, name: str, content: bytes, *, predicate: Mapping[str, object], signer: Signer
    ) -> tuple[bytes, bytes]:
        """Envelope and certificates to stand beside a content set."""
        return content_signing.sign(name, content, predicate=predicate, signer=signer)

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
        """Who signed a content set; raises as ``content_signing.verify``."""
        return content_signing.verify(
            name,
            content,
            envelope,
            certificates,
            predicate=predicate,
            trust=trust,
            at=at,
            demo_allowed=self._demo,
        )

    def load_trust(self, path: Path) -> TrustStore:
        """Roots and revocation lists of a folder or file; raises NoTrustRoot, TrustUnreadable."""
        return load_trust(path, max_crl_age=self._max_crl_age)
