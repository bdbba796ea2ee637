"""Open an export that was sealed to your key, or make a key pair. Needs Python and "cryptography" alone.

    python3 open_sealed.py new-key your-key.pem          writes your-key.pem (keep it) and your-key.pub.pem
    python3 open_sealed.py fingerprint your-key.pub.pem  what you read out to the office
    python3 open_sealed.py open sealed.frws --key your-key.pem --into EMPTY-FOLDER

Exit status: 0 done, 2 refused with the reason, 3 wrong usage. Nothing is left behind when it refuses.
"""

from __future__ import annotations

import argparse
import base64
import getpass
import hashlib
import io
import json
import os
import shutil
import sys
import tarfile
from typing import Any, BinaryIO

try:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives import hpke
    from cryptography.hazmat.primitives import serialization as forms
    from cryptography.hazmat.primitives.asymmetric import mlkem
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
except ImportError:
    sys.exit("Refused: the Python package cryptography, version 47 or newer, is not here")

MAGIC = b"FRWSEAL\x01"
SUITE = "HPKE ML-KEM-1024 HKDF-SHA384 AES-256-GCM"
COMMON = ("format", "version", "suite", "export", "content_bytes", "piece_bytes")
PIECE, TAG, BLOCK = 1 << 20, 16, 512
LARGEST_HEADER = 1 << 20


class Refused(Exception):
    """Said in one sentence."""


def fingerprint(key: mlkem.MLKEM1024PublicKey) -> str:
    """SHA-384 of the public key."""
    return hashlib.sha384(key.public_bytes_raw()).hexdigest()


def new_key(path: str) -> None:
    """A key pair; the private half under a passphrase."""
    public = path.removesuffix(".pem") + ".pub.pem"
    word = ask("New passphrase: ")
    if not word or word != ask("Once more: "):
        raise Refused("the passphrase was empty, or not typed the same way twice")
    key = mlkem.MLKEM1024PrivateKey.generate()
    private = key.private_bytes(
        forms.Encoding.PEM, forms.PrivateFormat.PKCS8, forms.BestAvailableEncryption(word)
    )
    shared = key.public_key().public_bytes(forms.Encoding.PEM, forms.PublicFormat.SubjectPublicKeyInfo)
    write_new(path, private)
    write_new(public, shared)
    print(f"Keep {path} and its passphrase. Give the office {public}.")
    print("Fingerprint, to be read out by another channel:")
    print("  " + fingerprint(key.public_key()))


def show_fingerprint(path: str) -> None:
    """What the owner reads out to the office."""
    with open(path, "rb") as file:
        key = forms.load_pem_public_key(file.read(1 << 16))
    if not isinstance(key, mlkem.MLKEM1024PublicKey):
        raise Refused("the file holds no ML-KEM-1024 public key")
    print(fingerprint(key))


def ask(prompt: str) -> bytes:
    """A passphrase from the terminal, or from standard input where there is none."""
    return (getpass.getpass(prompt) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")).encode()


def write_new(path: str, content: bytes) -> None:
    """A file that was not there, for its owner alone."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)


def read_header(file: BinaryIO) -> tuple[dict[str, Any], dict[str, bytes], bytes]:
    """What is common to all keys, the box of each key, and the digest that binds every piece to both."""
    start = file.read(12)
    size = int.from_bytes(start[8:12], "big")
    if start[:8] != MAGIC or not 0 < size <= LARGEST_HEADER:
        raise Refused("this is no sealed export of version 1")
    body = file.read(size)
    try:
        header = json.loads(body.decode("utf-8"))
        common = {name: header[name] for name in COMMON}
        boxes = {one["recipient"]: base64.b64decode(one["sealed"], validate=True) for one in header["keys"]}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Refused("the header is damaged") from None
    if [common[name] for name in ("format", "version", "suite", "piece_bytes")] != [
        "frw-sealed",
        1,
        SUITE,
        PIECE,
    ]:
        raise Refused("this is no sealed export of version 1")
    size, export = common["content_bytes"], common["export"]
    if type(size) is not int or size < 2 * BLOCK or type(export) is not str or not export.isprintable():
        raise Refused("the header is damaged")
    return common, boxes, hashlib.sha384(start + body).digest()


def canonical(value: dict[str, Any]) -> bytes:
    """RFC 8785 for the few plain members of a header."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8")


class Content(io.RawIOBase):
    """The archive inside, piece by piece; a piece that was changed, moved or left out is refused."""

    def __init__(self, file: BinaryIO, cipher: AESGCM, about: bytes, size: int) -> None:
        self.file, self.cipher, self.about, self.left = file, cipher, about, size
        self.index, self.last = 0, -(-size // PIECE) - 1
        self.kept = b""

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, into: Any) -> int:
        """The next bytes of the archive."""
        if not self.kept and self.index <= self.last:
            self.kept = self.piece()
        part = self.kept[: len(into)]
        into[: len(part)] = part
        self.kept = self.kept[len(part) :]
        return len(part)

    def piece(self) -> bytes:
        """Open the next piece."""
        size = min(PIECE, self.left)
        sealed = self.file.read(size + TAG)
        place = self.index.to_bytes(8, "big") + (b"\x01" if self.index == self.last else b"\x00")
        try:
            plain = self.cipher.decrypt(self.index.to_bytes(12, "big"), sealed, self.about + place)
        except (InvalidTag, ValueError):
            raise Refused(f"the content is damaged or cut short at piece {self.index}") from None
        if len(plain) != size or (self.index == self.last and self.file.read(1)):
            raise Refused("the content does not end where its header says")
        self.index, self.left = self.index + 1, self.left - size
        return plain


def content_key(common: dict[str, Any], boxes: dict[str, bytes], key_file: str) -> bytes:
    """Open the box that was made for this key."""
    with open(key_file, "rb") as file:
        pem = file.read(1 << 16)
    word = ask("Passphrase of the key: ") if b"ENCRYPTED" in pem else None
    try:
        key = forms.load_pem_private_key(pem, word)
    except (ValueError, TypeError):
        raise Refused("the key file does not open: wrong passphrase, or no private key") from None
    if not isinstance(key, mlkem.MLKEM1024PrivateKey):
        raise Refused("the key file holds no ML-KEM-1024 key")
    own = fingerprint(key.public_key())
    if own not in boxes:
        raise Refused(f"this export is not sealed to your key {own}")
    suite = hpke.Suite(hpke.KEM.MLKEM1024, hpke.KDF.HKDF_SHA384, hpke.AEAD.AES_256_GCM)
    try:
        return suite.decrypt(boxes[own], key, info=canonical({**common, "recipient": own}))
    except (InvalidTag, ValueError):
        raise Refused("the header was changed after sealing") from None


def plain_name(name: str) -> list[str]:
    """Names that stay in the folder and are no other file's."""
    parts = name.split("/")
    if "\\" in name or ":" in name or not name.isprintable() or not {"", ".", ".."}.isdisjoint(parts):
        raise Refused(f"a file inside has a name that is refused: {name!r}")
    return parts


def unpack(content: Content, folder: str) -> int:
    """Every file of the archive, written anew; how many."""
    count = 0
    with tarfile.open(fileobj=io.BufferedReader(content, PIECE), mode="r|") as archive:
        for entry in archive:
            parts = plain_name(entry.name)
            source = archive.extractfile(entry) if entry.isreg() and not entry.issparse() else None
            if source is None:
                raise Refused(f"something inside is no plain file: {entry.name!r}")
            os.makedirs(os.path.join(folder, *parts[:-1]), exist_ok=True)
            with open(os.path.join(folder, *parts), "xb") as file:
                shutil.copyfileobj(source, file, PIECE)
            count += 1
    while content.read(PIECE):  # every piece is checked, also behind the end of the archive
        pass
    return count


def open_sealed(path: str, key_file: str, folder: str) -> None:
    """Open into a folder that is not there or empty; nothing is left of what did not open whole."""
    if os.path.isdir(folder) and os.listdir(folder):
        raise Refused("the folder is not empty")
    beside = folder.rstrip("/\\") + ".opening"
    with open(path, "rb") as file:
        common, boxes, about = read_header(file)
        cipher = AESGCM(content_key(common, boxes, key_file))
        os.mkdir(beside, 0o700)
        try:
            count = unpack(Content(file, cipher, about, common["content_bytes"]), beside)
            if os.path.isdir(folder):
                os.rmdir(folder)
            os.rename(beside, folder)
        except BaseException:
            shutil.rmtree(beside, ignore_errors=True)
            raise
    print(f"{count} files of export {common['export']} are in {folder}.")
    print("Verify them now, as VERIFY.txt there says.")


def main(words: list[str]) -> int:
    """Run one command."""
    about = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=about)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("new-key").add_argument("file")
    verbs.add_parser("fingerprint").add_argument("file")
    opener = verbs.add_parser("open")
    opener.add_argument("file")
    opener.add_argument("--key", required=True)
    opener.add_argument("--into", required=True)
    try:
        options = parser.parse_args(words)
    except SystemExit as ended:
        return 3 if ended.code else 0
    try:
        if options.verb == "open":
            open_sealed(options.file, options.key, options.into)
        else:
            (new_key if options.verb == "new-key" else show_fingerprint)(options.file)
    except (Refused, OSError, ValueError, EOFError, tarfile.TarError) as problem:
        print(f"Refused: {problem}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
