"""BagIt: right bags are complete, and each broken promise of a bag is named."""

import hashlib
import unicodedata
from pathlib import Path

import pytest

from tests.helpers.bags import DECLARATION, bag, checked, folder, zipped
from workstation.core.examination import Outcome, outcome_of
from workstation.examine import bags, package
from workstation.examine.reader import Notes

_HELLO = hashlib.sha256(b"hello").hexdigest().encode()


@pytest.mark.parametrize(
    "algorithm", ["md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3_256", "blake2b"]
)
def test_a_right_bag_is_complete(algorithm: str) -> None:
    """A bag under any digest in use gives no caution."""
    assert outcome_of(checked(bag(algorithm=algorithm)).findings) is Outcome.ACCEPT


@pytest.mark.parametrize("version", ["0.93", "0.94", "0.95", "0.96", "0.97", "1.0"])
def test_every_version_is_read(version: str) -> None:
    """All published versions are known."""
    declared = DECLARATION.replace(b"1.0", version.encode())
    assert outcome_of(checked(bag(bagit__txt=declared)).findings) is Outcome.ACCEPT


NFD = unicodedata.normalize("NFD", "é.txt")
BROKEN = {
    "altered": (bag() | {"data/a.txt": b"hellO"}, "BAG_FIXITY", Outcome.REJECT),
    "missing": ({k: v for k, v in bag().items() if k != "data/a.txt"}, "BAG_MISSING", Outcome.REJECT),
    "extra": (bag() | {"data/b.txt": b"x"}, "BAG_EXTRA", Outcome.REJECT),
    "no declaration": (bag(bagit__txt=None), "BAG_MISSING", Outcome.REJECT),
    "no manifest": (bag(manifest_sha256__txt=None), "BAG_MISSING", Outcome.REJECT),
    "byte-order mark": (bag(bagit__txt=b"\xef\xbb\xbf" + DECLARATION), "BAG_ENCODING", Outcome.REJECT),
    "unknown encoding": (
        bag(bagit__txt=DECLARATION.replace(b"UTF-8", b"rot13")),
        "BAG_ENCODING",
        Outcome.REJECT,
    ),
    "no encoding": (bag(bagit__txt=b"BagIt-Version: 1.0\n"), "BAG_ENCODING", Outcome.REJECT),
    "no version": (bag(bagit__txt=b"hello\n"), "BAG_FORMAT", Outcome.REJECT),
    "future version": (bag(bagit__txt=DECLARATION.replace(b"1.0", b"7.3")), "BAG_VERSION", Outcome.WARN),
    "not in its encoding": (
        bag(manifest_sha256__txt=_HELLO + b"  data/\xff\n"),
        "BAG_ENCODING",
        Outcome.REJECT,
    ),
    "no line": (bag(manifest_sha256__txt=b"hello\n"), "BAG_FORMAT", Outcome.REJECT),
    "short digest": (bag(manifest_sha256__txt=_HELLO[:40] + b"  data/a.txt\n"), "BAG_FORMAT", Outcome.REJECT),
    "asterisk": (bag(manifest_sha256__txt=_HELLO + b" *data/a.txt\n"), "BAG_FORMAT", Outcome.WARN),
    "dot slash": (bag(manifest_sha256__txt=_HELLO + b"  ./data/a.txt\n"), "BAG_PATH", Outcome.WARN),
    "unknown digest": (bag(manifest_crc32__txt=b"12345678  data/a.txt\n"), "BAG_ALGORITHM", Outcome.WARN),
    "twice the same": (
        bag(manifest_sha256__txt=(_HELLO + b"  data/a.txt\n") * 2),
        "BAG_DUPLICATE",
        Outcome.WARN,
    ),
    "twice, differently": (
        bag(manifest_sha256__txt=_HELLO + b"  data/a.txt\n" + _HELLO[::-1] + b"  data/a.txt\n"),
        "BAG_DUPLICATE",
        Outcome.REJECT,
    ),
    "wrong sum": (bag(bag_info__txt=b"Payload-Oxum: 6.1\n"), "BAG_OXUM", Outcome.REJECT),
    "sum that is none": (bag(bag_info__txt=b"Payload-Oxum: many\n"), "BAG_OXUM", Outcome.REJECT),
    "manifests differ": (
        bag(
            {"a.txt": b"hello", "b.txt": b""},
            manifest_md5__txt=b"5d41402abc4b2a76b9719d911017c592  data/a.txt\n",
        ),
        "BAG_INCOMPLETE_MANIFEST",
        Outcome.REJECT,
    ),
    "other spelling": (
        bag()
        | {
            f"data/{NFD}": b"x",
            "manifest-sha256.txt": _HELLO
            + b"  data/a.txt\n"
            + hashlib.sha256(b"x").hexdigest().encode()
            + "  data/é.txt\n".encode(),
        },
        "BAG_NORMALISATION",
        Outcome.WARN,
    ),
    "altered tag file": (
        bag(bag_info__txt=b"A: b\n", tagmanifest_sha256__txt=_HELLO + b"  bag-info.txt\n"),
        "BAG_FIXITY",
        Outcome.REJECT,
    ),
    "fetch with everything there": (
        bag(fetch__txt=b"https://x.test/a - data/a.txt\n"),
        "BAG_FETCH",
        Outcome.ACCEPT,
    ),
    "fetch of what is missing": (
        {k: v for k, v in bag(fetch__txt=b"https://x.test/a 5 data/a.txt\n").items() if k != "data/a.txt"},
        "BAG_FETCH",
        Outcome.REJECT,
    ),
    "fetch of what no manifest lists": (
        bag(fetch__txt=b"https://x.test/b 5 data/b.txt\n"),
        "BAG_FETCH",
        Outcome.REJECT,
    ),
    "fetch to elsewhere": (bag(fetch__txt=b"https://x.test/a - /tmp/a\n"), "BAG_PATH", Outcome.REJECT),
    "fetch that is none": (bag(fetch__txt=b"hello\n"), "BAG_FORMAT", Outcome.REJECT),
}


@pytest.mark.parametrize("case", BROKEN.values(), ids=BROKEN.keys())
def test_each_broken_promise_is_named(case: tuple[dict[str, bytes], str, Outcome]) -> None:
    """One fault a bag: the code names it and the outcome is as heavy as the fault."""
    files, code, outcome = case
    findings = checked(files).findings
    assert (code in {finding.code for finding in findings}, outcome_of(findings)) == (True, outcome), findings


@pytest.mark.parametrize(
    "path",
    [
        "../a",
        "data/../../a",
        "/etc/passwd",
        "~/a",
        "C:\\a",
        "\\\\host\\a",
        "data\\a",
        "%HomeDrive%\\a",
        "database/x",
        "data",
        "bagit.txt",
        "data/a\0b",
    ],
)
def test_a_manifest_cannot_point_elsewhere(path: str) -> None:
    """No path of a payload manifest leads out of the payload, by any spelling."""
    findings = checked(bag(manifest_sha256__txt=_HELLO + b"  " + path.encode() + b"\n")).findings
    assert "BAG_PATH" in {finding.code for finding in findings}
    assert outcome_of(findings) is Outcome.REJECT


def test_line_breaks_and_percents_in_names_are_decoded() -> None:
    """The three characters that RFC 8493 writes with a percent sign are decoded, and no others."""
    files = {"a\nb.txt": b"1", "100%.txt": b"2", "c%41.txt": b"3"}
    lines = "".join(
        f"{hashlib.sha256(data).hexdigest()}  data/{name}\n"
        for name, data in (("a%0Ab.txt", b"1"), ("100%25.txt", b"2"), ("c%41.txt", b"3"))
    )
    assert not [
        f
        for f in checked(bag(files, manifest_sha256__txt=lines.encode())).findings
        if f.code.startswith("BAG")
    ]


@pytest.mark.parametrize("encoding", ["ISO-8859-1", "UTF-16"])
def test_tag_files_may_have_another_encoding(encoding: str) -> None:
    """Tag files are read in the encoding the declaration names."""
    declared = DECLARATION.replace(b"UTF-8", encoding.encode())
    lines = f"{hashlib.sha256(b'x').hexdigest()}  data/ü.txt\n".encode(encoding)
    assert (
        outcome_of(checked(bag({"ü.txt": b"x"}, bagit__txt=declared, manifest_sha256__txt=lines)).findings)
        is Outcome.ACCEPT
    )


def test_a_bag_may_lie_in_one_folder() -> None:
    """A serialised bag has one folder on top; its paths are those of the package."""
    notes = Notes()
    found = bags.read(folder({f"top/{name}": data for name, data in bag().items()}), notes)
    assert found is not None
    assert found.base == "top/"
    assert list(found.payload["sha256"]) == ["top/data/a.txt"]


def test_a_folder_with_a_data_folder_is_no_bag() -> None:
    """Without a declaration or a manifest nothing is taken for a bag."""
    assert bags.read(folder({"data/a.txt": b"x", "readme.md": b"y"}), Notes()) is None


def _written(root: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return root


@pytest.mark.parametrize("altered", [False, True])
@pytest.mark.parametrize("form", ["folder", "zip", "zip in its folder"])
def test_a_bag_gives_the_same_answer_in_every_form(tmp_path: Path, form: str, altered: bool) -> None:
    """As a folder and in a zip the same bag is accepted, and rejected when one byte was altered."""
    files = bag({"a.txt": b"hello", "b/c.txt": b"there"})
    if altered:
        files["data/b/c.txt"] = b"thorn"
    path = tmp_path / "bag"
    if form == "folder":
        _written(path, files)
    else:
        path.write_bytes(zipped(files, "top/" if "folder" in form else ""))
    found = package.examine_path(path)
    assert ("BAG_FIXITY" in {finding.code for finding in found.findings}) is altered
    assert (found.outcome is Outcome.REJECT) is altered


def test_a_link_in_a_bag_folder_is_not_followed(tmp_path: Path) -> None:
    """A payload file that is a link to the outside is missing, whatever lies behind it."""
    (tmp_path / "outside").write_bytes(b"hello")
    root = _written(tmp_path / "bag", bag())
    (root / "data/a.txt").unlink()
    (root / "data/a.txt").symlink_to(tmp_path / "outside")
    codes = {finding.code for finding in package.examine_path(root).findings}
    assert {"BAG_MISSING", "ARCH:symlink-escape"} <= codes
