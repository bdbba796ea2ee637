"""Cards made of software (SoftHSM) in readers of this process: inserted, pulled out, with keys that sign.

A card is pulled out by taking its folder out of the module's and starting the module anew, which is what
the module notices.
"""

import atexit
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workstation.core.cards import CARD_TURN

PIN, SO_PIN = "735194", "48213750"
_PLACES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
)


def module() -> str:
    """The module's path; empty where SoftHSM is not installed."""
    found = next((place for place in _PLACES if Path(place).is_file()), "")
    # Resolved as the workstation does it: by two names it would be loaded twice.
    return str(Path(found).resolve()) if found and shutil.which("softhsm2-util") else ""


@dataclass(frozen=True)
class SoftCard:
    """One card; ``folder`` is what the module keeps of it."""

    serial: str
    folder: Path

    def pull_out(self) -> None:
        """Out of the reader."""
        self.folder.rename(_tokens().parent / self.folder.name)
        _restart()

    def insert(self) -> None:
        """Back into the reader."""
        (_tokens().parent / self.folder.name).rename(self.folder)
        _restart()


def new_card(label: str, *, pin: str = PIN) -> SoftCard:
    """A card without keys, in a reader."""
    before = set(_tokens().iterdir())
    words = ["softhsm2-util", "--init-token", "--free", "--label", label, "--pin", pin, "--so-pin", SO_PIN]
    with CARD_TURN:
        subprocess.run(words, check=True, capture_output=True)
        _restart()
        (folder,) = set(_tokens().iterdir()) - before
        (serial,) = {_serial(token) for token in _library().get_tokens(token_label=label)}
    return SoftCard(serial=serial, folder=folder)


@contextmanager
def others_out() -> Iterator[None]:
    """The cards of other tests are out of the reader meanwhile: a process has one module and one reader."""
    aside = Path(tempfile.mkdtemp(dir=_tokens().parent))
    for folder in list(_tokens().iterdir()):
        folder.rename(aside / folder.name)
    _restart()
    try:
        yield
    finally:
        for folder in list(aside.iterdir()):
            folder.rename(_tokens() / folder.name)
        _restart()


def add_key(
    card: SoftCard, kind: str, *, label: str = "sign", each_time: bool = True, pin: str = PIN
) -> None:
    """A key that signs: ``p384`` or ``rsa``; with ``each_time`` the PIN is wanted for every signature."""
    from pkcs11 import Attribute, KeyType, MechanismFlag
    from pkcs11.util.ec import encode_named_curve_parameters

    template = {Attribute.ALWAYS_AUTHENTICATE: each_time}
    common = {
        "store": True,
        "label": label,
        "id": label.encode(),
        "capabilities": MechanismFlag.SIGN | MechanismFlag.VERIFY,
        "private_template": template,
    }
    with CARD_TURN, _token(card).open(user_pin=pin, rw=True) as session:
        if kind == "rsa":
            session.generate_keypair(KeyType.RSA, 3072, **common)
            return
        parameters = session.create_domain_parameters(
            KeyType.EC, {Attribute.EC_PARAMS: encode_named_curve_parameters("secp384r1")}, local=True
        )
        parameters.generate_keypair(**common)


def drop_keys(card: SoftCard, *, pin: str = PIN) -> None:
    """The card as its issuer empties it."""
    with CARD_TURN, _token(card).open(user_pin=pin, rw=True) as session:
        for found in list(session.get_objects()):
            found.destroy()


def _token(card: SoftCard) -> Any:
    return next(token for token in _library().get_tokens() if _serial(token) == card.serial)


def _serial(token: Any) -> str:
    return bytes(token.serial).decode().strip()


def _restart() -> None:
    with CARD_TURN:
        _library().reinitialize()


def _library() -> Any:
    _tokens()
    import pkcs11

    return pkcs11.lib(module())


def _tokens() -> Path:
    """The folder of inserted cards; the module is told of it once, before it is loaded."""
    told = os.environ.get("SOFTHSM2_CONF", "")
    if told:
        lines = Path(told).read_text().splitlines()
        return Path(next(line.partition("=")[2].strip() for line in lines if "tokendir" in line))
    root = Path(tempfile.mkdtemp(prefix="frw-cards-"))
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    (root / "tokens").mkdir()
    settings = f"directories.tokendir = {root / 'tokens'}\nobjectstore.backend = file\nlog.level = ERROR\n"
    (root / "softhsm2.conf").write_text(settings)
    os.environ["SOFTHSM2_CONF"] = str(root / "softhsm2.conf")
    return root / "tokens"
