"""Tar archives and compressed streams: read back byte for byte, or refused with the reason."""

import bz2
import gzip
import io
import lzma
import tarfile
from collections.abc import Callable

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.archives import TarMember, make_tar, opened
from workstation.core.examination import Outcome
from workstation.examine import dispatch
from workstation.examine.archives import codecs, expanded
from workstation.examine.archives.expanded import Expanded
from workstation.examine.archives.tarfields import BLOCK_BYTES
from workstation.examine.reader import BytesSource, Notes, Unreadable

Press = Callable[[bytes], bytes]
PRESSES: dict[str, Press] = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": zstandard.compress,
    "lzma": lambda data: lzma.compress(data, lzma.FORMAT_ALONE),
}
_FORMS = [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT]


def _set(block: bytes, at: int, value: bytes) -> bytes:
    """A header with one field replaced and its checksum made right."""
    changed = bytearray(block[:BLOCK_BYTES])
    changed[at : at + len(value)] = value
    changed[148:156] = b" " * 8
    changed[148:156] = b"%06o\0 " % sum(changed)
    return bytes(changed) + block[BLOCK_BYTES:]


@given(
    st.dictionaries(
        st.from_regex(r"[a-zä]{1,60}(/[a-z]{1,60}){0,3}\.t", fullmatch=True),
        st.binary(max_size=1_500),
        max_size=5,
    ),
    st.sampled_from(_FORMS),
)
def test_what_an_ordinary_writer_wrote_is_read_back(files: dict[str, bytes], form: int) -> None:
    """Every member of a tar by the standard library comes back byte for byte, long names included."""
    members = [TarMember(name=name, data=data) for name, data in files.items()]
    found = opened(make_tar(*members, form=form), "x.tar") if members else None
    assert found is None or found.contents == files


@given(st.integers(min_value=0), st.integers(min_value=0, max_value=255), st.sampled_from(_FORMS))
def test_a_changed_header_byte_is_answered(place: int, value: int, form: int) -> None:
    """No change of one byte raises anything, and a wrong checksum is always noticed."""
    content = (
        bytearray(make_tar(TarMember(name="n" * 120, data=b"hello"), form=form))
        if form != tarfile.USTAR_FORMAT
        else bytearray(make_tar(TarMember(name="name", data=b"hello"), form=form))
    )
    place %= BLOCK_BYTES
    was, content[place] = content[place], value
    found = opened(bytes(content), "x.tar")
    in_checksum = 148 <= place < 156
    assert found.codes or was == value or in_checksum


@pytest.mark.parametrize("press", PRESSES.values(), ids=PRESSES.keys())
def test_compressed_tars_are_read(press: Press) -> None:
    """A tar inside each compressed stream gives the same members."""
    found = opened(press(make_tar(TarMember(name="a/b", data=b"x" * 70_000))))
    assert found.contents == {"a/b": b"x" * 70_000}
    assert found.outcome is Outcome.ACCEPT


@pytest.mark.parametrize("press", PRESSES.values(), ids=PRESSES.keys())
def test_a_single_compressed_file_is_one_member(press: Press) -> None:
    """A stream that is no tar is one file, called after the stream."""
    data = b"log line\n" * 900
    assert list(opened(press(data), "run.log.gz").contents.values()) == [data]


@pytest.mark.parametrize("press", PRESSES.values(), ids=PRESSES.keys())
def test_a_cut_stream_is_corrupt(press: Press) -> None:
    """A stream without its end is refused, however much of it could be expanded."""
    found = opened(press(bytes(range(256)) * 400)[:-9])
    assert ("ARCH_CORRUPT" in found.codes, found.outcome) == (True, Outcome.REJECT)


@pytest.mark.parametrize("name", ["gzip", "bzip2", "xz", "zstd"])
def test_streams_behind_each_other_are_one(name: str) -> None:
    """Concatenated streams are expanded to the end, as their own tools do."""
    press = PRESSES[name]
    assert list(opened(press(b"one") + press(b"two"), "x.gz").contents.values()) == [b"onetwo"]


@pytest.mark.parametrize("name", ["gzip", "bzip2", "xz", "zstd"])
def test_a_program_behind_a_stream_is_reported(name: str) -> None:
    """Bytes behind the last stream that begin like a program need a person."""
    found = opened(PRESSES[name](b"one") + b"\x7fELF" + bytes(60))
    assert ("ARCH:trailing-data" in found.codes, found.outcome) == (True, Outcome.WARN)


@pytest.mark.parametrize("press", PRESSES.values(), ids=PRESSES.keys())
def test_bombs_are_stopped(press: Press, monkeypatch: pytest.MonkeyPatch) -> None:
    """Expanding stops at the suspicious ratio in every codec."""
    monkeypatch.setattr(expanded, "DANGER_BYTES", 1 << 20)
    found = opened(press(bytes(400 << 20) if press is bz2.compress else bytes(120 << 20)))
    assert "ARCH_BOMB" in found.codes


def test_a_large_dictionary_is_refused() -> None:
    """A stream that wants more memory than allowed is refused before it gets it."""
    header = bytes([0x5D]) + (1 << 30).to_bytes(4, "little") + b"\xff" * 8
    with pytest.raises(Unreadable):
        codecs.decoder("lzma", BytesSource(header + bytes(64))).read(10)


def test_returning_to_the_start_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that jumps to and fro in a compressed stream is stopped before it works for ever."""
    data = bytes(range(256)) * 12_000
    pressed = gzip.compress(data, 1)
    source = Expanded(lambda: codecs.decoder("gzip", BytesSource(pressed)), len(data))
    monkeypatch.setattr(expanded, "_RESTART_FLOOR_BYTES", 1 << 20)
    monkeypatch.setattr(expanded, "_CACHED_BLOCKS", 1)

    def jump() -> None:
        for _ in range(100):
            source.read_at(len(data) - 10, 10)
            source.read_at(0, 10)

    with pytest.raises(Unreadable, match="EXAMINE_LIMIT"):
        jump()


_PLAIN = make_tar(TarMember(name="a", data=b"hello"), form=tarfile.USTAR_FORMAT)
HOSTILE = {
    "symbolic link out": (
        make_tar(TarMember(name="l", kind=tarfile.SYMTYPE, target="/etc")),
        "ARCH:symlink-escape",
        Outcome.REJECT,
    ),
    "climbing link": (
        make_tar(TarMember(name="a/l", kind=tarfile.SYMTYPE, target="../../x")),
        "ARCH:symlink-escape",
        Outcome.REJECT,
    ),
    "link inside": (
        make_tar(TarMember(name="a/l", kind=tarfile.SYMTYPE, target="../b")),
        "ARCH:symlink-inside",
        Outcome.WARN,
    ),
    "chain of links out": (
        make_tar(
            TarMember(name="cur", kind=tarfile.SYMTYPE, target="."),
            TarMember(name="par", kind=tarfile.SYMTYPE, target="cur/.."),
        ),
        "ARCH:symlink-escape",
        Outcome.REJECT,
    ),
    "circle": (
        make_tar(
            TarMember(name="a", kind=tarfile.SYMTYPE, target="b"),
            TarMember(name="b", kind=tarfile.SYMTYPE, target="a"),
        ),
        "ARCH:symlink-loop",
        Outcome.REJECT,
    ),
    "file behind a link": (
        make_tar(TarMember(name="a", kind=tarfile.SYMTYPE, target="b"), TarMember(name="a/x", data=b"1")),
        "ARCH:through-symlink",
        Outcome.REJECT,
    ),
    "hard link out": (
        make_tar(TarMember(name="l", kind=tarfile.LNKTYPE, target="../x")),
        "ARCH:hardlink-escape",
        Outcome.REJECT,
    ),
    "hard link inside": (
        make_tar(TarMember(name="l", kind=tarfile.LNKTYPE, target="x")),
        "ARCH:hardlink-inside",
        Outcome.WARN,
    ),
    "character device": (
        make_tar(TarMember(name="d", kind=tarfile.CHRTYPE)),
        "ARCH:device-node",
        Outcome.REJECT,
    ),
    "block device": (make_tar(TarMember(name="d", kind=tarfile.BLKTYPE)), "ARCH:device-node", Outcome.REJECT),
    "pipe": (make_tar(TarMember(name="p", kind=tarfile.FIFOTYPE)), "ARCH:fifo", Outcome.REJECT),
    "traversal": (make_tar(TarMember(name="../x", data=b"1")), "ARCH:path-traversal", Outcome.REJECT),
    "traversal in pax": (
        make_tar(TarMember(name="x", data=b"1", pax={"path": "a/../../x"})),
        "ARCH:path-traversal",
        Outcome.REJECT,
    ),
    "absolute": (make_tar(TarMember(name="/x", data=b"1")), "ARCH:absolute-path", Outcome.REJECT),
    "twice": (
        make_tar(TarMember(name="x", data=b"1"), TarMember(name="x", data=b"2")),
        "ARCH:duplicate-name",
        Outcome.WARN,
    ),
    "negative size": (_set(_PLAIN, 124, b"\xff" * 12), "ARCH_CORRUPT", Outcome.REJECT),
    "monstrous size": (_set(_PLAIN, 124, b"\x80" + b"\xff" * 11), "ARCH_CORRUPT", Outcome.REJECT),
    "size that is no number": (_set(_PLAIN, 124, b"12x45678901\0"), "ARCH_CORRUPT", Outcome.REJECT),
    "cut off": (_PLAIN[: BLOCK_BYTES + 3], "ARCH_CORRUPT", Outcome.REJECT),
    "unknown kind": (_set(_PLAIN, 156, b"Z"), "ARCH_UNSUPPORTED", Outcome.WARN),
    "sparse": (
        make_tar(
            TarMember(
                name="s",
                data=b"0\n",
                pax={"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": "9"},
            )
        ),
        "ARCH_SPARSE",
        Outcome.WARN,
    ),
    "broken pax": (
        make_tar(TarMember(name="n", data=b"1", pax={"comment": "x" * 90})).replace(
            b" comment=", b"9comment="
        ),
        "ARCH_CORRUPT",
        Outcome.REJECT,
    ),
    "no end mark": (_PLAIN[: 2 * BLOCK_BYTES], "ARCH:no-end-mark", Outcome.ACCEPT),
    "second archive": (
        _PLAIN + make_tar(TarMember(name="b", data=b"x")),
        "ARCH:concatenated",
        Outcome.ACCEPT,
    ),
    "program behind": (_PLAIN + b"\x7fELF" + bytes(BLOCK_BYTES), "ARCH:trailing-data", Outcome.WARN),
}


@pytest.mark.parametrize("case", HOSTILE.values(), ids=HOSTILE.keys())
def test_each_fault_has_its_code(case: tuple[bytes, str, Outcome]) -> None:
    """One fault an archive: the code names it and the outcome is as heavy as the fault."""
    content, code, outcome = case
    found = opened(content, "x.tar")
    assert (code in found.codes, found.outcome) == (True, outcome), found.notes.findings


def _pax(kind: bytes, **records: str) -> bytes:
    """One extended header with these records."""
    lines = b""
    for key, value in records.items():
        text = f" {key}={value}\n".encode()
        size = len(text) + 1
        size += len(str(size)) - 1
        lines += str(size).encode() + text
    return make_tar(TarMember(name="pax", kind=kind, data=lines), form=0)[: 512 + -(-len(lines) // 512) * 512]


def test_records_for_all_members_may_have_none() -> None:
    """An archive of nothing but a remark, as version control writes it, is whole."""
    assert opened(_pax(b"g", comment="x") + bytes(1024)).outcome is Outcome.ACCEPT
    assert "ARCH_CORRUPT" in opened(_pax(b"x", comment="x") + bytes(1024)).codes


def test_the_last_records_for_all_members_hold() -> None:
    """Later global records replace earlier ones, and a member's own replace both."""
    plain = make_tar(TarMember(name="a", data=b"x"), form=0)
    both = _pax(b"g", path="first") + _pax(b"g", path="second")
    assert set(opened(both + plain).contents) == {"second"}
    assert set(opened(_pax(b"x", path="own") + both + plain).contents) == {"own"}


def test_attributes_that_are_left_behind_are_named() -> None:
    """Extended attributes are not unpacked; the note says which there are."""
    found = opened(make_tar(TarMember(name="a", data=b"x", pax={"SCHILY.xattr.user.b": "c"})))
    assert found.outcome is Outcome.ACCEPT
    assert [(note.code, note.detail) for note in found.notes.findings] == [
        ("ARCH:extended-attributes", "SCHILY.xattr.user.b")
    ]


def test_members_behind_the_end_mark_are_read_too() -> None:
    """What other programs skip is examined as well."""
    found = opened(_PLAIN + make_tar(TarMember(name="b", data=b"x")), "x.tar")
    assert found.contents == {"a": b"hello", "b": b"x"}


def test_many_names_need_something_behind_them() -> None:
    """A tar of 10,001 empty members is refused before any is handed out."""
    one = make_tar(TarMember(name="a", data=b""))[:BLOCK_BYTES]
    found = opened(one * 10_001, "x.tar")
    assert "ARCH:too-many-members" in found.codes
    assert found.contents == {}


def test_an_endless_chain_of_headers_is_refused() -> None:
    """Extended headers without a member are counted like members."""
    one = make_tar(TarMember(name="a", data=b"", pax={"comment": "x"}))[: 2 * BLOCK_BYTES]
    found = opened(one * 45_000, "x.tar")
    assert found.codes & {"ARCH:too-many-members", "ARCH:header-too-large"}


def test_a_name_in_the_gzip_header_is_checked() -> None:
    """A gzip header that names a file outside is a traversal, although nobody here uses that name."""
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="x", fileobj=buffer, mode="wb") as file:
        file.write(b"data")
    content = buffer.getvalue().replace(b"x\0", b"../../etc/x\0", 1)
    assert "ARCH:path-traversal" in opened(content).codes


def test_old_hard_links_state_a_size_and_carry_no_data() -> None:
    """A hard link of an old writer does not swallow the member behind it."""
    link = _set(
        make_tar(TarMember(name="l", kind=tarfile.LNKTYPE, target="a"), form=tarfile.USTAR_FORMAT)[
            :BLOCK_BYTES
        ],
        124,
        b"00000000400\0",
    )
    found = opened(link + _PLAIN, "x.tar")
    assert found.contents == {"a": b"hello"}


@pytest.mark.parametrize(
    "head", [b"\x1f\x9d\x90", b"\x04\x22\x4d\x18", b"LZIP\x01", b"xar!", b"hsqs", bytes(32_769) + b"CD001"]
)
def test_an_archive_that_nobody_opens_is_named(head: bytes) -> None:
    """Archives without a reader are inconclusive, never accepted as bytes of no meaning."""
    notes = Notes()
    dispatch.examine(BytesSource(head + bytes(40), "x"), notes)
    assert (notes.kind, notes.complete) == ("other-archive", False)
    assert [found.code for found in notes.findings] == ["ARCH_UNSUPPORTED"]
