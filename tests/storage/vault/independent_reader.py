"""A second reader of the vault, written from ``docs/format/vault-v1.md`` and nothing else.

Shares no line with ``storage``: only the standard library and ``cryptography``. Slow and simple on purpose.
"""

import base64
import hashlib
import hmac
import json
import struct
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA87PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM1024PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA1, SHA384
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

MIB = 1_048_576


class Outcome(Exception):
    """What a reader answers instead of content."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def jcs(value: Any) -> bytes:
    """RFC 8785 for what the header holds: objects, lists, ASCII strings and integers."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def unb64(text: str, size: int) -> bytes:
    """b64 of the format."""
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if len(raw) != size or base64.urlsafe_b64encode(raw).decode().rstrip("=") != text:
        raise ValueError(text)
    return raw


def hkdf(label: str, key: bytes, context: Any, size: int = 32) -> bytes:
    """RFC 5869 spelt out over HMAC-SHA384."""
    info = b"frw-vault-1/" + label.encode() + b"\x00" + jcs(context)
    prk = hmac.new(bytes(48), key, hashlib.sha384).digest()
    out, block, counter = b"", b"", 1
    while len(out) < size:
        block = hmac.new(prk, block + info + bytes([counter]), hashlib.sha384).digest()
        out, counter = out + block, counter + 1
    return out[:size]


HEADER = {
    "format",
    "version",
    "vault",
    "profile",
    "epoch",
    "generation",
    "database_epoch",
    "earlier",
    "slots",
    "mac",
}


@dataclass
class Vault:
    """Keys by epoch, and the personal key of who came in."""

    root: Path
    id: str
    person: str
    epoch: int
    database_epoch: int
    masters: dict[int, bytes]
    personal: bytes

    def key(self, label: str, epoch: int, size: int = 32) -> bytes:
        """Section 4."""
        return hkdf(label, self.masters[epoch], {"epoch": epoch, "vault": self.id}, size)


@dataclass
class CardInHand:
    """A card, as its private key, and what stands beside it: a passphrase or the device's secret."""

    key: Any
    passphrase: bytes | None
    device: bytes | None


def unlock(root: Path, login: str, passphrase: bytes, device: bytes | None, profile: str) -> Vault:
    """Sections 2 to 4, by passphrase."""
    return _through(root, profile, lambda header: _enter(root, header, login, passphrase, device))


def unlock_by_card(root: Path, login: str, card: CardInHand, profile: str) -> Vault:
    """Sections 2 to 4, by card."""
    return _through(root, profile, lambda header: _enter_by_card(root, header, login, card))


def unlock_by_officers(root: Path, texts: list[str], profile: str) -> Vault:
    """Sections 2 to 4, by officers' keys as printed."""
    return _through(root, profile, lambda header: _enter_by_officers(root, header, texts))


def _through(root: Path, profile: str, enter: Callable[[Any], Vault]) -> Vault:
    content = (root / "vault.json").read_bytes()
    try:
        header = json.loads(content)
        if type(header["version"]) is int and header["version"] > 1:
            raise Outcome("newer")
        if (
            set(header) - {"recovery"} != HEADER
            or not header["slots"]
            or jcs(header) != content
            or header["format"] != "frw-vault"
        ):
            raise Outcome("refused")
        if header["profile"] != profile:
            raise Outcome("wrong-profile")
        return enter(header)
    except (ValueError, KeyError, TypeError, InvalidUnwrap, StopIteration, RecursionError) as error:
        raise Outcome("refused") from error


def _slot_of(header: Any, login: str, *, card: bool) -> Any:
    name = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", login).casefold()).encode()
    tag = hmac.new(header["vault"].encode(), name, hashlib.sha384).hexdigest()[:32]
    slots = (slot for slot in header["slots"] if slot["header"]["login"] == tag)
    return next(slot for slot in slots if ("card" in slot["header"]) is card)


def _enter(root: Path, header: Any, login: str, passphrase: bytes, device: bytes | None) -> Vault:
    slot = _slot_of(header, login, card=False)
    ikm = _work(slot["header"], passphrase)
    if slot["header"]["type"] == "passphrase+device":
        if device is None:
            raise Outcome("device-missing")
        ikm += device
    return _through_slot(root, header, slot, ikm)


def _enter_by_card(root: Path, header: Any, login: str, card: CardInHand) -> Vault:
    slot = _slot_of(header, login, card=True)
    said = slot["header"]["card"]
    public = card.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if hashlib.sha384(public).digest() != unb64(said["key"], 48):
        raise Outcome("refused")
    if said["mechanism"] == "ecdh-p384":
        point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP384R1(), unb64(said["value"], 97))
        answer = card.key.exchange(ec.ECDH(), point)
    else:
        digest = {"rsa-oaep-sha384": SHA384(), "rsa-oaep-sha1": SHA1()}[said["mechanism"]]  # noqa: S303
        value = unb64(said["value"], card.key.key_size // 8)
        answer = card.key.decrypt(value, padding.OAEP(padding.MGF1(digest), digest, None))
    if slot["header"]["type"] == "card+device":
        if card.device is None:
            raise Outcome("device-missing")
        return _through_slot(root, header, slot, answer + card.device)
    if slot["header"]["type"] != "card+passphrase" or card.passphrase is None:
        raise Outcome("refused")
    return _through_slot(root, header, slot, answer + _work(slot["header"], card.passphrase))


def _through_slot(root: Path, header: Any, slot: Any, ikm: bytes) -> Vault:
    seed = aes_key_unwrap(hkdf("slot-kek", ikm, slot["header"]), unb64(slot["kem_seed"], 72))
    personal = aes_key_unwrap(hkdf("slot-personal", ikm, slot["header"]), unb64(slot["personal"], 40))
    context = {name: slot[name] for name in ("epoch", "header", "id", "kem_ciphertext", "kem_public")}
    master = _master(slot, seed, "slot-vmk", context)
    return _checked(root, header, master, slot["header"]["person"], personal)


def _master(holder: Any, seed: bytes, label: str, context: Any) -> bytes:
    private = MLKEM1024PrivateKey.from_seed_bytes(seed)
    if private.public_key().public_bytes_raw() != unb64(holder["kem_public"], 1568):
        raise Outcome("refused")
    secret = private.decapsulate(unb64(holder["kem_ciphertext"], 1568))
    return aes_key_unwrap(hkdf(label, secret, context), unb64(holder["vmk"], 40))


SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def officers_key(text: str, set_id: str) -> tuple[int, bytes]:
    """Number and key of one sheet (section 3, on paper)."""
    number = 0
    for index, group in enumerate(text.split()):
        values = [SYMBOLS.index(symbol) for symbol in group]
        check = index
        for value in reversed(values[:4]):
            check = (check ^ value) << 1
            check ^= 0b100101 if check & 32 else 0
        if check != values[4]:
            raise ValueError(group)
        for value in values[:4]:
            number = number << 5 | value
    packed = number.to_bytes(35, "big")
    tag = hashlib.sha384(b"frw-recovery-key/" + bytes.fromhex(set_id) + packed[:33]).digest()[:2]
    if tag != packed[33:]:
        raise ValueError(text)
    return packed[0], packed[1:33]


def _enter_by_officers(root: Path, header: Any, texts: list[str]) -> Vault:
    said = header["recovery"]
    given = dict(officers_key(text, said["id"]) for text in texts)
    if len(given) != said["needed"] or said["epoch"] != header["epoch"]:
        raise Outcome("refused")
    choices = list(combinations(range(1, said["officers"] + 1), said["needed"]))
    members = tuple(sorted(given))
    if len(said["ways"]) != len(choices):
        raise Outcome("refused")
    context = {name: said[name] for name in ("id", "kem_public", "needed", "officers")}
    context |= {"members": list(members), "profile": header["profile"], "vault": header["vault"]}
    kek = hkdf("recovery-kek", b"".join(given[number] for number in members), context)
    seed = aes_key_unwrap(kek, unb64(said["ways"][choices.index(members)], 72))
    context = {name: said[name] for name in ("epoch", "id", "kem_ciphertext", "kem_public")}
    return _checked(root, header, _master(said, seed, "recovery-vmk", context), "", b"")


def _checked(root: Path, header: Any, master: bytes, person: str, personal: bytes) -> Vault:
    vault = Vault(
        root,
        header["vault"],
        person,
        header["epoch"],
        header["database_epoch"],
        {header["epoch"]: master},
        personal,
    )
    bare = {name: value for name, value in header.items() if name != "mac"}
    mac = hmac.new(vault.key("slot-table-mac", vault.epoch, 48), jcs(bare), hashlib.sha384).digest()
    if mac != unb64(header["mac"], 48):
        raise Outcome("refused")
    chain = vault.key("earlier-epochs", vault.epoch)
    for entry in header["earlier"]:
        vault.masters[entry["epoch"]] = aes_key_unwrap(chain, unb64(entry["wrapped"], 40))
    return vault


def _work(header: Any, passphrase: bytes) -> bytes:
    salt, kdf = unb64(header["salt"], 32), header["kdf"]
    if kdf["name"] == "argon2id":
        if not 8 * kdf["lanes"] <= kdf["memory_kib"] <= 2_097_152 or kdf["passes"] > 64:
            raise Outcome("refused")
        return Argon2id(
            salt=salt, length=32, iterations=kdf["passes"], lanes=kdf["lanes"], memory_cost=kdf["memory_kib"]
        ).derive(passphrase)
    if kdf["iterations"] > 20_000_000:
        raise Outcome("refused")
    return hashlib.pbkdf2_hmac("sha384", passphrase, salt, kdf["iterations"], 32)


CaseKeys = dict[int, tuple[int, bytes]]  # number: epoch and wrapped key, as the database keeps them


def _wrapping_key(vault: Vault, version: str, number: int, case_keys: CaseKeys) -> bytes:
    """Section 7: what wraps an object's key."""
    if version == "1":
        return vault.key("dek-wrap", number)
    epoch, wrapped = case_keys[number]
    if epoch == 0:
        raise Outcome("destroyed")
    case_key = aes_key_unwrap(vault.key("case-wrap", epoch), wrapped)
    return hkdf("case-dek-wrap", case_key, {"key": number, "vault": vault.id})


def read(vault: Vault, reference: str, case_keys: CaseKeys | None = None) -> bytes:
    """Sections 6 and 7: one object, whole."""
    if reference[:1] not in {"1", "2"}:
        raise Outcome("tampered")
    kind, container, offset, size, number, wrapped = struct.unpack(">c16sQQI40s", unb64(reference[1:], 77))
    try:
        dek = aes_key_unwrap(_wrapping_key(vault, reference[0], number, case_keys or {}), wrapped)
    except (InvalidUnwrap, KeyError) as error:
        raise Outcome("tampered") from error
    folder, suffix = {b"o": ("objects", ".frwo"), b"p": ("packs", ".frwp")}[kind]
    path = vault.root / folder / (container.hex() + suffix)
    if not path.exists():
        raise Outcome("missing")
    content = path.read_bytes()
    pieces = max(1, -(-size // MIB))
    end = offset + size + 28 * pieces
    if content[:32] != b"FRWVLT\x01" + kind + container + bytes(8):
        raise Outcome("tampered")
    if len(content) < end or (kind == b"o" and (len(content) != end or offset != 32)):
        raise Outcome("tampered")
    out, at = [], offset
    for index in range(pieces):
        last = index == pieces - 1
        length = (size - index * MIB if last else MIB) + 28
        sealed, at = content[at : at + length], at + length
        aad = struct.pack(">16sQBQB", container, offset, 1, index, last)
        try:
            out.append(AESGCM(dek).decrypt(sealed[:12], sealed[12:], aad))
        except InvalidTag as error:
            raise Outcome("tampered") from error
    return b"".join(out)


def open_personal(vault: Vault, blob: bytes) -> bytes:
    """Section 8."""
    key = hkdf("personal-seal", vault.personal, {"person": vault.person, "vault": vault.id})
    if blob[:5] != b"FRWP\x01" or len(blob) < 33:
        raise Outcome("tampered")
    try:
        return AESGCM(key).decrypt(blob[5:17], blob[17:], b"FRWP\x01")
    except InvalidTag as error:
        raise Outcome("tampered") from error


_LINES = ("format", "vault_id", "seq", "head_sha384", "at", "person_id", "occasion")


def trail_key(personal: bytes, vault: str) -> bytes:
    """The seed of the key with which a person signs checkpoints."""
    return hkdf("trail-checkpoint", personal, {"vault": vault})


def check_checkpoint(content: bytes, vault: str, heads: dict[int, str]) -> None:
    """Return when a checkpoint and a trail, as hashes by number, go together; else say why not."""
    try:
        facts = json.loads(content)
        public = base64.b64decode(facts["public_key"], validate=True)
        signature = base64.b64decode(facts["signature"], validate=True)
        lines = [facts[name] for name in _LINES]
    except (ValueError, KeyError, TypeError) as error:
        raise Outcome("unreadable") from error
    if facts["format"] != "frw-checkpoint/1" or facts["occasion"] not in {"lock", "export", "backup"}:
        raise Outcome("unreadable")
    statement = "".join(f"{line}\n" for line in lines).encode()
    try:
        MLDSA87PublicKey.from_public_bytes(public).verify(signature, statement, b"frw-checkpoint/1")
    except (InvalidSignature, ValueError) as error:
        raise Outcome("signature-bad") from error
    if facts["vault_id"] != vault:
        raise Outcome("other-vault")
    if facts["seq"] not in heads:
        raise Outcome("row-missing")
    if heads[facts["seq"]] != facts["head_sha384"]:
        raise Outcome("row-differs")


def row_hash(row: dict[str, Any], previous: str) -> str:
    """The hash of a row of the trail, by the hash of the row before."""
    return hashlib.sha384(jcs({**row, "previous": previous})).hexdigest()


def open_journal(journal_key: bytes, container: bytes, content: bytes) -> Any:
    """What a journal of an unfinished object says."""
    if content[:5] != b"FRWJ\x01":
        raise Outcome("tampered")
    aad, nonce, sealed = content[:9] + container, content[9:21], content[21:]
    try:
        return json.loads(AESGCM(journal_key).decrypt(nonce, sealed, aad))
    except (InvalidTag, ValueError) as error:
        raise Outcome("tampered") from error
