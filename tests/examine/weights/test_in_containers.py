"""Weights inside archives are judged like bare ones, and a refused zip still says what it hides."""

import io
import pickle
import zipfile

import msgspec
import pytest

from tests.examine.weights.test_pickles import Calls
from workstation.examine import wire
from workstation.examine.reader import BytesSource
from workstation.examine.walk import Walk


def walked(content: bytes) -> dict[str, wire.File]:
    """Walk one file in this process; the messages by path."""
    sent: list[msgspec.Struct] = []
    Walk(sent.append).start(BytesSource(content, "submitted"), "", None)
    return {message.path: message for message in sent if isinstance(message, wire.File)}


def zipped(**members: bytes) -> bytes:
    """A zip with these members, stored."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/"), content)
    return buffer.getvalue()


EVIL = pickle.dumps(Calls(eval, "1"))


def dangerous(file: wire.File) -> object:
    """The fact of that name."""
    return msgspec.json.decode(file.facts).get("dangerous")


def test_a_torch_zip_names_what_its_pickle_looks_up() -> None:
    """The member is refused where it lies, and the container repeats its names."""
    files = walked(zipped(archive__data__pkl=b"x", archive__evil=EVIL))
    assert "MODEL_CODE" in {finding.code for finding in files["archive/evil"].findings}
    assert dangerous(files[""]) == ["builtins eval"]


@pytest.mark.parametrize(
    ("at", "value"),
    [
        (14, b"\0\0\0\0"),  # checksum
        (30, b"other"),  # local name
    ],
)
def test_a_zip_that_contradicts_itself_hides_no_pickle(at: int, value: bytes) -> None:
    """Whatever the strict reader refuses, the pickle behind it is named."""
    content = bytearray(zipped(evil_=EVIL))
    content[at : at + len(value)] = value
    files = walked(bytes(content))
    codes = {finding.code for file in files.values() for finding in file.findings}
    assert "MODEL_CODE" in codes
    assert any(code.startswith("ARCH") for code in codes)
    assert dangerous(files[""]) == ["builtins eval"]


def test_storages_are_known_by_the_pickle_beside_them() -> None:
    """Numbered files of a torch archive are its tensors; without the archive's pickle they are unknown."""
    plain = pickle.dumps({"a": 1})
    names = {"m/data.pkl": plain, "m/data/0": bytes([0, 200, 3, 255]) * 9}
    files = walked(zipped(**{name.replace("/", "__"): content for name, content in names.items()}))
    assert (files["m/data/0"].kind, files["m/data/0"].coverage) == ("tensor-storage", "nothing-found")
    files = walked(zipped(m__data__0=bytes([0, 200, 3, 255]) * 9))
    assert (files["m/data/0"].kind, files["m/data/0"].coverage) == ("unknown", "inconclusive")
