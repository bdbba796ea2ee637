"""The same file is judged alike by itself, in a folder, in a bag, in a zip and in a tar."""

import bz2
import gzip
import hashlib
import io
import json
import lzma
import tarfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import msgspec
import pytest
import zstandard

from tests.examine.weights import test_onnx, test_safetensors
from tests.fuzz import seeds, signed
from tests.helpers import archives, bags
from workstation.core.examination import Coverage
from workstation.examine import dispatch, package, wire
from workstation.examine.container import Container
from workstation.examine.reader import BytesSource
from workstation.examine.walk import Walk

# What speaks about the files beside it says more when there are any.
_OF_ITS_FOLDER = ("signatures.model-",)


@cache
def examples() -> dict[str, bytes]:
    """Right and wrong files of every kind, each in a folder of its own."""
    found: dict[str, bytes] = {}
    for line in dispatch.formats():
        module = line.module.removeprefix("workstation.examine.")
        suffix = line.suffixes[0] if line.suffixes else ".json"
        for number, content in enumerate(seeds.for_module(module)()):
            found.setdefault(f"{module}-{number}/x{suffix}", content)
            found[f"{module}-{number}-damaged/x{suffix}"] = content[: len(content) * 2 // 3]
    return found


@cache
def together() -> dict[str, bytes]:
    """Files that are judged by those beside them, whole and with one missing or altered."""
    plain, content = seeds._cms()[0], b"hello"
    model = test_onnx.model(test_onnx.msg(5, test_onnx.external(b"w.bin", length=b"8")))
    index = b'{"metadata": {}, "weight_map": {"a": "model-1.safetensors"}}'
    shard = test_safetensors.made({"a": test_safetensors.entry([2], 0, 8)}, bytes(8))
    digest = {"alg": "SHA-256", "content": hashlib.sha256(content).hexdigest()}
    listed = {"type": "file", "name": "m/w.bin", "hashes": [digest]}
    inventory = json.dumps(
        {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": [listed]}
    ).encode()
    torch = dict(
        zip(("m/data.pkl", "m/data/0"), (b"\x80\x02}q\x00.", bytes([0, 200, 3, 255]) * 9), strict=True)
    )
    statement = signed.sealed(signed.statements_made()[0])
    return {
        "signed/model.sig": statement,
        "signed/a/b.txt": content,
        "altered/model.sig": statement,
        "altered/a/b.txt": b"other",
        "cms/x.txt.p7s": plain,
        "cms/x.txt": content,
        "cms-altered/x.txt.p7s": plain,
        "cms-altered/x.txt": b"other",
        "onnx/model.onnx": model,
        "onnx/w.bin": bytes(8),
        "onnx-short/model.onnx": model,
        "onnx-short/w.bin": bytes(7),
        "inventory/docs/bom.json": inventory,
        "inventory/m/w.bin": content,
        "inventory-other/docs/bom.json": inventory,
        "inventory-other/m/w.bin": b"other",
        "shards/model.safetensors.index.json": index,
        "shards/model-1.safetensors": shard,
        "shards-missing/model.safetensors.index.json": index,
        **{f"torch/{name}": data for name, data in torch.items()},
    }


def tarred(files: dict[str, bytes]) -> bytes:
    """The files as a tar."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def zstd_zip(files: dict[str, bytes]) -> bytes:
    """The files as a zip whose members are compressed with Zstandard."""
    packed = (
        archives.ZipMember(name=name.encode(), data=data, method=93, raw=zstandard.compress(data))
        for name, data in files.items()
    )
    return archives.make_zip(*packed)


# What the files become on their medium, and where they lie then.
WRAPPINGS: dict[str, tuple[Callable[[dict[str, bytes]], dict[str, bytes]], str]] = {
    "folder": (lambda files: files, ""),
    "bag": (bags.bag, "data/"),
    "zip": (lambda files: {"x.zip": archives.plain_zip(files)}, "x.zip/"),
    "tar": (lambda files: {"x.tar": tarred(files)}, "x.tar/"),
    "tar.gz": (lambda files: {"x.tar.gz": gzip.compress(tarred(files), 1)}, "x.tar.gz/"),
    "tar.bz2": (lambda files: {"x.tar.bz2": bz2.compress(tarred(files), 1)}, "x.tar.bz2/"),
    "tar.xz": (lambda files: {"x.tar.xz": lzma.compress(tarred(files), preset=0)}, "x.tar.xz/"),
    "tar.zst": (lambda files: {"x.tar.zst": zstandard.compress(tarred(files), 1)}, "x.tar.zst/"),
    "zip with zstd": (lambda files: {"x.zip": zstd_zip(files)}, "x.zip/"),
    "tar in a zip": (lambda files: {"x.zip": archives.plain_zip({"y.tar": tarred(files)})}, "x.zip/y.tar/"),
    "bag in a zip": (lambda files: {"x.zip": bags.zipped(bags.bag(files), "b/")}, "x.zip/b/data/"),
    "zip in a bag": (lambda files: bags.bag({"s.zip": archives.plain_zip(files)}), "data/s.zip/"),
}

PROMISED = frozenset(
    [
        "safetensors",
        "gguf",
        "onnx",
        "pickle",
        "npy",
        "hdf5",
        "keras",
        "tflite",
        "chat-template",
        "model-settings",
        "sentencepiece",
        "inspect-eval",
        "inspect-json",
        "lm-eval-results",
        "lm-eval-samples",
        "cyclonedx",
        "cyclonedx-xml",
        "spdx",
        "spdx-tags",
        "spdx-3",
        "model-signature",
        "cms",
        "ckl",
        "cklb",
        "xccdf",
        "sarif",
        "pdf",
        "docx",
        "markdown",
        "text",
        "json",
        "png",
        "jpeg",
        "zip",
        "tar",
        "tar.gzip",
        "tar.xz",
        "tar.zstd",
        "tar.bzip2",
    ]
)

Said = dict[str, tuple[str, str, bytes, tuple[tuple[str, str, str], ...]]]


def said(files: dict[str, bytes], folder: Container | None, prefix: str = "") -> Said:
    """Kind, coverage, facts and findings of each file below ``prefix``, as a worker reports them."""
    sent: list[msgspec.Struct] = []
    for path, content in files.items():
        Walk(sent.append).start(BytesSource(content, path.rsplit("/", 1)[-1]), path, folder)
    return {
        file.path.removeprefix(prefix): (
            file.kind,
            file.coverage,
            file.facts,
            tuple((found.code, found.severity, found.path.removeprefix(prefix)) for found in file.findings),
        )
        for file in sent
        if isinstance(file, wire.File) and file.path.startswith(prefix)
    }


def wrapped(wrapping: str, files: dict[str, bytes]) -> Said:
    """The same of the files in one wrapping."""
    wrap, prefix = WRAPPINGS[wrapping]
    outside = wrap(files)
    return said(outside, bags.folder(outside), prefix)


@pytest.fixture(scope="module")
def bare() -> Said:
    """Every example examined by itself."""
    found: Said = {}
    for name, content in examples().items():
        found.update(said({name: content}, None))
    return found


def test_the_examples_are_of_every_kind_that_is_promised(bare: Said) -> None:
    """What is compared below holds files of each format the workstation says it reads."""
    assert {words[0] for words in bare.values()} >= PROMISED


@pytest.mark.parametrize("wrapping", WRAPPINGS)
def test_every_kind_is_judged_alike_in_every_wrapping(wrapping: str, bare: Said) -> None:
    """Kind, coverage, facts and findings do not depend on what a file came in; its path names the place."""
    inside = wrapped(wrapping, examples())
    names = [name for name in bare if not name.startswith(_OF_ITS_FOLDER)]
    assert {name: inside.get(name) for name in names} == {name: bare[name] for name in names}


@pytest.mark.parametrize("wrapping", [name for name in WRAPPINGS if name != "folder"])
def test_files_that_belong_together_do_so_in_every_wrapping(wrapping: str) -> None:
    """A signature, a list of shards and external data are held against the files beside them everywhere."""
    loose, inside = wrapped("folder", together()), wrapped(wrapping, together())
    assert loose.keys() == together().keys()
    assert {name: inside.get(name) for name in loose} == loose
    coverages = {name: words[1] for name, words in loose.items()}
    assert coverages["altered/model.sig"] == coverages["onnx-short/model.onnx"] == Coverage.DANGEROUS
    assert coverages["onnx/model.onnx"] == coverages["shards/model-1.safetensors"] == Coverage.NOTHING_FOUND
    assert coverages["inventory/docs/bom.json"] == Coverage.NOTHING_FOUND
    assert coverages["inventory-other/docs/bom.json"] == Coverage.INCONCLUSIVE
    assert coverages["shards-missing/model.safetensors.index.json"] == Coverage.INCONCLUSIVE


@pytest.mark.parametrize("wrapping", ["folder", "zip", "tar"])
def test_a_package_says_what_its_files_say_together(wrapping: str, tmp_path: Path) -> None:
    """Kinds, dangerous names and the one signature of a model are facts of the package in any wrapping."""
    files = {name.partition("/")[2]: content for name, content in together().items() if name[:7] == "signed/"}
    files["evil.pkl"] = b"cos\nsystem\n(S'x'\ntR."
    for name, content in WRAPPINGS[wrapping][0](files).items():
        path = tmp_path / "medium" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    facts = package.examine_path(path if wrapping != "folder" else tmp_path / "medium").facts
    assert facts["kinds"] == {"model-signature": 1, "pickle": 1, "text": 1}
    assert facts["dangerous"] == ["os system"]
    assert (facts["signature"], facts["mutation"]) == ("invalid", "extra")
