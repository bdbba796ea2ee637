"""The examination room without a sandbox, for tests of workflows and of the window: no child process.

Passes ``tests/contract/test_examiners.py`` like the real one. It reads only what tests write themselves:
never use it for anything else.
"""

import hashlib
import io
import json
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from PIL import Image

from workstation.core import viewing
from workstation.core.examination import (
    Coverage,
    Examination,
    ExaminedFile,
    Finding,
    Outcome,
    Severity,
    outcome_of,
)
from workstation.core.jobs import JobCancelled, JobControl, Progress
from workstation.core.packages import Hole
from workstation.core.service_ports import Siblings
from workstation.core.vault import SealedSource
from workstation.core.viewing import CannotShow
from workstation.examine.package import NotExaminable
from workstation.examine.reader import BytesSource

T = TypeVar("T")
_PAGE_CHARS = 50_000
_PIECE_BYTES = 1 << 20
_TEXT = {"md": "markdown", "txt": "text", "json": "json"}


@dataclass(frozen=True, kw_only=True)
class MemoryMember:
    """``PackageMember`` over bytes."""

    path: str
    size_bytes: int
    chunks: Iterator[bytes]
    holes: tuple[Hole, ...] = ()
    kind: str = "unknown"


@dataclass(kw_only=True)
class MemoryPackage:
    """``OpenPackage`` over the files a test wrote."""

    kind: str
    files: list[tuple[str, bytes]]
    job: JobControl
    container: bytes | None = None
    examination: Examination
    manifests: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    payload_prefix: str = ""
    skipped: list[Finding] = field(default_factory=list)

    def members(self) -> Iterator[MemoryMember]:
        """See the port."""
        if self.examination.outcome is Outcome.REJECT and self.container is not None:
            return
        taken: dict[str, int] = {}
        for path, content in self.files:
            self.job.tick(Progress(stage="intake.read", untrusted_detail=path))
            number = taken[path] = taken.get(path, 0) + 1
            named = path if number == 1 else f"{path}#{number}"
            yield MemoryMember(path=named, size_bytes=len(content), chunks=_pieces(content))

    def whole(self) -> Iterator[bytes] | None:
        """See the port."""
        return None if self.container is None else _pieces(self.container)


def _pieces(content: bytes) -> Iterator[bytes]:
    return (content[at : at + _PIECE_BYTES] for at in range(0, len(content), _PIECE_BYTES))


def _opened(path: Path, job: JobControl) -> MemoryPackage:
    if path.is_symlink() or not (path.is_file() or path.is_dir()):
        raise NotExaminable(path=str(path))
    job.tick(Progress(stage="intake.read"))
    if path.is_dir():
        found = sorted((str(one.relative_to(path)), one) for one in path.rglob("*") if one.is_file())
        return _described("folder", [(name, one.read_bytes()) for name, one in found], job, None)
    container = path.read_bytes()
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as packed:
            files = [(one.filename, packed.read(one)) for one in packed.infolist() if not one.is_dir()]
        return _described("zip", files, job, container)
    if tarfile.is_tarfile(path):
        with tarfile.open(path) as archive:
            members = [(one.name, archive.extractfile(one)) for one in archive.getmembers() if one.isfile()]
            files = [(name.removeprefix("./"), opened.read() if opened else b"") for name, opened in members]
        return _described("tar", files, job, container)
    return _described("file", [(path.name, container)], job, container)


def _described(
    kind: str, files: list[tuple[str, bytes]], job: JobControl, container: bytes | None
) -> MemoryPackage:
    escaping = [path for path, _content in files if path.startswith("/") or ".." in path.split("/")]
    findings = tuple(
        Finding(code="ARCHIVE_ESCAPES", severity=Severity.DANGER, path=path) for path in escaping
    )
    manifests: dict[str, dict[str, str]] = {}
    by_path = dict(files)
    if "bagit.txt" in by_path:
        kind = "bag" if kind == "folder" else kind
        for path, content in files:
            algorithm = path.removeprefix("tag").removeprefix("manifest-").removesuffix(".txt")
            if algorithm in hashlib.algorithms_available:
                for line in content.decode().splitlines():
                    digest, _, name = line.partition("  ")
                    manifests.setdefault(name, {})[algorithm] = digest
    return MemoryPackage(
        kind=kind,
        files=files,
        job=job,
        container=container,
        examination=Examination(outcome=outcome_of(findings), kind=kind, findings=findings),
        manifests=manifests,
        payload_prefix="data/" if "bagit.txt" in by_path else "",
    )


@dataclass
class MemoryExaminer:
    """``FileExaminer`` that knows text, pictures, and the one pickle that runs a command."""

    job: JobControl
    answers: Mapping[str, Examination]

    def examine(self, source: SealedSource, *, name: str, folder: Siblings) -> Examination:
        """See the port."""
        self.job.tick(Progress(stage="intake.examine", untrusted_detail=name))
        if name in self.answers:
            return self.answers[name]
        content = source.read_at(0, source.size_bytes)
        kind, coverage, finding = _judged(name, content)
        findings = () if finding is None else (replace(finding, path=name),)
        file = ExaminedFile(path=name, size_bytes=len(content), kind=kind, coverage=coverage)
        return Examination(outcome=outcome_of(findings), kind=kind, findings=findings, files=(file,))

    def examine_small(
        self, files: Sequence[tuple[str, SealedSource]], *, folder: Siblings
    ) -> list[Examination]:
        """See the port."""
        return [self.examine(source, name=name, folder=folder) for name, source in files]


def _judged(name: str, content: bytes) -> tuple[str, Coverage, Finding | None]:
    if b"cos\nsystem" in content:
        return "pickle", Coverage.DANGEROUS, Finding(code="PICKLE_CALL", severity=Severity.DANGER)
    if content.startswith(b"\x89PNG"):
        return "png", Coverage.NOTHING_FOUND, None
    try:
        content.decode()
    except UnicodeDecodeError:
        return "unknown", Coverage.INCONCLUSIVE, None
    return _TEXT.get(name.rpartition(".")[2], "text"), Coverage.NOTHING_FOUND, None


class MemoryViewer:
    """``Viewer`` of text, of PNG pictures, and of the bytes of anything."""

    def __init__(self, source: SealedSource, *, kind: str) -> None:
        self._source, self._kind, self._is_open = source, kind, True
        self._outer = source, kind
        self.isolation: tuple[str, ...] = ()

    def close(self) -> None:
        """See the port."""
        self._is_open = False

    def turn_to(self, source: SealedSource, *, kind: str) -> None:
        """See the port."""
        self._source, self._kind = self._outer = source, kind

    def _look(self, job: JobControl, look: Callable[[bytes], T]) -> T:
        if job.is_cancelled or not self._is_open:
            raise JobCancelled
        content = self._source.read_at(0, self._source.size_bytes)
        try:
            return look(content)
        except (OSError, ValueError, SyntaxError, zipfile.BadZipFile) as error:
            raise CannotShow(reason_code="VIEW_FAILED", untrusted_detail=str(error)) from error

    def _pages(self, content: bytes) -> list[str]:
        text = content.decode("utf-8", "replace") if self._kind in _TEXT.values() else ""
        return [text[at : at + _PAGE_CHARS] for at in range(0, len(text), _PAGE_CHARS)] or [""]

    def _page(self, content: bytes, number: int) -> str:
        pages = self._pages(content)
        if number >= len(pages):
            raise CannotShow(reason_code="VIEW_NO_PAGE")
        shown = "".join(c if c.isprintable() or c in "\n\t" else f"<U+{ord(c):04X}>" for c in pages[number])
        return shown[: viewing.MAX_TEXT_CHARS]

    def page_count(self, job: JobControl) -> int:
        """See the port."""
        return self._look(job, lambda content: len(self._pages(content)))

    def page(self, number: int, width_px: int, job: JobControl) -> viewing.Picture:
        """See the port."""
        if self._kind != "png":
            raise CannotShow(reason_code="VIEW_NO_PIXELS", untrusted_detail=self._kind)
        return self._look(job, lambda content: _picture(content, min(width_px, viewing.MAX_PICTURE_WIDTH_PX)))

    def text(self, number: int, job: JobControl) -> str:
        """See the port."""
        return self._look(job, lambda content: self._page(content, number))

    def find(self, text: str, first: int, count: int, job: JobControl) -> viewing.TextHits:
        """See the port."""
        pages = self._look(job, self._pages)[first : first + count]
        hits = [
            viewing.TextHit(
                page=number, untrusted_excerpt=page[page.casefold().index(text.casefold()) :][:120]
            )
            for number, page in enumerate(pages, start=first)
            if text and text.casefold() in page.casefold()
        ]
        return viewing.TextHits(hits=tuple(hits[: viewing.MAX_ROWS]), cut=len(hits) > viewing.MAX_ROWS)

    def samples(self, start: int, job: JobControl) -> viewing.SampleRows:
        """See the port: no log is known here."""
        return self._look(job, self._no_log)

    def sample(self, key: str, first_turn: int, job: JobControl) -> viewing.Transcript:
        """See the port: no log is known here."""
        return self._look(job, self._no_log)

    def _no_log(self, content: bytes) -> T:
        raise CannotShow(reason_code="VIEW_FAILED", untrusted_detail=self._kind)

    def tensors(self, start: int, name: str, job: JobControl) -> viewing.TensorRows:
        """See the port."""
        rows = self._look(job, _tensors)[start:]
        wanted = [row for row in rows if name.casefold() in row.untrusted_name.casefold()]
        past = wanted[viewing.MAX_ROWS : viewing.MAX_ROWS + 1]
        return viewing.TensorRows(
            rows=tuple(wanted[: viewing.MAX_ROWS]), next_start=past[0].number if past else None
        )

    def members(self, start: int, name: str, job: JobControl) -> viewing.MemberRows:
        """See the port; of a zip."""
        found = self._look(job, _entries)
        rows = [
            viewing.MemberRow(number=number, untrusted_name=path, size_bytes=len(content))
            for number, (path, content) in enumerate(found.items())
        ]
        wanted = [row for row in rows[start:] if name.casefold() in row.untrusted_name.casefold()]
        past = wanted[viewing.MAX_ROWS : viewing.MAX_ROWS + 1]
        return viewing.MemberRows(
            rows=tuple(wanted[: viewing.MAX_ROWS]),
            next_start=past[0].number if past else None,
            total=len(rows),
        )

    def enter(self, inside: Sequence[str], job: JobControl) -> viewing.Inner:
        """See the port; into zips."""
        before = self._source, self._kind
        self._source, self._kind = self._outer
        try:
            for name in inside:
                self._step_into(name, self._look(job, _entries))
        except BaseException:
            self._source, self._kind = before
            raise
        return viewing.Inner(kind=self._kind, size_bytes=self._source.size_bytes)

    def _step_into(self, name: str, found: Mapping[str, bytes]) -> None:
        if name not in found:
            raise CannotShow(reason_code="VIEW_NO_MEMBER")
        self._source = BytesSource(found[name], name)
        self._kind = "zip" if found[name].startswith(b"PK") else _judged(name, found[name])[0]

    def bytes_at(self, offset: int, job: JobControl) -> str:
        """See the port."""
        return self._look(job, lambda content: _table(content, offset))


def _picture(content: bytes, width_px: int) -> viewing.Picture:
    with Image.open(io.BytesIO(content)) as opened:
        height_px = max(1, round(opened.height * width_px / opened.width))
        drawn = opened.convert("RGB").resize((width_px, height_px))
        return viewing.Picture(width_px=drawn.width, height_px=drawn.height, rgb=drawn.tobytes())


def _entries(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return {one.filename: packed.read(one) for one in packed.infolist() if not one.is_dir()}


def _tensors(content: bytes) -> list[viewing.TensorRow]:
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    return [
        viewing.TensorRow(
            number=number,
            untrusted_name=name,
            dtype=one["dtype"],
            shape=" x ".join(map(str, one["shape"])),
            offset=one["data_offsets"][0],
            size_bytes=one["data_offsets"][1] - one["data_offsets"][0],
        )
        for number, (name, one) in enumerate(
            (pair for pair in header.items() if pair[0] != "__metadata__"), start=0
        )
    ]


def _table(content: bytes, offset: int) -> str:
    page = content[offset : offset + viewing.BYTES_A_PAGE]
    lines = []
    for at in range(0, len(page), 16):
        part = page[at : at + 16]
        letters = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in part)
        lines.append(f"{offset + at:12d}  {part.hex(' '):<47}  {letters}")
    return "\n".join(lines)


@dataclass
class MemoryExaminers:
    """``Examiners``; ``answers`` says by path what the examination of a file shall find."""

    answers: dict[str, Examination] = field(default_factory=dict)

    @contextmanager
    def open_package(self, path: Path, job: JobControl) -> Iterator[MemoryPackage]:
        """See the port."""
        yield _opened(path, job)

    @contextmanager
    def open_examiner(self, job: JobControl) -> Iterator[MemoryExaminer]:
        """See the port."""
        yield MemoryExaminer(job, self.answers)

    def open_viewer(self, source: SealedSource, *, kind: str) -> MemoryViewer:
        """See the port."""
        return MemoryViewer(source, kind=kind)
