"""Makes ``tests/vectors/vault/ways/base`` anew: run it as a module, by hand.

python -m tests.storage.vault.make_ways tests/vectors/vault/ways/base
"""

import json
import sys
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from storage.vault import LIGHT_COST, OpenVault, create_vault, unlock
from tests.helpers.databases import HandClock
from tests.helpers.fake_cards import PIN, FakeCard, FakeReader
from tests.helpers.vault_folders import OTHER_PASSPHRASE, PASSPHRASE, VAULT_ID, DictSecrets, passphrase
from workstation.core.recovery import written
from workstation.core.vault import CardCredential, Profile

LOGINS = {"ada": "PER-ADA", "eve": "PER-EVE", "bob": "PER-BOB"}


def make(root: Path) -> None:
    """Ada: P-384 and a passphrase. Eve: P-384 and a device. Bob: RSA and a device. 3 of 5 officers."""
    secrets, reader, clock = DictSecrets(), FakeReader(), HandClock()
    vault = create_vault(
        root,
        vault_id=VAULT_ID,
        profile=Profile.DEMO,
        person_id=LOGINS["ada"],
        login_name="ada",
        passphrase=passphrase(),
        cost=LIGHT_COST,
        clock=clock,
    )
    for login in ("eve", "bob"):
        vault.add_slot(
            person_id=LOGINS[login],
            login_name=login,
            passphrase=bytearray(OTHER_PASSPHRASE),
            cost=LIGHT_COST,
        )
    vault.lock()
    ways: list[dict[str, object]] = []
    for login, kind, kept in (("ada", "ec", None), ("eve", "ec", secrets), ("bob", "rsa", secrets)):
        text = PASSPHRASE if login == "ada" else OTHER_PASSPHRASE
        vault = unlock(
            root,
            login_name=login,
            passphrase=bytearray(text),
            profile=Profile.DEMO,
            clock=clock,
            device_secrets=kept,
            cards=reader,
        )
        card = FakeCard(serial=f"CARD{login}", private=_key(kind))
        reader.cards = [card]
        before = set(secrets.kept)
        credential = CardCredential(pin=bytearray(PIN), passphrase=bytearray(text if kept is None else b""))
        vault.enrol_card(
            present=bytearray(text),
            credential=credential,
            cost=LIGHT_COST,
            keep_passphrase=True,
            replaces=False,
        )
        device = [secrets.kept[user].hex() for user in set(secrets.kept) - before]
        pkcs8 = card.private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()).hex()
        way = {"kind": "card", "login": login, "person": LOGINS[login], "card_key_pkcs8": pkcs8}
        ways.append(way | ({"device": device[0]} if device else {"passphrase": text.decode()}))
        if login != "bob":
            vault.lock()
    _issue(vault, ways)
    _write(root, vault, ways)


def _key(kind: str) -> ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey:
    if kind == "rsa":
        return rsa.generate_private_key(65_537, 3072)
    return ec.generate_private_key(ec.SECP384R1())


def _issue(vault: OpenVault, ways: list[dict[str, object]]) -> None:
    made = vault.new_recovery(needed=3, officers=5)
    vault.put_recovery(made)
    ways.append({"kind": "recovery", "keys": [written(key) for key in made.keys]})


def _write(root: Path, vault: OpenVault, ways: list[dict[str, object]]) -> None:
    facts = {"profile": "demo", "database_key": vault.database_key().hex(), "ways_in": ways}
    vault.lock()
    for name in ("vault.lock", "vault.json.previous", "backoff.json"):
        (root / name).unlink(missing_ok=True)
    for folder in ("objects", "packs"):
        (root / folder).rmdir()
    (root / "expected.json").write_text(json.dumps(facts, indent=1) + "\n")


if __name__ == "__main__":
    make(Path(sys.argv[1]))
