"""Ports of the other rooms: vault keeping, examination, reports, signing.

Modules satisfy these protocols as readily as objects do; ``bootstrap`` hands over the real ones.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Protocol

from workstation.core.content import ContentSigner
from workstation.core.examination import Examination, Finding
from workstation.core.jobs import JobControl
from workstation.core.keeper_ports import Seen, VaultKeeper
from workstation.core.markings import Marking, Vocabulary
from workstation.core.packages import Hole
from workstation.core.report import ReportDocument
from workstation.core.signatures import (
    AuthorityMaterial,
    IssuedIdentity,
    Signer,
    TimestamperMaterial,
    TrustStore,
)
from workstation.core.signing_cards import CardChoice
from workstation.core.vault import SealedSource
from workstation.core.verifications import Bundle, BundleEntry, ExportVerification
from workstation.core.viewing import (
    Inner,
    MemberRows,
    Picture,
    SampleRows,
    TensorRows,
    TextHits,
    Transcript,
)


class PackageMember(Protocol):
    """One file of a package on its way in."""

    @property
    def path(self) -> str:
        """Untrusted, already checked to be a plain relative path."""

    @property
    def size_bytes(self) -> int:
        """As the container states it."""

    @property
    def chunks(self) -> Iterator[bytes]:
        """Its bytes, once."""

    @property
    def holes(self) -> Sequence[Hole]:
        """What of the chunks handed out so far the medium did not give."""

    @property
    def kind(self) -> str:
        """What an unreadable file seems to be by its first bytes; else unknown until it is examined."""


class OpenPackage(Protocol):
    """A submission opened on the medium."""

    @property
    def kind(self) -> str:
        """Bag, folder, zip, tar or file."""

    @property
    def examination(self) -> Examination:
        """Of the container itself: names, links, structure, tag files."""

    @property
    def manifests(self) -> Mapping[str, Mapping[str, str]]:
        """Path to algorithm to hex digest, as the submission states."""

    @property
    def payload_prefix(self) -> str:
        """Of a bag: only files below it are extra when no manifest lists them."""

    @property
    def skipped(self) -> Sequence[Finding]:
        """Members that could not be read; complete once ``members`` is."""

    def members(self) -> Iterator[PackageMember]:
        """Every file; none of a rejected single-file container, from which nothing is unpacked."""

    def whole(self) -> Iterator[bytes] | None:
        """A single-file package as it lies on the medium, by the file that was opened; None for folders."""


class Siblings(Protocol):
    """The stored files that came together with one file, for references from one to another."""

    def paths(self) -> Iterator[str]:
        """Untrusted paths of all files."""

    def size_of(self, path: str) -> int | None:
        """Size in bytes, or None when there is no such file."""

    def open(self, path: str) -> SealedSource | None:
        """The bytes of one file; None when there is none."""


class FileExaminer(Protocol):
    """A sandbox kept open for many files."""

    def examine(self, source: SealedSource, *, name: str, folder: Siblings) -> Examination:
        """One stored file by its path among its siblings; never raises for what the bytes contain."""

    def examine_small(
        self, files: Sequence[tuple[str, SealedSource]], *, folder: Siblings
    ) -> Sequence[Examination]:
        """Files of at most ``SMALL_FILE_BYTES``, by path; what ``examine`` says of each, in their order."""


class Viewer(Protocol):
    """One stored file while a person looks at it. Nothing it answers is more than pixels and plain text.

    Every look raises CannotShow where the sandbox gives none, JobCancelled when it was stopped or the
    viewer closed, and what the vault raises for the bytes. Pages, samples, tensors and bytes count from 0.
    """

    @property
    def isolation(self) -> tuple[str, ...]:
        """The walls that held for the last look."""

    def page_count(self, job: JobControl) -> int:
        """How many pages there are; one at least."""

    def page(self, number: int, width_px: int, job: JobControl) -> Picture:
        """One page about so wide, narrower where a ceiling demands it."""

    def text(self, number: int, job: JobControl) -> str:
        """One page as text, at most ``MAX_TEXT_CHARS``."""

    def find(self, text: str, first: int, count: int, job: JobControl) -> TextHits:
        """Where these pages hold the text; at most ``MAX_ROWS`` pages."""

    def samples(self, start: int, job: JobControl) -> SampleRows:
        """Up to ``MAX_ROWS`` samples of an evaluation log; none only where the log ends."""

    def sample(self, key: str, first_turn: int, job: JobControl) -> Transcript:
        """A stretch of one sample."""

    def tensors(self, start: int, name: str, job: JobControl) -> TensorRows:
        """Up to ``MAX_ROWS`` tensors whose name holds ``name``."""

    def members(self, start: int, name: str, job: JobControl) -> MemberRows:
        """Up to ``MAX_ROWS`` files of a container whose name holds ``name``."""

    def enter(self, inside: Sequence[str], job: JobControl) -> Inner:
        """Turn to a file inside containers; every look from here on is at it. An empty way leads back.

        The way begins at the stored file itself. Where it leads nowhere looks stay where they were.
        """

    def bytes_at(self, offset: int, job: JobControl) -> str:
        """``BYTES_A_PAGE`` bytes as a table of offsets, hexadecimal and characters."""

    def turn_to(self, source: SealedSource, *, kind: str) -> None:
        """Look at another stored file from here on; the one before can be closed."""

    def close(self) -> None:
        """End the worker; a look under way ends as cancelled."""


class Examiners(Protocol):
    """The examination room."""

    def open_package(self, path: Path, job: JobControl) -> AbstractContextManager[OpenPackage]:
        """Open a folder, bag, zip or tar for reading; refuses a path that is neither file nor folder."""

    def open_examiner(self, job: JobControl) -> AbstractContextManager[FileExaminer]:
        """A sandbox for stored files."""

    def open_viewer(self, source: SealedSource, *, kind: str) -> Viewer:
        """A look at one stored file of the kind the examination gave it; the caller closes it."""


class Press(Protocol):
    """Renders reports."""

    def render(self, document: ReportDocument, *, at: datetime) -> bytes:
        """PDF/A-3a, PDF/UA-1, byte-identical for the same input; refuses a document without marking."""


class SigningDesk(Protocol):
    """The office's signing authority and everything signed under it."""

    def create_authority(self, office: str, *, at: datetime) -> AuthorityMaterial:
        """Roots for a new office; demo or real as the workstation is."""

    def issue(
        self, material: AuthorityMaterial, *, person_id: str, display_name: str, role: str, at: datetime
    ) -> IssuedIdentity:
        """Keys and certificates for one person."""

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
        """A certificate for a key that stays on the card, and an ML-DSA-87 key beside it.

        Raises:
            CardKeyUnsuitable, CertificateNotOnCard, CardSignatureWrong, CRD errors.
        """

    def issue_timestamper(self, material: AuthorityMaterial, *, at: datetime) -> TimestamperMaterial:
        """The local timestamper, whose time is claimed."""

    def revocation_lists(
        self, material: AuthorityMaterial, *, at: datetime, revoked: Mapping[bytes, datetime]
    ) -> tuple[bytes, ...]:
        """Fresh revocation lists (DER) naming every one of ``revoked``: certificate (DER) to moment."""

    def lists_end_at(self, lists_der: Sequence[bytes]) -> datetime:
        """When the first of these revocation lists ends; no signature verifies by it afterwards."""

    def signer(
        self, identity: IssuedIdentity, pin: bytearray | None = None
    ) -> AbstractContextManager[Signer]:
        """An unsealed identity, wiped at once, ready to sign until the block ends.

        The PIN goes to the card with every signature; the errors of the card come with the first one.

        Raises:
            IdentityDamaged, PinNeeded (the identity is on a card and ``pin`` is empty), CardModuleMissing.
        """

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
        """The reviewer's certifying signature; the first one in the document.

        Raises:
            SignatureFieldMissing, SignatureFieldFilled, DocumentUnreadable, SignerUnknown, SignerRevoked,
            CertificateExpired, CertificateNotYetValid, RevocationListUnusable.
        """

    def attest(
        self, pdf: bytes, others: Mapping[str, bytes], *, signer: Signer, at: datetime
    ) -> Mapping[str, bytes]:
        """What the reviewer's keys, the quantum-safe one among them, say of a document as certified.

        Files by name, to leave beside the document and ``others`` and to be checked with them.
        """

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
        """The officer's signature, last, everything locked.

        Raises:
            CertificationMissing, SameSigner, SignedDocumentInvalid, and as ``certify``.
        """

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
        """The export folder's files, ``SHA384SUMS`` among them; a report that does not verify is refused."""

    def verify_export(self, folder: Path, trust: TrustStore, *, at: datetime) -> ExportVerification:
        """Check an export on a medium: every file that is changed, missing or added is named."""

    def sign_content(
        self, name: str, content: bytes, *, predicate: Mapping[str, object], signer: Signer
    ) -> tuple[bytes, bytes]:
        """Envelope and certificates (PEM) to stand beside a content set."""

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
        """Who signed exactly these bytes under this name and with this predicate, one row for each key.

        Raises:
            ContentTrustMissing: no root to believe.
            ContentSignatureBad: anything else, certificates that are not good at ``at`` among it.
        """

    def load_trust(self, path: Path) -> TrustStore:
        """Roots and revocation lists (PEM or DER) of one file, or of such files in one flat folder.

        Raises:
            NoTrustRoot: no root is among them.
            TrustUnreadable: one is neither, or is the certificate of somebody who may not issue others.
        """


class MarkingRules(Protocol):
    """The marking vocabulary in force."""

    @property
    def vocabulary(self) -> Vocabulary:
        """Its words."""

    def parse(self, text: str) -> Marking:
        """A banner; raises MarkingInvalid with what to write instead."""

    def portion(self, text: str) -> Marking:
        """A portion mark."""

    def roll_up(self, banners: Sequence[str]) -> Marking:
        """The marking that covers all of these banners; at least one."""

    def roll_up_portions(self, portions: Sequence[str]) -> str:
        """The portion mark that covers all of them; empty for none."""

    def use(self, vocabulary: Vocabulary) -> None:
        """Read and roll up by these words from here on."""


__all__ = [
    "BundleEntry",
    "Examiners",
    "FileExaminer",
    "MarkingRules",
    "OpenPackage",
    "PackageMember",
    "Press",
    "Seen",
    "SigningDesk",
    "VaultKeeper",
    "Viewer",
]
