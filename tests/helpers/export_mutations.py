"""One damage to an export folder at a time, and the file a verifier has to name."""

import base64
import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path

Mutation = Callable[[Path, Path, random.Random], str]
"""Change the first folder (the second is another, genuine export); return the name to be found."""


def _file(folder: Path, rng: random.Random) -> Path:
    return rng.choice(sorted(path for path in folder.rglob("*") if path.is_file()))


def flip_bit(folder: Path, other: Path, rng: random.Random) -> str:
    """One bit of one file."""
    path = _file(folder, rng)
    content = bytearray(path.read_bytes())
    content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    path.write_bytes(content)
    return path.name


def replace_byte(folder: Path, other: Path, rng: random.Random) -> str:
    """One byte of one file by another printable one."""
    path = _file(folder, rng)
    content = bytearray(path.read_bytes())
    at = rng.randrange(len(content))
    content[at] = rng.choice([byte for byte in b" \t0aA=+/{}\n" if byte != content[at]])
    path.write_bytes(content)
    return path.name


def insert_byte(folder: Path, other: Path, rng: random.Random) -> str:
    """One byte more."""
    path = _file(folder, rng)
    content = path.read_bytes()
    at = rng.randrange(len(content) + 1)
    path.write_bytes(content[:at] + bytes([rng.choice(b" \n0A")]) + content[at:])
    return path.name


def cut_short(folder: Path, other: Path, rng: random.Random) -> str:
    """The end of one file."""
    path = _file(folder, rng)
    content = path.read_bytes()
    path.write_bytes(content[: rng.randrange(len(content))])
    return path.name


def remove_file(folder: Path, other: Path, rng: random.Random) -> str:
    """One file gone; the completion marker alone is a warning and has a test of its own."""
    path = _file(folder, rng)
    while path.name == "COMPLETE":
        path = _file(folder, rng)
    path.unlink()
    return path.name


def add_file(folder: Path, other: Path, rng: random.Random) -> str:
    """One file more."""
    name = rng.choice(["added.txt", "Autorun.inf", "sub", "REPORT2.pdf", "report.pdf.sig0"])
    (folder / name).write_bytes(b"x")
    return name


def swap_files(folder: Path, other: Path, rng: random.Random) -> str:
    """Two files under each other's name."""
    left, right = rng.sample(sorted(path for path in folder.rglob("*") if path.is_file()), 2)
    one, two = left.read_bytes(), right.read_bytes()
    left.write_bytes(two)
    right.write_bytes(one)
    return left.name


def take_from_other_export(folder: Path, other: Path, rng: random.Random) -> str:
    """One file of another genuine export of the same office: its report, its signature, its statement."""
    names = [
        "report.pdf",
        "SHA384SUMS",
        "SHA384SUMS.ec.p7s",
        "SHA384SUMS.pq.p7s",
        "export.dsse.json",
        "COMPLETE",
    ]
    name = rng.choice(names)
    shutil.copy(other / name, folder / name)
    return name


def replace_by_link(folder: Path, other: Path, rng: random.Random) -> str:
    """A file that is a link to its own genuine content elsewhere."""
    path = _file(folder, rng)
    while path.name == "COMPLETE":
        path = _file(folder, rng)
    path.unlink()
    path.symlink_to(other / "report.pdf")
    return path.name


def rename_file(folder: Path, other: Path, rng: random.Random) -> str:
    """A file under another name."""
    path = _file(folder, rng)
    while path.name == "COMPLETE":
        path = _file(folder, rng)
    path.rename(path.with_name(path.name.swapcase()))
    return path.name


def edit_envelope(folder: Path, other: Path, rng: random.Random) -> str:
    """A well-formed envelope with a signature dropped, doubled or exchanged, or a key renamed."""
    path = folder / "export.dsse.json"
    envelope = json.loads(path.read_bytes())
    signatures = envelope["signatures"]
    match rng.randrange(7):
        case 0:
            del signatures[rng.randrange(2)]
        case 1:
            signatures.append(signatures[0])
        case 2:
            signatures.reverse()
            signatures[0]["sig"], signatures[1]["sig"] = signatures[1]["sig"], signatures[0]["sig"]
        case 3:
            signatures[rng.randrange(2)]["keyid"] = "0" * 96
        case 4:
            foreign = json.loads((other / path.name).read_bytes())
            which = rng.randrange(2)
            signatures[which]["sig"] = foreign["signatures"][which]["sig"]
        case 5:
            envelope["payloadType"] = "application/json"
        case _:
            statement = json.loads(base64.b64decode(envelope["payload"]))
            statement["subject"][0]["digest"] = {"sha256": "0" * 64}
            envelope["payload"] = base64.b64encode(json.dumps(statement).encode()).decode()
    path.write_text(json.dumps(envelope, sort_keys=True, separators=(",", ":")))
    return path.name


def respace_envelope(folder: Path, other: Path, rng: random.Random) -> str:
    """The same envelope in another spelling."""
    path = folder / "export.dsse.json"
    path.write_text(json.dumps(json.loads(path.read_bytes()), indent=rng.choice([None, 1])))
    return path.name


def edit_manifest(folder: Path, other: Path, rng: random.Random) -> str:
    """A consistent forgery without keys: a file changed and the manifest with it."""
    manifest = folder / "SHA384SUMS"
    lines = manifest.read_text().splitlines(keepends=True)
    match rng.randrange(3):
        case 0:
            del lines[-1 - rng.randrange(3)]
        case 1:
            lines.append(f"{'0' * 96}  report2.pdf\n")
        case _:
            lines[-1] = "0" * 96 + lines[-1][96:]
    manifest.write_text("".join(lines))
    return manifest.name


MUTATIONS: tuple[Mutation, ...] = (
    flip_bit,
    flip_bit,
    replace_byte,
    insert_byte,
    cut_short,
    remove_file,
    add_file,
    swap_files,
    take_from_other_export,
    replace_by_link,
    rename_file,
    edit_envelope,
    edit_envelope,
    respace_envelope,
    edit_manifest,
)
