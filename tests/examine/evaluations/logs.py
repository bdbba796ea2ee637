"""Evaluation logs built for the tests."""

import io
import json
import struct
import zipfile
import zlib
from typing import Any

import zstandard


def sample(number: int, epoch: int = 1, **more: Any) -> dict[str, Any]:
    """One sample with two messages and a tool call."""
    return {
        "id": number,
        "epoch": epoch,
        "input": f"Question {number}",
        "target": "A",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": [{"type": "text", "text": f"Question {number}"}, {"type": "image"}]},
            {
                "role": "assistant",
                "content": "<b>bold</b>",
                "tool_calls": [{"function": "bash", "arguments": {"cmd": "ls"}}],
            },
        ],
        "scores": {"match": {"value": "C"}},
        **more,
    }


def header(status: str = "success", total: int = 2, **more: Any) -> dict[str, Any]:
    """The description of a run."""
    return {
        "version": 2,
        "status": status,
        "eval": {
            "task": "arith",
            "model": "mock/model",
            "created": "2026-01-01T00:00:00Z",
            "dataset": {"name": "sums", "samples": total},
            "config": {"epochs": 1},
            "packages": {"inspect_ai": "0.3"},
        },
        "results": {
            "total_samples": total,
            "completed_samples": total,
            "scores": [{"name": "match", "metrics": {"accuracy": {"name": "accuracy", "value": 0.5}}}],
        },
        **more,
    }


def json_log(samples: int = 2, **more: Any) -> bytes:
    """A log in JSON."""
    rows = [sample(number) for number in range(samples)]
    return json.dumps({**header(total=samples, **more), "samples": rows}).encode()


def members(samples: int = 2, **more: Any) -> dict[str, bytes]:
    """The members of a zipped log."""
    rows = [sample(number) for number in range(samples)]
    summaries = [{name: row[name] for name in ("id", "epoch", "input", "target", "scores")} for row in rows]
    start = {name: header()[name] for name in ("version", "eval")}
    return {
        "_journal/start.json": json.dumps(start).encode(),
        **{f"samples/{row['id']}_epoch_1.json": json.dumps(row).encode() for row in rows},
        "summaries.json": json.dumps(summaries).encode(),
        "header.json": json.dumps(header(total=samples, **more)).encode(),
    }


def zip_log(content: dict[str, bytes]) -> bytes:
    """A deflated zip."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in content.items():
            archive.writestr(name, body)
    return buffer.getvalue()


def zstd_log(content: dict[str, bytes]) -> bytes:
    """A zip whose members are Zstandard (method 93), which Python's own module cannot write."""
    body, directory = b"", b""
    for name, raw in content.items():
        packed = zstandard.ZstdCompressor().compress(raw)
        middle = struct.pack(
            "<HHHHHIIIHH", 63, 0, 93, 0, 33, zlib.crc32(raw), len(packed), len(raw), len(name), 0
        )
        directory += b"PK\x01\x02" + struct.pack("<H", 63) + middle
        directory += struct.pack("<HHHII", 0, 0, 0, 0, len(body)) + name.encode()
        body += b"PK\x03\x04" + middle + name.encode() + packed
    end = struct.pack(
        "<4sHHHHIIH", b"PK\x05\x06", 0, 0, len(content), len(content), len(directory), len(body), 0
    )
    return body + directory + end
