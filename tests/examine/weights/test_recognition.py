"""Weights are recognised by their bytes, and every reason the readers give is explained."""

import pickle
import re
import tomllib
from pathlib import Path

import pytest

import resources
from tests.examine.weights.test_gguf import made as made_gguf
from tests.examine.weights.test_safetensors import made as made_safetensors
from workstation import examine
from workstation.examine import dispatch
from workstation.examine.formats import Match, Sample
from workstation.examine.reader import BytesSource
from workstation.examine.weights import formats


def kind_of(content: bytes, name: str) -> str | None:
    """The kind that wins among the formats of weights."""
    sample = Sample(BytesSource(content, name))
    best = max(formats.FORMATS, key=lambda line: line.detect(sample))
    return best.kind if best.detect(sample) is not Match.NO else None


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (made_safetensors({}), "x.safetensors", "safetensors"),
        (made_safetensors({}), "renamed.txt", "safetensors"),
        (made_gguf([], []), "renamed.bin", "gguf"),
        (pickle.dumps([1], 2), "readme.txt", "pickle"),
        (pickle.dumps([1], 4), "data", "pickle"),
        (b"cos\nsystem\n(S'x'\ntR.", "notes.txt", "pickle"),
        (b"(S'x'\nios\nsystem\n.", "notes.txt", "pickle"),
        (b"\x89PNG\r\n\x1a\n", "model.pt", "pickle"),
        (b"\x89HDF\r\n\x1a\n", "model.bin", "hdf5"),
        (b"\0\0\0\0TFL3", "model.bin", "tflite"),
        (b"\x93NUMPY\x01\x00", "x.bin", "npy"),
        (b"\x08\x08\x12\x05tests\x1a\x01x", "model", "onnx"),
        (b'{"chat_template": "x"}', "any.json", "model-settings"),
        (b'{"class_name": "Sequential", "config": {}}', "config.json", "model-settings"),
        (b'{"results": {}, "chat_template": null}', "results.json", None),
        (b'{"a": 1}', "other.json", None),
        (b"plain words\nand more words\n", "readme.txt", None),
        (b"import os\n", "model.py", "source-code"),
        (b"x", "weights.engine", "other-weights"),
    ],
)
def test_bytes_decide_and_names_only_hint(content: bytes, name: str, kind: str | None) -> None:
    """A renamed file is read as what it is; a file that promises weights is held to it."""
    assert kind_of(content, name) == kind


@pytest.mark.parametrize("line", formats.FORMATS, ids=lambda line: line.kind)
def test_every_reader_of_the_table_exists(line: formats.Format) -> None:
    """Each line of the table names a module with an examiner."""
    assert callable(dispatch.load(line).examine)


def used_codes() -> set[str]:
    """The reason codes in the source of the weights readers."""
    folder = Path(next(iter(examine.__path__))) / "weights"
    found: set[str] = set()
    for path in folder.glob("*.py"):
        text = path.read_text(encoding="utf-8")
        found.update(re.findall(r'"((?:MODEL|TEMPLATE)[A-Z_]*(?::[a-z-]+)?)"', text))
        found.update(f"MODEL:{kind}" for kind in re.findall(r'broken\(\s*"([a-z0-9-]+)"', text))
        found.update(
            f"MODEL:{kind}" for kind in re.findall(r'"(overlap|hole)" if .* else "(?:hole|overlap)"', text)
        )
        found.update(f"MODEL:{kind}" for kind in re.findall(r'require_distinct\("([a-z-]+)"', text))
    for fault in ("empty", "nul", "drive", "absolute", "url", "traversal"):
        found.update({f"MODEL:external-data-{fault}", f"MODEL:shard-{fault}"})
    return found


def test_every_reason_code_is_explained_and_none_is_left_over() -> None:
    """The vocabulary holds exactly the codes that the readers use, each with its three texts."""
    listed = tomllib.loads(resources.read_text("vocabularies/reason-codes/weights.toml"))
    assert set(listed) == used_codes()
    assert all(set(texts) == {"title", "what", "next"} and all(texts.values()) for texts in listed.values())
