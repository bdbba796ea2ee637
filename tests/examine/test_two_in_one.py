"""Files that are two: something harmless from the front, a zip archive for whoever goes by the end."""

import gzip
import io
import pickle
import tarfile
import zipfile

import msgspec
import pytest
from PIL import Image

from tests.fuzz import seeds
from workstation.core.examination import Coverage
from workstation.examine import wire
from workstation.examine.reader import BytesSource
from workstation.examine.walk import Walk


class _Runs:
    def __reduce__(self) -> tuple[object, tuple[str, ...]]:
        return eval, ("1",)


def _zip(content: bytes) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr("data.pkl", content)
    return whole.getvalue()


def _picture(form: str) -> bytes:
    whole = io.BytesIO()
    Image.new("RGB", (4, 4)).save(whole, form)
    return whole.getvalue()


def _tar() -> bytes:
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a.txt"))
    return whole.getvalue()


FRONTS = {
    "a.sh": b"#!/bin/sh\nexit 0\n",
    "a.zip": b"#!/usr/bin/env python3\n",
    "a.txt": b"Some words.\n",
    "a.json": b'{"a": 1}',
    "a.png": _picture("PNG"),
    "a.jpg": _picture("JPEG"),
    "a.gif": _picture("GIF"),
    "a.bmp": _picture("BMP"),
    "a.tif": _picture("TIFF"),
    "a.webp": _picture("WEBP"),
    "a.pdf": seeds.for_module("documents.pdf")()[0],
    "a.npy": seeds.for_module("weights.numpy_files")()[0],
    "a.tar": _tar(),
    "a.gz": gzip.compress(b"words"),
    "a.so": b"\x7fELF" + bytes(60),
}


def examined(name: str, content: bytes) -> tuple[set[str], set[str]]:
    """The codes and the words said of the file and of everything in it."""
    said: list[msgspec.Struct] = []
    Walk(said.append).start(BytesSource(content, name), "", None)
    files = [message for message in said if isinstance(message, wire.File)]
    codes = {finding.code for file in files for finding in file.findings}
    return codes, {file.coverage for file in files}


@pytest.mark.parametrize("name", FRONTS)
def test_a_pickle_behind_another_file_is_followed(name: str) -> None:
    """Whatever stands in front, code in a zip behind it is named, and the file is dangerous."""
    codes, words = examined(name, FRONTS[name] + _zip(pickle.dumps(_Runs())))
    assert "MODEL_CODE" in codes
    assert Coverage.DANGEROUS.value in words


@pytest.mark.parametrize("name", FRONTS)
def test_an_archive_behind_another_file_is_said(name: str) -> None:
    """Harmless or not, it is named that the file is two; of the front alone nothing of the kind is said."""
    two = {
        "FILE_HIDES_ARCHIVE",
        "ARCH:prepended-data",
        "ARCH:trailing-data",
        "IMAGE_TRAILING",
        "PDF_POLYGLOT",
        "MODEL:trailing",
        "FILE_PROGRAM",
    }
    assert examined(name, FRONTS[name] + _zip(b"words " * 1_000))[0] & two
    assert not examined(name, FRONTS[name])[0] & (two - {"FILE_PROGRAM"})


def test_an_end_record_without_an_archive_says_nothing() -> None:
    """Four bytes that look like the end of a zip do not make a picture two files."""
    codes, _words = examined("a.gif", _picture("GIF") + b"PK\x05\x06" + b"\xff" * 40)
    assert "FILE_HIDES_ARCHIVE" not in codes
