"""Zip archives: what is accepted is read byte for byte, and every contradiction has its code."""

import contextlib
import io
import struct
import zipfile
import zlib

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.archives import ZipMember, deflated, make_zip, opened, plain_zip
from workstation.core.examination import Outcome
from workstation.examine.archives import expanded, zips
from workstation.examine.archives.zips import ZipArchive
from workstation.examine.reader import BytesSource, Notes, Unreadable

_METHODS = [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]


@given(
    st.dictionaries(
        st.from_regex(r"[a-z]{1,8}(/[a-z]{1,8}){0,2}\.t", fullmatch=True),
        st.binary(max_size=2_000),
        max_size=6,
    ),
    st.sampled_from(_METHODS),
)
def test_what_an_ordinary_writer_wrote_is_read_back(files: dict[str, bytes], method: int) -> None:
    """Every member of a zip by the standard library comes back byte for byte, with nothing to report."""
    found = opened(plain_zip(files, method))
    assert found.contents == files
    assert found.outcome is Outcome.ACCEPT


@given(st.binary(max_size=400))
def test_any_bytes_are_answered(content: bytes) -> None:
    """No bytes raise anything but a reason to call the archive unreadable."""
    for candidate in (content, b"PK\x03\x04" + content, content + plain_zip({"a": b"b"})[-60:]):
        with contextlib.suppress(Unreadable):
            ZipArchive(BytesSource(candidate), Notes())


@given(st.integers(min_value=0, max_value=400), st.integers(min_value=0, max_value=255))
def test_a_changed_byte_never_gives_other_content_unnoticed(place: int, value: int) -> None:
    """Flipping one byte of an archive changes no member's content without a finding."""
    files = {"one.txt": b"first" * 20, "two.txt": b"second" * 20}
    content = bytearray(plain_zip(files))
    content[place % len(content)] = value
    found = opened(bytes(content))
    for name, data in found.contents.items():
        assert data in files.values() or found.codes, name


def test_zstandard_members_are_read() -> None:
    """Method 93 is expanded and compared like any other."""
    data = b"log line\n" * 1000
    member = ZipMember(name=b"log", data=data, method=93, raw=zstandard.compress(data))
    assert opened(make_zip(member)).contents == {"log": data}


def test_large_members_are_read_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """A member above the inline limit is expanded piece by piece, forwards and after a step back."""
    monkeypatch.setattr(zips, "INLINE_BYTES", 1_000)
    data = bytes(range(256)) * 8_192
    archive = ZipArchive(BytesSource(plain_zip({"a": data})), Notes())
    source = archive.open(archive.entries[0])
    assert source.read_at(2_000_000, 100) == data[2_000_000:2_000_100]
    assert source.read_at(5, 700_000) == data[5:700_005]
    assert source.read_at(len(data) - 3, 10) == data[-3:]


def _entry(**fields: object) -> ZipMember:
    return ZipMember(name=b"a.txt", data=b"hello", **fields)  # type: ignore[arg-type]  # each test names one field


_SIZE_64 = struct.pack("<HHQ", 1, 8, 1 << 40)
HOSTILE = {
    "local name differs": (make_zip(_entry(local_name=b"b.txt")), "ARCH_INCONSISTENT", Outcome.REJECT),
    "local size differs": (make_zip(_entry(local_size=9)), "ARCH_INCONSISTENT", Outcome.REJECT),
    "local CRC differs": (make_zip(_entry(local_crc=9)), "ARCH_INCONSISTENT", Outcome.REJECT),
    "CRC differs": (make_zip(_entry(crc=9, local_crc=9)), "ARCH_CORRUPT", Outcome.REJECT),
    "stored with two sizes": (make_zip(_entry(size=9, local_size=9)), "ARCH_INCONSISTENT", Outcome.REJECT),
    "longer than declared": (
        make_zip(ZipMember(name=b"a", data=b"x" * 50, method=8, size=10, local_size=10)),
        "ARCH_CORRUPT",
        Outcome.REJECT,
    ),
    "beyond what deflate can do": (
        make_zip(ZipMember(name=b"a", data=b"x", method=8, size=1 << 30, local_size=1 << 30)),
        "ARCH_BOMB",
        Outcome.REJECT,
    ),
    "damaged stream": (
        make_zip(ZipMember(name=b"a", data=b"x" * 50, method=8, raw=b"\xff\xff\xff\xff")),
        "ARCH_CORRUPT",
        Outcome.REJECT,
    ),
    "two entries on one place": (
        make_zip(_entry(), ZipMember(name=b"a.txt", data=b"hello", offset=0)),
        "ARCH:overlapping-members",
        Outcome.REJECT,
    ),
    "count too small": (make_zip(_entry(), _entry(), count=1), "ARCH_INCONSISTENT", Outcome.REJECT),
    "count too large": (make_zip(_entry(), count=2), "ARCH_CORRUPT", Outcome.REJECT),
    "no directory": (b"PK\x03\x04" + bytes(60), "ARCH_CORRUPT", Outcome.REJECT),
    "zip64 field too short": (
        make_zip(_entry(size=0xFFFFFFFF, extra=struct.pack("<HHH", 1, 2, 7))),
        "ARCH_CORRUPT",
        Outcome.REJECT,
    ),
    "zip64 size nobody has": (
        make_zip(_entry(size=0xFFFFFFFF, extra=_SIZE_64, local_size=0xFFFFFFFF, local_extra=_SIZE_64)),
        "ARCH_INCONSISTENT",
        Outcome.REJECT,
    ),
    "extra field overruns": (
        make_zip(_entry(extra=struct.pack("<HH", 9, 900))),
        "ARCH_INCONSISTENT",
        Outcome.REJECT,
    ),
    "encrypted": (make_zip(_entry(flags=1)), "ARCH_ENCRYPTED", Outcome.WARN),
    "strong encryption": (make_zip(_entry(flags=65)), "ARCH:strong-encryption", Outcome.REJECT),
    "unknown method": (make_zip(_entry(method=7)), "ARCH_UNSUPPORTED", Outcome.WARN),
    "link inside": (make_zip(_entry(mode=0o120777)), "ARCH:symlink-inside", Outcome.WARN),
    "device": (make_zip(_entry(mode=0o060644)), "ARCH:device-node", Outcome.REJECT),
    "pipe": (make_zip(_entry(mode=0o010644)), "ARCH:fifo", Outcome.REJECT),
    "wrong descriptor": (
        make_zip(_entry(flags=8, descriptor=b"PK\x07\x08" + bytes(12))),
        "ARCH_INCONSISTENT",
        Outcome.REJECT,
    ),
    "wrong checksum in the descriptor": (
        make_zip(_entry(flags=8, descriptor=b"PK\x07\x08" + struct.pack("<LLL", 1, 5, 5))),
        "ARCH:wrong-descriptor",
        Outcome.WARN,
    ),
    "another zip in front": (
        plain_zip({"b": b"c"}) + make_zip(_entry()),
        "ARCH:prepended-data",
        Outcome.WARN,
    ),
    "a program in front": (b"\x7fELF" + bytes(200) + make_zip(_entry()), "ARCH:prepended-data", Outcome.WARN),
    "padding in front": (b"\x01\x02" * 40 + make_zip(_entry()), "ARCH:prepended-data", Outcome.ACCEPT),
    "a script behind": (make_zip(_entry(), suffix=b"#!/bin/sh\n"), "ARCH:trailing-data", Outcome.WARN),
    "hidden member": (
        make_zip(_entry(), gap=b"PK\x03\x04" + bytes(40)),
        "ARCH:unlisted-member",
        Outcome.WARN,
    ),
}


@pytest.mark.parametrize("case", HOSTILE.values(), ids=HOSTILE.keys())
def test_each_contradiction_has_its_code(case: tuple[bytes, str, Outcome]) -> None:
    """One fault an archive: the code names it and the outcome is as heavy as the fault."""
    content, code, outcome = case
    found = opened(content)
    assert (code in found.codes, found.outcome) == (True, outcome), found.notes.findings


def test_two_end_records_with_different_directories_are_refused() -> None:
    """A comment that is itself the end of another archive makes readers disagree, so nobody reads it."""
    inner = make_zip(ZipMember(name=b"evil", data=b"x"))
    end = inner.rfind(b"PK\x05\x06")
    hidden = inner[end:]
    content = make_zip(_entry(), comment=bytes(8) + hidden)
    assert opened(content).outcome is Outcome.REJECT


def test_a_right_descriptor_is_accepted() -> None:
    """A streamed member whose descriptor repeats the directory is read."""
    data = b"hello" * 20
    raw = deflated(data)
    right = b"PK\x07\x08" + struct.pack("<LLL", zlib.crc32(data), len(raw), len(data))
    found = opened(make_zip(ZipMember(name=b"a", data=data, method=8, flags=8, descriptor=right)))
    assert found.contents == {"a": data}
    assert found.outcome is Outcome.ACCEPT


def test_a_bomb_is_stopped_early(monkeypatch: pytest.MonkeyPatch) -> None:
    """Expanding stops as soon as the ratio shows a bomb, whatever the directory declares."""
    monkeypatch.setattr(expanded, "DANGER_BYTES", 1 << 20)
    data = bytes(8 << 20)
    found = opened(plain_zip({"zeros": data}))
    assert "ARCH_BOMB" in found.codes
    assert found.contents == {}


def test_too_many_members_are_refused_before_they_are_read() -> None:
    """The count in the end record is enough to refuse."""
    content = make_zip(_entry(), count=60_000)
    with pytest.raises(Unreadable) as caught:
        ZipArchive(BytesSource(content), Notes(), max_entries=50_000)
    assert caught.value.code == "ARCH:too-many-members"


@pytest.mark.parametrize(("content", "codes"), [(b"hello", {"ARCH:too-many-members"}), (b"x" * 40, set())])
def test_many_names_need_something_behind_them(content: bytes, codes: set[str]) -> None:
    """Of 10,001 members those of five bytes are refused, those of forty are read."""
    entries = {f"d/{number}": content for number in range(10_001)}
    assert opened(plain_zip(entries)).codes == codes


def test_members_of_archives_around_count_too() -> None:
    """An archive inside another may have as many members as the one around it leaves."""
    notes = Notes()
    notes.most_members = 2
    with pytest.raises(Unreadable) as caught:
        zips.open_container(BytesSource(plain_zip({"a": b"a", "b": b"b", "c": b"c"})), notes)
    assert caught.value.code == "ARCH:too-many-members"


def test_names_are_utf8_or_code_page_437() -> None:
    """A name without the flag is read as the specification says, a flagged one as UTF-8."""
    both = make_zip(
        ZipMember(name="ü.txt".encode(), data=b"1", flags=2048), ZipMember(name=b"\x81.dat", data=b"2")
    )
    assert set(opened(both).contents) == {"ü.txt", "ü.dat"}


def test_the_unicode_path_field_counts_only_for_its_name() -> None:
    """A Unicode path whose checksum belongs to another name is ignored."""
    wrong = struct.pack("<HHBL", 0x7075, 5 + 6, 1, 12345) + b"../abc"
    assert set(opened(make_zip(_entry(extra=wrong))).contents) == {"a.txt"}


def test_a_name_in_a_unicode_path_field_is_checked_too() -> None:
    """A traversal hidden in the Unicode path field is a traversal."""
    hidden = struct.pack("<HHBL", 0x7075, 5 + 6, 1, zlib.crc32(b"a.txt")) + b"../abc"
    assert "ARCH:path-traversal" in opened(make_zip(_entry(extra=hidden))).codes


def test_zip64_archives_of_an_ordinary_writer_are_read() -> None:
    """Forced zip64 fields, as streaming writers make them, are no fault."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("a", "w", force_zip64=True) as file,
    ):
        file.write(b"x" * 1000)
    assert opened(buffer.getvalue()).contents == {"a": b"x" * 1000}
