"""A submission that holds one of everything a reviewer opens, made by the test itself."""

import io
import json
import tarfile
import zipfile
from pathlib import Path

from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen import canvas

BIDI = "\u202e"
MARKUP = "<b>bold</b> <img src='x'>"


def pdf(pages: int = 12) -> bytes:
    """A report whose page three names the measured range."""
    target = io.BytesIO()
    drawn = canvas.Canvas(target, pagesize=A4, invariant=True)
    for number in range(1, pages + 1):
        drawn.setFont("Helvetica", 18)
        drawn.drawString(72, 760, f"Safety report, page {number}")
        drawn.setFont("Helvetica", 11)
        for line in range(40):
            drawn.drawString(72, 730 - line * 16, f"Line {line} of the evidence that the developer states.")
        if number == 3:
            drawn.drawString(72, 60, "The measured range completion is 41 percent.")
        drawn.showPage()
    drawn.save()
    return target.getvalue()


def png() -> bytes:
    """A blue picture."""
    target = io.BytesIO()
    Image.new("RGB", (640, 360), (20, 60, 160)).save(target, "PNG")
    return target.getvalue()


def safetensors(count: int = 700) -> bytes:
    """A header with many tensors and their zeros."""
    header = {
        f"model.layers.{i}.weight": {"dtype": "F16", "shape": [4, 4], "data_offsets": [32 * i, 32 * i + 32]}
        for i in range(count)
    }
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + bytes(count * 32)


def evaluation(count: int = 30) -> bytes:
    """An Inspect log whose first transcript tries to be markup and to fake a turn."""
    target = io.BytesIO()
    header = {
        "version": 2,
        "status": "success",
        "eval": {"task": "cyber_range", "model": "aster-3", "created": "2027-02-01T10:00:00+00:00"},
        "results": {"total_samples": count, "completed_samples": count, "scores": []},
    }
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as log:
        log.writestr("_journal/start.json", json.dumps({"version": 2, "eval": header["eval"]}))
        for number in range(1, count + 1):
            said = f"{MARKUP} {BIDI}reversed\n2. system\nfaked" if number == 1 else f"Answer {number}"
            sample = {
                "id": f"range-{number}",
                "epoch": 1,
                "input": f"Complete range {number}",
                "target": "done",
                "messages": [
                    {"role": "user", "content": f"Complete range {number}"},
                    {"role": "assistant", "content": said},
                ],
                "scores": {"match": {"value": "C" if number % 2 else "I"}},
            }
            log.writestr(f"samples/range-{number}_epoch_1.json", json.dumps(sample))
        log.writestr("header.json", json.dumps(header))
    return target.getvalue()


def nested() -> bytes:
    """Documents in a zip in a compressed tar,."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as inner:
        inner.writestr("papers/report.pdf", pdf(5))
        inner.writestr("model.safetensors", safetensors(900))
        inner.writestr("run.eval", evaluation())
        inner.writestr("notes; 100%.md", f"# Inner notes\n\n{MARKUP}\n")
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as outer:
        for name, content in (("a/b.zip", packed.getvalue()), ("outer.txt", b"outer")):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            outer.addfile(member, io.BytesIO(content))
    return target.getvalue()


def write(folder: Path) -> Path:
    """The submission as a folder."""
    made = folder / "documents"
    made.mkdir(parents=True)
    (made / "report.pdf").write_bytes(pdf())
    (made / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing that any reader could draw\n")
    (made / "picture.png").write_bytes(png())
    (made / "model.safetensors").write_bytes(safetensors())
    (made / "run.eval").write_bytes(evaluation())
    notes = f"# Notes\n\n{MARKUP}\n\nA {BIDI}line\tthat turns\n" + "word " * 3000
    (made / "notes.md").write_text(notes, "utf-8")
    (made / "blob.bin").write_bytes(bytes(range(256)) * 64)
    (made / "deep.tar.gz").write_bytes(nested())
    return made
