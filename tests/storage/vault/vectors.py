"""Reads ``tests/vectors/vault``: a copy of the base with the steps of one vector done to it."""

import base64
import json
import shutil
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "vectors" / "vault"
_REF = struct.Struct(">c16sQQI40s")
_FIELDS = ("kind", "container", "offset", "size", "epoch", "key")
_PIECE = 1_048_604


@dataclass
class Case:
    """One vector, applied."""

    root: Path
    outcome: str
    login: str
    passphrase: bytes
    device: bytes | None
    profile: str
    object: str
    spared: list[str]
    facts: Any
    changed: set[Path] = field(default_factory=set)

    def file(self, name: str) -> Path:
        """``vault.json``, or the container of a named object."""
        if name == "vault.json":
            return self.root / name
        kind, container, *_ = _unpack(self.facts["objects"][name]["ref"])
        folder, suffix = ("objects", ".frwo") if kind == b"o" else ("packs", ".frwp")
        return self.root / folder / (container.hex() + suffix)


def apply(path: Path, root: Path) -> Case:
    """The case of one ``.vector`` file, made under ``root``."""
    shutil.copytree(FOLDER / "base", root)
    lines = [line.split(": ", 1) for line in path.read_text().splitlines()]
    said = {key: value for key, value in lines if key != "do"}
    facts = json.loads((root / "expected.json").read_text())
    way = facts["ways_in"][int(said.get("way", "0"))]
    device = said.get("device", way.get("device", "none"))
    case = Case(
        root=root,
        outcome=said["outcome"],
        login=said.get("login", way["login"]),
        passphrase=said.get("passphrase", way["passphrase"]).encode(),
        device=None if device == "none" else bytes.fromhex(device),
        profile=said.get("profile", facts["profile"]),
        object=said.get("object", ""),
        spared=said.get("spared", "").split(),
        facts=facts,
    )
    for verb, *rest in (value.split(" ", 1) for key, value in lines if key == "do"):
        _STEPS[verb](case, rest[0])
    return case


def _unpack(reference: str) -> tuple[Any, ...]:
    return _REF.unpack(base64.urlsafe_b64decode(reference[1:] + "="))


def _bytes_step(change: Any) -> Any:
    def step(case: Case, text: str) -> None:
        name, *arguments = text.split(" ", 1)
        path = case.file(name)
        content = bytearray(path.read_bytes())
        path.write_bytes(change(content, *(arguments[0].split(" ") if arguments else ())))
        case.changed.add(path)

    return step


def _flip(content: bytearray, offset: str, mask: str) -> bytearray:
    content[int(offset)] ^= int(mask, 16)
    return content


def _edit(case: Case, text: str) -> None:
    _, old, new = text.split(" ", 2)
    path = case.file("vault.json")
    before = path.read_text()
    assert before.count(old) == 1
    path.write_text(before.replace(old, new))


def _pieces(content: bytearray, one: str, two: str, *, both: bool) -> bytearray:
    a, b = (slice(32 + int(i) * _PIECE, 32 + int(i) * _PIECE + _PIECE) for i in (one, two))
    content[a], content[b] = (content[b] if both else content[a]), content[a]
    return content


def _remove(case: Case, name: str) -> None:
    case.changed.add(case.file(name))
    case.file(name).unlink()


def _exchange_files(case: Case, text: str) -> None:
    one, two = (case.file(name) for name in text.split(" "))
    first, second = one.read_bytes(), two.read_bytes()
    one.write_bytes(second)
    two.write_bytes(first)
    case.changed |= {one, two}


def _header_step(change: Any) -> Any:
    def step(case: Case, text: str) -> None:
        path = case.file("vault.json")
        header = json.loads(path.read_text())
        change(header, *text.split(" ", 1))
        path.write_text(json.dumps(header, sort_keys=True, separators=(",", ":")))

    return step


def _at(header: Any, pointer: str) -> tuple[Any, Any]:
    *way, last = [int(part) if part.isdigit() else part for part in pointer.split("/")[1:]]
    for part in way:
        header = header[part]
    return header, last


def _set(header: Any, pointer: str, value: str) -> None:
    parent, last = _at(header, pointer)
    parent[last] = json.loads(value)


def _unset(header: Any, pointer: str) -> None:
    parent, last = _at(header, pointer)
    del parent[last]


def _flip64(header: Any, pointer: str, text: str) -> None:
    parent, last = _at(header, pointer)
    old = parent[last]
    raw = bytearray(base64.urlsafe_b64decode(old + "=" * (-len(old) % 4)))
    offset, mask = text.split(" ")
    raw[int(offset)] ^= int(mask, 16)
    parent[last] = base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _respell(header: Any, pointer: str) -> None:
    parent, last = _at(header, pointer)
    old = parent[last]
    # 32 bytes leave two unused bits in the last character: the next letter decodes to the same bytes.
    alike = old[:-1] + chr(ord(old[-1]) + 1)
    assert base64.urlsafe_b64decode(alike + "=") == base64.urlsafe_b64decode(old + "=")
    parent[last] = alike


def _exchange(header: Any, one: str, two: str) -> None:
    (a, i), (b, j) = _at(header, one), _at(header, two)
    a[i], b[j] = b[j], a[i]


def _copy(header: Any, one: str, two: str) -> None:
    (a, i), (b, j) = _at(header, one), _at(header, two)
    b[j] = a[i]


def _reference(case: Case, text: str) -> None:
    name, field_name, *value = text.split(" ")
    entry = case.facts["objects"][name]
    fields = dict(zip(_FIELDS, _unpack(entry["ref"]), strict=True))
    if field_name == "key":
        fields["key"] = bytes([fields["key"][0] ^ 1]) + fields["key"][1:]
    elif field_name == "key-of":
        fields["key"] = _unpack(case.facts["objects"][value[0]]["ref"])[5]
    elif field_name == "kind":
        fields["kind"] = value[0].encode()
    elif field_name == "container":
        fields["container"] = bytes.fromhex(value[0])
    else:
        fields[field_name] = int(value[0])
    entry["ref"] = "1" + base64.urlsafe_b64encode(_REF.pack(*fields.values())).decode().rstrip("=")


def _personal(case: Case, text: str) -> None:
    verb, *arguments = text.split(" ")
    blob = bytearray.fromhex(case.facts["personal"]["blob"])
    blob = _flip(blob, *arguments) if verb == "flip" else blob[: int(arguments[0])]
    case.facts["personal"]["blob"] = blob.hex()


_STEPS = {
    "flip": _bytes_step(_flip),
    "truncate": _bytes_step(lambda content, size: content[: int(size)]),
    "append": _bytes_step(lambda content, tail: content + bytes.fromhex(tail)),
    "replace": _bytes_step(lambda _, new: bytes.fromhex(new)),
    "fill": _bytes_step(lambda _, unit, count: bytes.fromhex(unit) * int(count)),
    "exchange-pieces": _bytes_step(lambda content, i, j: _pieces(content, i, j, both=True)),
    "copy-piece": _bytes_step(lambda content, i, j: _pieces(content, i, j, both=False)),
    "edit": _edit,
    "remove": _remove,
    "exchange-files": _exchange_files,
    "set": _header_step(_set),
    "unset": _header_step(_unset),
    "flip64": _header_step(_flip64),
    "respell": _header_step(_respell),
    "exchange": _header_step(_exchange),
    "copy": _header_step(_copy),
    "reference": _reference,
    "personal": _personal,
}
