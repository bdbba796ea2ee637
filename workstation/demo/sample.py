"""The sample submissions: BagIt bags about fictional models, the same bytes every time."""

import hashlib
import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import resources

_TEXTS = ("cover-sheet.md", "model-card.md", "release-plan.md", "safeguards.md", "terms.md")
_TENSORS = (
    ("embed.weight", (64, 32)),
    ("layer.0.attention.weight", (32, 32)),
    ("layer.0.mlp.weight", (32, 64)),
)


@dataclass(frozen=True, kw_only=True)
class Invented:
    """A model and its developer, neither of which exists."""

    model: str
    release: str
    developer: str
    house: str  # the developer's name in identifiers
    weights_step: int  # any odd number; another one makes other weights

    @property
    def name(self) -> str:
        """The model in identifiers and file names."""
        return self.model.lower()

    @property
    def checkpoint(self) -> str:
        """Which of its checkpoints is sent."""
        return f"{self.name}-{self.release}"

    def told(self, text: str) -> str:
        """A text about the first of the models as one about this one."""
        for theirs, mine in (
            (ASTER.checkpoint, self.checkpoint),
            (ASTER.model, self.model),
            (ASTER.name, self.name),
            (ASTER.developer, self.developer),
            (ASTER.house, self.house),
            (f'"{ASTER.release}"', f'"{self.release}"'),
        ):
            text = text.replace(theirs, mine)
        return text


ASTER = Invented(
    model="Aster-3", release="0219", developer="Northwind Compute", house="northwind", weights_step=40503
)
BIRCH = Invented(
    model="Birch-1", release="0112", developer="Halden Systems", house="halden", weights_step=52711
)
CEDAR = Invented(
    model="Cedar-2", release="0305", developer="Morrow Machines", house="morrow", weights_step=61091
)


def write_sample(folder: Path, *, sent_on: date, planned_release_on: date, about: Invented = ASTER) -> Path:
    """Write the bag ``<model>-submission`` into ``folder``, which stands for the medium, and return it.

    The dates appear in its documents as the developer's own.
    """
    bag = folder / f"{about.name}-submission"
    (bag / "data").mkdir(parents=True)
    lines = []
    for name, content in _payload(sent_on, planned_release_on, about):
        path = bag / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        lines.append(f"{hashlib.sha384(content).hexdigest()}  data/{name}\n")
    tags = {
        "bagit.txt": "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n",
        "bag-info.txt": f"Source-Organization: {about.developer} (fictional)\nBagging-Date: {sent_on}\n",
        "manifest-sha384.txt": "".join(sorted(lines, key=lambda line: line.split("  ", 1)[1])),
    }
    for name, text in tags.items():
        (bag / name).write_text(text, encoding="utf-8", newline="\n")
    listed = [(name, hashlib.sha384(text.encode()).hexdigest()) for name, text in sorted(tags.items())]
    manifest = "".join(f"{digest}  {name}\n" for name, digest in listed)
    (bag / "tagmanifest-sha384.txt").write_text(manifest, encoding="utf-8", newline="\n")
    return bag


def _payload(sent_on: date, planned_release_on: date, about: Invented) -> Iterator[tuple[str, bytes]]:
    dates = {
        "@release": f"{planned_release_on:%d %B %Y}",
        "@terms": f"{sent_on - timedelta(days=14):%d %B %Y}",
    }
    for name in _TEXTS:
        text = resources.read_text(f"demo/package/{name}")
        for place, words in dates.items():
            text = text.replace(place, words)
        yield name, about.told(text).encode()
    yield f"weights/{about.checkpoint}.safetensors", _weights(about.weights_step)
    yield "evaluations/ctf-by-tier.json", _json(_evaluation("ctf_by_tier", 40, 29, sent_on), about)
    yield "evaluations/range-32-steps.json", _json(_evaluation("range_32_steps", 10, 3, sent_on), about)
    yield f"bom/{about.name}.cdx.json", _json(_bill_of_materials(), about)


def _weights(step: int) -> bytes:
    header: dict[str, object] = {"__metadata__": {"format": "pt", "note": "fictional weights for training"}}
    offset = 0
    for name, shape in _TENSORS:
        size = 2 * shape[0] * shape[1]
        header[name] = {"dtype": "BF16", "shape": list(shape), "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    data = b"".join(struct.pack("<H", (i * step) & 0x3FFF) for i in range(offset // 2))
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


def _json(value: object, about: Invented) -> bytes:
    return (about.told(json.dumps(value, indent=1)) + "\n").encode()
