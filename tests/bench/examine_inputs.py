"""Large and hostile inputs for measuring the examination, written as streams and mostly sparse."""

import bz2
import hashlib
import io
import json
import lzma
import os
import random
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import zstandard

from tests.helpers import documents

_MIB = 1 << 20
_BLOCK_BYTES = 16 * _MIB


@dataclass(frozen=True, kw_only=True)
class Case:
    """One input; ``write`` makes it at a path, at most ``scale`` times its full size."""

    name: str
    file: str  # its name is part of how it is recognised
    write: Callable[[Path, float], None]
    peers: tuple[str, ...] = ()
    expands_bytes: int = 0  # what a careless reader would unpack


def _weights(path: Path, scale: float) -> None:
    size = int((20 << 30) * scale)
    header = json.dumps({"w": {"dtype": "U8", "shape": [size], "data_offsets": [0, size]}}).encode()
    with path.open("wb") as file:
        file.write(len(header).to_bytes(8, "little") + header)
        file.truncate(8 + len(header) + size)


def _checkpoint(path: Path, scale: float) -> None:
    """A PyTorch archive with stored tensors of zeros; its pickle names torch and nothing else."""
    count, storage_bytes = 64, int(16 * _MIB * scale)
    pickled = b"\x80\x02}q\x00."
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("model/data.pkl", pickled)
        archive.writestr("model/version", b"3\n")
        for number in range(count):
            archive.writestr(f"model/data/{number}", bytes(storage_bytes))


def _small_files(scale: float) -> Iterator[tuple[str, bytes]]:
    """300,000 names with a little JSON behind each."""
    for number in range(int(300_000 * scale)):
        content = b'{"n": %d, "text": "a sample of some words, as a set of real samples has them"}' % number
        yield f"data/{number // 1000:03}/{number}.json", content


def _many_in_zip(path: Path, scale: float) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in _small_files(scale):
            archive.writestr(name, content)


def _many_in_tar(path: Path, scale: float) -> None:
    with tarfile.open(path, "w") as archive:
        for name, content in _small_files(scale):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))


def _names_alone(path: Path, scale: float) -> None:
    """As many names with nothing behind them."""
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(max(20_000, int(300_000 * scale))):
            archive.writestr(f"d/{number}", b"")


def _samples(total_bytes: int) -> Iterator[tuple[int, bytes]]:
    """Samples of about a mebibyte, alike but for their number and their noise."""
    noise = random.Random(5)  # noqa: S311 - the same input every time
    for number in range(1, max(2, total_bytes // _MIB) + 1):
        turns = [
            {"role": role, "content": noise.randbytes(8_000).hex() + " \u202e" + "word " * 3_000}
            for role in ("user", "assistant") * 16
        ]
        score = {"match": {"value": "C" if number % 2 else "I", "answer": "a"}}
        yield (
            number,
            json.dumps(
                {"id": number, "epoch": 1, "input": "q", "target": "a", "messages": turns, "scores": score}
            ).encode(),
        )


def _run_header() -> dict[str, object]:
    spec = {"task": "t", "model": "m", "created": "2026-01-01T00:00:00+00:00", "dataset": {"name": "d"}}
    metric = {"accuracy": {"name": "accuracy", "value": 0.5}}
    return {
        "version": 2,
        "status": "success",
        "eval": spec,
        "results": {"scores": [{"name": "match", "metrics": metric}]},
    }


def _log_json(path: Path, scale: float) -> None:
    with path.open("wb") as file:
        file.write(json.dumps(_run_header()).encode()[:-1] + b', "samples": [')
        for number, sample in _samples(int((2 << 30) * scale)):
            file.write((b", " if number > 1 else b"") + sample)
        file.write(b"]}")


def _log_eval(path: Path, scale: float) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("_journal/start.json", json.dumps(_run_header()))
        for number, sample in _samples(int((2 << 30) * scale)):
            archive.writestr(f"samples/{number}_epoch_1.json", sample)
        archive.writestr("header.json", json.dumps(_run_header()))


def _bag(path: Path, scale: float) -> None:
    """20,000 small files with a SHA-384 manifest."""
    noise, lines = random.Random(7), []  # noqa: S311 - the same input every time
    for number in range(int(20_000 * scale)):
        name, content = (
            f"data/{number // 500:03}/{number}.json",
            json.dumps({"n": noise.randbytes(6_000).hex()}),
        )
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(content, encoding="ascii")
        lines.append(f"{hashlib.sha384(content.encode()).hexdigest()}  {name}\n")
    (path / "bagit.txt").write_text(
        "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n", encoding="ascii"
    )
    (path / "manifest-sha384.txt").write_text("".join(lines), encoding="ascii")


def _raw_zeros(blocks: int) -> tuple[bytes, int]:
    """A raw deflate stream of so many blocks of zeros, and their CRC-32."""
    engine = zlib.compressobj(9, zlib.DEFLATED, -15)
    first = engine.compress(bytes(_BLOCK_BYTES)) + engine.flush(zlib.Z_FULL_FLUSH)
    again = engine.compress(bytes(_BLOCK_BYTES)) + engine.flush(zlib.Z_FULL_FLUSH)
    crc = 0
    for _ in range(blocks):
        crc = zlib.crc32(bytes(_BLOCK_BYTES), crc)
    return first + again * (blocks - 1) + engine.flush(), crc


def _blocks(scale: float, full_bytes: int = 16 << 30) -> int:
    return max(2, int(full_bytes * scale) // _BLOCK_BYTES)


def _bomb_zip(path: Path, scale: float) -> None:
    """Four members that say how large they are: each just below 4 GiB."""
    blocks = _blocks(scale, (4 << 30) - _BLOCK_BYTES)
    raw, crc = _raw_zeros(blocks)
    path.write_bytes(_zip_of([(f"{n}.txt".encode(), raw, crc, blocks * _BLOCK_BYTES) for n in range(4)]))


def _zip_of(members: list[tuple[bytes, bytes, int, int]]) -> bytes:
    body, directory = bytearray(), bytearray()
    for name, raw, crc, size in members:
        fields = struct.pack("<HHHHHLLLHH", 20, 0, 8, 0, 0x21, crc, len(raw), size, len(name), 0)
        directory += (
            b"PK\x01\x02"
            + struct.pack("<H", 0x314)
            + fields
            + struct.pack("<HHHLL", 0, 0, 0, 0o100644 << 16, len(body))
            + name
        )
        body += b"PK\x03\x04" + fields + name + raw
    count = len(members)
    end = struct.pack("<HHHHLLH", 0, 0, count, count, len(directory), len(body), 0)
    return bytes(body + directory + b"PK\x05\x06" + end)


def _bomb_overlap(path: Path, scale: float) -> None:
    """Many directory entries over one and the same stream."""
    blocks = _blocks(scale, 256 << 20)
    raw, crc = _raw_zeros(blocks)
    single = _zip_of([(b"a.txt", raw, crc, blocks * _BLOCK_BYTES)])
    end = single.rfind(b"PK\x05\x06")
    start = single.find(b"PK\x01\x02", len(raw))
    entry, count = single[start:end], 4_000
    tail = struct.pack("<HHHHLLH", 0, 0, count, count, count * len(entry), start, 0)
    path.write_bytes(single[:start] + entry * count + b"PK\x05\x06" + tail)


def _bomb_nested(path: Path, scale: float) -> None:
    """Zips of ten alike zips, five deep."""
    blocks = _blocks(scale, 1 << 30)
    raw, crc = _raw_zeros(blocks)
    inner = _zip_of([(b"0.txt", raw, crc, blocks * _BLOCK_BYTES)])
    for _ in range(5):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(10):
                archive.writestr(f"{number}.zip", inner)
        inner = packed.getvalue()
    path.write_bytes(inner)


def _bomb_gzip(path: Path, scale: float) -> None:
    """One member; the length at its end is that of the whole, modulo 4 GiB, as the format has it."""
    blocks = _blocks(scale)
    raw, crc = _raw_zeros(blocks)
    head = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
    path.write_bytes(head + raw + struct.pack("<LL", crc, (blocks * _BLOCK_BYTES) & 0xFFFFFFFF))


def _repeated(pack: Callable[[bytes], bytes]) -> Callable[[Path, float], None]:
    """Streams one after the other, as bzip2, xz and zstd allow."""

    def write(path: Path, scale: float) -> None:
        path.write_bytes(pack(bytes(_BLOCK_BYTES)) * _blocks(scale))

    return write


def _bomb_lzma(path: Path, scale: float) -> None:
    engine = lzma.LZMACompressor(format=lzma.FORMAT_ALONE, preset=0)
    with path.open("wb") as file:
        for _ in range(_blocks(scale, 1 << 30)):
            file.write(engine.compress(bytes(_BLOCK_BYTES)))
        file.write(engine.flush())


def _bomb_tar_gz(path: Path, scale: float) -> None:
    """A tar with one huge member behind gzip."""
    blocks = _blocks(scale, 7 << 30)
    info = tarfile.TarInfo("weights.bin")
    info.size = blocks * _BLOCK_BYTES
    head, zeros, end = info.tobuf(), bytes(_BLOCK_BYTES), bytes(1024)
    engine = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = engine.compress(head) + engine.flush(zlib.Z_FULL_FLUSH)
    # After a full flush nothing refers back, so one packed block stands for all alike.
    again = engine.compress(zeros) + engine.flush(zlib.Z_FULL_FLUSH)
    crc = zlib.crc32(head)
    for _ in range(blocks):
        crc = zlib.crc32(zeros, crc)
    last = engine.compress(end) + engine.flush()
    size = len(head) + info.size + len(end)
    trailer = struct.pack("<LL", zlib.crc32(end, crc), size & 0xFFFFFFFF)
    path.write_bytes(b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + packed + again * blocks + last + trailer)


def _bomb_png(path: Path, scale: float) -> None:
    """A picture of a few hundred kilobytes and most of a gigabyte of pixels."""
    side = max(1_000, int(16_000 * scale**0.5))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))

    engine = zlib.compressobj(9)
    rows = b"".join([*(engine.compress(bytes(side * 3 + 1)) for _ in range(side)), engine.flush()])
    head = struct.pack(">LLBBBBB", side, side, 8, 2, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b""))


def _bomb_pdf(path: Path, scale: float) -> None:
    """A page whose content is a gibibyte of blanks, twice packed."""
    blank = zlib.compressobj(9)
    once = (
        b"".join(blank.compress(b" " * _BLOCK_BYTES) for _ in range(_blocks(scale, 1 << 30))) + blank.flush()
    )
    twice = zlib.compress(once, 9)

    def change(document: object) -> None:
        import pikepdf

        assert isinstance(document, pikepdf.Pdf)
        stream = document.make_stream(b"")
        filters = pikepdf.Array([pikepdf.Name.FlateDecode, pikepdf.Name.FlateDecode])
        stream.write(twice, filter=filters)
        document.pages[0].obj.Contents = stream

    path.write_bytes(documents.pdf(change, stream_decode_level=0, compress_streams=False))


def _bomb_docx(path: Path, scale: float) -> None:
    """A document part of blanks."""
    filler = b" " * _BLOCK_BYTES
    word = b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        content_types = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
        archive.writestr("[Content_Types].xml", content_types)
        with archive.open("word/document.xml", "w", force_zip64=True) as part:
            part.write(b'<w:document xmlns:w="' + word + b'"><w:body>')
            for _ in range(_blocks(scale, 1 << 30)):
                part.write(filler)
            part.write(b"</w:body></w:document>")


def _bomb_xml(path: Path, _scale: float) -> None:
    """Entities of entities."""
    lines = [b'<!ENTITY a0 "lollollollol">']
    lines += [b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 12)]
    path.write_bytes(b'<?xml version="1.0"?><!DOCTYPE x [' + b"".join(lines) + b"]><x>&a11;</x>")


def _bomb_pickle(path: Path, _scale: float) -> None:
    """A list of lists of lists, each twice the one before: two to the sixtieth of them when followed."""
    steps = b"".join(b"](h" + bytes([n]) + b"h" + bytes([n]) + b"e\x94" for n in range(60))
    path.write_bytes(b"\x80\x04]\x94" + steps + b".")


def _bomb_json(path: Path, scale: float) -> None:
    """Brackets only."""
    path.write_bytes(b"[" * int(200 * _MIB * scale))


_SCANNERS = ("picklescan", "modelscan")

CASES = (
    Case(name="20 GiB safetensors, sparse", file="w.safetensors", write=_weights, peers=_SCANNERS),
    Case(name="1 GiB PyTorch checkpoint", file="model.pt", write=_checkpoint, peers=_SCANNERS),
    Case(name="300,000 entries, zip", file="many.zip", write=_many_in_zip, peers=_SCANNERS),
    Case(name="300,000 entries, tar", file="many.tar", write=_many_in_tar, peers=_SCANNERS),
    Case(name="2 GiB evaluation log, json", file="log.json", write=_log_json, peers=_SCANNERS),
    Case(name="2 GiB evaluation log, eval", file="log.eval", write=_log_eval, peers=_SCANNERS),
    Case(name="bag of 20,000 files", file="bag", write=_bag, peers=("bagit", *_SCANNERS)),
    Case(name="bomb: names in a zip", file="names.zip", write=_names_alone),
    Case(name="bomb: zip", file="a.zip", write=_bomb_zip, expands_bytes=16 << 30, peers=_SCANNERS),
    Case(name="bomb: overlapping zip", file="b.zip", write=_bomb_overlap, expands_bytes=1_000 << 30),
    Case(name="bomb: nested zip", file="c.zip", write=_bomb_nested, expands_bytes=100_000 << 30),
    Case(name="bomb: gzip", file="a.gz", write=_bomb_gzip, expands_bytes=16 << 30),
    Case(name="bomb: tar in gzip", file="a.tar.gz", write=_bomb_tar_gz, expands_bytes=7 << 30),
    Case(name="bomb: bzip2", file="a.bz2", write=_repeated(bz2.compress), expands_bytes=16 << 30),
    Case(name="bomb: xz", file="a.xz", write=_repeated(lzma.compress), expands_bytes=16 << 30),
    Case(name="bomb: zstd", file="a.zst", write=_repeated(zstandard.compress), expands_bytes=16 << 30),
    Case(name="bomb: lzma", file="a.lzma", write=_bomb_lzma, expands_bytes=1 << 30),
    Case(name="bomb: png", file="a.png", write=_bomb_png, expands_bytes=16_000**2 * 3),
    Case(name="bomb: pdf", file="a.pdf", write=_bomb_pdf, expands_bytes=1 << 30),
    Case(name="bomb: docx", file="a.docx", write=_bomb_docx, expands_bytes=1 << 30),
    Case(name="bomb: xml", file="a.xml", write=_bomb_xml, expands_bytes=12 * 10**11),
    Case(name="bomb: pickle", file="a.pkl", write=_bomb_pickle, peers=_SCANNERS),
    Case(name="bomb: json", file="a.json", write=_bomb_json),
)


def size_of(path: Path) -> tuple[int, int]:
    """Bytes and files of an input."""
    if path.is_file():
        return path.stat().st_size, 1
    sizes = [os.lstat(one).st_size for one in path.rglob("*") if one.is_file()]
    return sum(sizes), len(sizes)
