"""Planted words, and the search for them: in every spelling, in names and content, deflated or not."""

import base64
import contextlib
import os
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

CANARY = "Vermilion-Kestrel-90417"
PLANTED = f"weights trained for {CANARY} only"


def spellings(word: str) -> set[bytes]:
    """How a careless program would have written it."""
    plain = {word.encode(), word.lower().encode(), word.encode("utf-16-le"), word.encode().hex().encode()}
    # Of base64 whatever its place in the text: the middle of each of the three alignments.
    shifted = {base64.b64encode(b"\0" * n + word.encode())[4:-4] for n in range(3)}
    return plain | shifted


def holding(folder: Path, *words: str, but: tuple[Path, ...] = ()) -> list[str]:
    """Files below a folder that hold one of these words (else the canary), in their names or content."""
    found = []
    wanted = {one for word in words or (CANARY,) for one in spellings(word)}
    for path in sorted(folder.rglob("*")):
        if any(path.is_relative_to(one) for one in but) or path.is_symlink():
            continue
        content = path.read_bytes() if path.is_file() else b""
        inflated = b"".join(_inflated(content))
        if any(one in content or one in inflated or one in os.fsencode(path.name) for one in wanted):
            found.append(str(path))
    return found


def _inflated(content: bytes) -> Iterator[bytes]:
    for begin in (b"\x78\x9c", b"\x78\x01", b"\x78\xda", b"\x1f\x8b"):
        at = content.find(begin)
        while at >= 0:
            with contextlib.suppress(zlib.error):
                yield zlib.decompressobj(47).decompress(content[at : at + 1_000_000])
            at = content.find(begin, at + 1)


def submission(folder: Path) -> Path:
    """The canary in a name, in small and large files, in text, JSON and a table."""
    folder.mkdir()
    (folder / f"{CANARY}.txt").write_text(f"{PLANTED}\n" * 50)
    (folder / "card.md").write_text(f"# Model card\n\n{PLANTED}\n")
    (folder / "config.json").write_text(f'{{"model_type": "{CANARY}", "architectures": ["{PLANTED}"]}}')
    (folder / "large.bin").write_bytes(f"{PLANTED}\n".encode() * 70_000)
    return folder


def places_of_its_own(folder: Path, patch: pytest.MonkeyPatch) -> Path:
    """A home, a temporary folder and logs of this test's own."""
    for name in ("temp", "home", "state"):
        (folder / name).mkdir()
    for variable, name in (("TMPDIR", "temp"), ("HOME", "home"), ("XDG_STATE_HOME", "state")):
        patch.setenv(variable, str(folder / name))
    for variable in ("XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR"):
        patch.setenv(variable, str(folder / "home"))
    patch.setattr("tempfile.tempdir", None)
    return folder
