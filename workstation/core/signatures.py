"""Who signs and what is trusted: values without cryptography.

Private keys appear here only as PKCS#8 bytes on their way between the vault, which seals them, and
``reports``, which uses and wipes them. Nothing in this module can sign or verify.
"""

import struct
from dataclasses import dataclass, field
from datetime import timedelta
from typing import ClassVar, Protocol

from workstation.core.signature_errors import IdentityDamaged

DIGEST_ALGORITHM = "sha384"
"""CNSA 2.0 product digest; the only one an export names."""


def _pack(tag: bytes, parts: list[bytes | bytearray]) -> bytearray:
    packed = bytearray(tag)
    for part in parts:
        packed += struct.pack(">I", len(part))
        packed += part
    return packed


def _unpack(tag: bytes, packed: bytes | bytearray | memoryview, least: int) -> list[bytearray]:
    view = memoryview(packed)
    if bytes(view[: len(tag)]) != tag:
        raise IdentityDamaged(detail="unknown form")
    parts, at = [], len(tag)
    while at < len(view):
        if at + 4 > len(view):
            raise IdentityDamaged(detail="cut short")
        (size,) = struct.unpack(">I", view[at : at + 4])
        at += 4
        if at + size > len(view):
            raise IdentityDamaged(detail="cut short")
        parts.append(bytearray(view[at : at + size]))
        at += size
    if len(parts) < least:
        raise IdentityDamaged(detail="parts missing")
    return parts


def wipe(*secrets: bytearray) -> None:
    """Overwrite with zeros; best effort, the interpreter may have made copies before."""
    for secret in secrets:
        secret[:] = bytes(len(secret))


@dataclass(frozen=True, kw_only=True, eq=False)
class AuthorityMaterial:
    """An office's own signing authority: two roots. The keys are for the custodian's vault slot only."""

    office: str
    demo: bool
    ec_certificate_der: bytes
    pq_certificate_der: bytes
    ec_key_der: bytearray = field(repr=False)
    pq_key_der: bytearray = field(repr=False)
    TAG: ClassVar[bytes] = b"FRW-AUTHORITY-1\n"

    @property
    def roots_der(self) -> tuple[bytes, ...]:
        """The certificates a recipient must get by another channel than the export."""
        return (self.ec_certificate_der, self.pq_certificate_der)

    def pack(self) -> bytearray:
        """One secret byte string for the vault to seal."""
        demo = b"demo" if self.demo else b""
        certificates = [self.ec_certificate_der, self.pq_certificate_der]
        return _pack(self.TAG, [self.office.encode(), demo, *certificates, self.ec_key_der, self.pq_key_der])

    @classmethod
    def unpack(cls, packed: bytes | bytearray | memoryview) -> "AuthorityMaterial":
        """Raise ``IdentityDamaged`` unless ``pack`` made it."""
        office, demo, ec, pq, ec_key, pq_key = _unpack(cls.TAG, packed, 6)[:6]
        return cls(
            office=office.decode(),
            demo=bool(demo),
            ec_certificate_der=bytes(ec),
            pq_certificate_der=bytes(pq),
            ec_key_der=ec_key,
            pq_key_der=pq_key,
        )

    def wipe(self) -> None:
        """Forget the private keys."""
        wipe(self.ec_key_der, self.pq_key_der)


@dataclass(frozen=True, kw_only=True, eq=False)
class IssuedIdentity:
    """One person's signing identity: a classical and an ML-DSA-87 key with their certificates.

    With a ``card_serial`` the classical key lies on that card and ``ec_key_der`` is empty.
    """

    person_id: str
    display_name: str
    role: str
    ec_certificate_der: bytes
    pq_certificate_der: bytes
    ec_key_der: bytearray = field(repr=False)
    pq_key_der: bytearray = field(repr=False)
    chain_der: tuple[bytes, ...] = ()
    card_serial: str = ""
    TAG: ClassVar[bytes] = b"FRW-IDENTITY-1\n"
    TAG_CARD: ClassVar[bytes] = b"FRW-IDENTITY-CARD-1\n"

    def pack(self) -> bytearray:
        """One secret byte string for the vault to seal in the person's own slot."""
        names = [text.encode() for text in (self.person_id, self.display_name, self.role)]
        certificates = [self.ec_certificate_der, self.pq_certificate_der]
        keys = [self.ec_key_der, self.pq_key_der]
        parts: list[bytes | bytearray] = [*names, *certificates, *keys, *self.chain_der]
        if self.card_serial:
            return _pack(self.TAG_CARD, [self.card_serial.encode(), *parts])
        return _pack(self.TAG, parts)

    @classmethod
    def unpack(cls, packed: bytes | bytearray | memoryview) -> "IssuedIdentity":
        """Raise ``IdentityDamaged`` unless ``pack`` made it."""
        on_card = bytes(memoryview(packed)[: len(cls.TAG_CARD)]) == cls.TAG_CARD
        parts = _unpack(cls.TAG_CARD if on_card else cls.TAG, packed, 8 if on_card else 7)
        serial = bytes(parts.pop(0)).decode() if on_card else ""
        person, name, role, ec, pq, ec_key, pq_key, *chain = parts
        return cls(
            card_serial=serial,
            person_id=person.decode(),
            display_name=name.decode(),
            role=role.decode(),
            ec_certificate_der=bytes(ec),
            pq_certificate_der=bytes(pq),
            ec_key_der=ec_key,
            pq_key_der=pq_key,
            chain_der=tuple(bytes(part) for part in chain),
        )

    def wipe(self) -> None:
        """Forget the private keys."""
        wipe(self.ec_key_der, self.pq_key_der)


@dataclass(frozen=True, kw_only=True, eq=False)
class TimestamperMaterial:
    """The workstation's own timestamper. Its time is the machine's clock: *claimed*, not proved."""

    certificate_der: bytes
    key_der: bytearray = field(repr=False)
    chain_der: tuple[bytes, ...] = ()
    TAG: ClassVar[bytes] = b"FRW-TIMESTAMPER-1\n"

    def pack(self) -> bytearray:
        """One secret byte string for the vault to seal."""
        return _pack(self.TAG, [self.certificate_der, self.key_der, *self.chain_der])

    @classmethod
    def unpack(cls, packed: bytes | bytearray | memoryview) -> "TimestamperMaterial":
        """Raise ``IdentityDamaged`` unless ``pack`` made it."""
        certificate, key, *chain = _unpack(cls.TAG, packed, 2)
        return cls(
            certificate_der=bytes(certificate),
            key_der=key,
            chain_der=tuple(bytes(part) for part in chain),
        )

    def wipe(self) -> None:
        """Forget the private key."""
        wipe(self.key_der)


class Signer(Protocol):
    """Somebody able to sign now: an unsealed software identity, or a card in a reader."""

    @property
    def person_id(self) -> str:
        """Who, as the people register knows them."""

    @property
    def display_name(self) -> str:
        """Who, as the signature block shows them."""

    @property
    def role(self) -> str:
        """In which role they sign."""

    @property
    def ec_certificate_der(self) -> bytes:
        """Certificate of the classical key (P-384; RSA-3072 on some cards)."""

    @property
    def pq_certificate_der(self) -> bytes:
        """Certificate of the ML-DSA-87 key."""

    @property
    def chain_der(self) -> tuple[bytes, ...]:
        """Issuers' certificates, for chain building only."""

    def sign_classical(self, data: bytes) -> bytes:
        """Sign with the classical key over SHA-384; ECDSA signatures are DER with a low s."""

    def sign_pq(self, data: bytes) -> bytes:
        """Sign with pure ML-DSA-87, empty context."""


@dataclass(frozen=True, kw_only=True)
class TrustStore:
    """What came by another channel than the thing to verify: trust anchors and revocation lists."""

    roots_der: tuple[bytes, ...]
    crls_der: tuple[bytes, ...] = ()
    max_crl_age: timedelta | None = None
    """Policy: refuse when the newest revocation list of an issuer is older than this."""

    def with_crls(self, crls_der: tuple[bytes, ...]) -> "TrustStore":
        """The same anchors with further revocation lists, each kept once."""
        return TrustStore(
            roots_der=self.roots_der,
            crls_der=tuple(dict.fromkeys((*self.crls_der, *crls_der))),
            max_crl_age=self.max_crl_age,
        )
