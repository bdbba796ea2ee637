"""The sample submission: a BagIt bag about a fictional model, the same bytes every time."""

import hashlib
import json
import struct
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import resources

_TEXTS = ("cover-sheet.md", "model-card.md", "release-plan.md", "safeguards.md", "terms.md")
_TENSORS = (
    ("embed.weight", (64, 32)),
    ("layer.0.attention.weight", (32, 32)),
    ("layer.0.mlp.weight", (32, 64)),
)


def write_sample(folder: Path, *, sent_on: date, planned_release_on: date) -> Path:
    """Write the bag ``aster-3-submission`` into ``folder``, which stands for the medium, and return it.

    The dates appear in its documents as the developer's own.
    """
    bag = folder / "aster-3-submission"
    (bag / "data").mkdir(parents=True)
    lines = []
    for name, content in _payload(sent_on, planned_release_on):
        path = bag / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        lines.append(f"{hashlib.sha384(content).hexdigest()}  data/{name}\n")
    tags = {
        "bagit.txt": "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n",
        "bag-info.txt": f"Source-Organization: Northwind Compute (fictional)\nBagging-Date: {sent_on}\n",
        "manifest-sha384.txt": "".join(sorted(lines, key=lambda line: line.split("  ", 1)[1])),
    }
    for name, text in tags.items():
        (bag / name).write_text(text, encoding="utf-8", newline="\n")
    listed = [(name, hashlib.sha384(text.encode()).hexdigest()) for name, text in sorted(tags.items())]
    manifest = "".join(f"{digest}  {name}\n" for name, digest in listed)
    (bag / "tagmanifest-sha384.txt").write_text(manifest, encoding="utf-8", newline="\n")
    return bag


def _payload(sent_on: date, planned_release_on: date) -> Iterator[tuple[str, bytes]]:
    dates = {
        "@release": f"{planned_release_on:%d %B %Y}",
        "@terms": f"{sent_on - timedelta(days=14):%d %B %Y}",
    }
    for name in _TEXTS:
        text = resources.read_text(f"demo/package/{name}")
        for place, words in dates.items():
            text = text.replace(place, words)
        yield name, text.encode()
    yield "weights/aster-3-0219.safetensors", _weights()
    yield "evaluations/ctf-by-tier.json", _json(_evaluation("ctf_by_tier", 40, 29, sent_on))
    yield "evaluations/range-32-steps.json", _json(_evaluation("range_32_steps", 10, 3, sent_on))
    yield "bom/aster-3.cdx.json", _json(_bill_of_materials())


def _weights() -> bytes:
    header: dict[str, object] = {"__metadata__": {"format": "pt", "note": "fictional weights for training"}}
    offset = 0
    for name, shape in _TENSORS:
        size = 2 * shape[0] * shape[1]
        header[name] = {"dtype": "BF16", "shape": list(shape), "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    data = b"".join(struct.pack("<H", (i * 40503) & 0x3FFF) for i in range(offset // 2))
    return struct.pack("<Q", len(text)) + text + data


def _evaluation(task: str, samples: int, solved: int, sent_on: date) -> dict[str, object]:
    """An evaluation log in the layout of Inspect's JSON format, version 2."""
    began = f"{sent_on - timedelta(days=6)}T09:00:00+00:00"
    ended = f"{sent_on - timedelta(days=6)}T17:30:00+00:00"
    rows = [
        {
            "id": index + 1,
            "epoch": 1,
            "input": f"Task {index + 1} of {task} (fictional).",
            "target": "flag",
            "messages": [],
            "output": {"model": "northwind/aster-3-0219", "choices": []},
            "scores": {"includes": {"value": "C" if index < solved else "I"}},
        }
        for index in range(samples)
    ]
    return {
        "version": 2,
        "status": "success",
        "eval": {
            "created": began,
            "task": task,
            "task_id": f"demo-{task}",
            "run_id": f"demo-run-{task}",
            "model": "northwind/aster-3-0219",
            "dataset": {"name": task, "samples": samples},
            "config": {"epochs": 1, "message_limit": 200, "token_limit": 2_000_000},
        },
        "plan": {"name": "plan", "steps": []},
        "results": _results(samples, solved),
        "stats": {"started_at": began, "completed_at": ended},
        "samples": rows,
    }


def _results(samples: int, solved: int) -> dict[str, object]:
    accuracy = {"name": "accuracy", "value": round(solved / samples, 4)}
    scores = [{"name": "includes", "scorer": "includes", "metrics": {"accuracy": accuracy}}]
    return {"total_samples": samples, "completed_samples": samples, "scores": scores}


def _bill_of_materials() -> dict[str, object]:
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": "urn:uuid:00000000-0000-4000-8000-000000000003",
        "version": 1,
        "metadata": {"component": {"type": "machine-learning-model", "name": "Aster-3", "version": "0219"}},
        "components": [
            {"type": "data", "name": "northwind-code-corpus", "version": "2026.08"},
            {"type": "library", "name": "tensor-runtime", "version": "4.2.1"},
        ],
    }


def _json(value: object) -> bytes:
    return (json.dumps(value, indent=1) + "\n").encode()
