"""Inventories are held against the files that came with them."""

import hashlib
import json
from collections.abc import Callable

import pytest

from tests.examine.inventories.bom_samples import CYCLONEDX, SPDX, SPDX3
from tests.helpers.bags import folder
from workstation.core.examination import Outcome, outcome_of
from workstation.examine import dispatch
from workstation.examine.reader import BytesSource, Notes

WEIGHTS = b"weights"


def _cyclonedx(name: str, algorithm: str, digest: str) -> dict[str, object]:
    row = {"type": "file", "name": name, "hashes": [{"alg": algorithm, "content": digest}]}
    return {**CYCLONEDX, "components": [row], "dependencies": []}


def _spdx(name: str, algorithm: str, digest: str) -> dict[str, object]:
    sums = [{"algorithm": algorithm.replace("-", ""), "checksumValue": digest}]
    return {**SPDX, "files": [{"SPDXID": "SPDXRef-File", "fileName": f"./{name}", "checksums": sums}]}


def _spdx3(name: str, algorithm: str, digest: str) -> dict[str, object]:
    sums = [{"type": "Hash", "algorithm": algorithm.replace("-", "").lower(), "hashValue": digest}]
    row = {
        "type": "software_File",
        "spdxId": "https://example.test/file",
        "creationInfo": "_:info",
        "name": name,
        "verifiedUsing": sums,
    }
    return {**SPDX3, "@graph": [*SPDX3["@graph"], row]}


def _within(name: str, algorithm: str, digest: str) -> dict[str, object]:
    inner = _cyclonedx(name, algorithm, digest)["components"]
    outer = {"type": "application", "name": "whole", "components": inner}
    return {**CYCLONEDX, "components": [outer], "dependencies": []}


def _xml(name: str, algorithm: str, digest: str) -> str:
    row = (
        f'<component type="file"><name>{name}</name><hashes><hash alg="{algorithm}">{digest.upper()}'
        "</hash></hashes></component>"
    )
    whole = f'<component type="application"><name>whole</name><components>{row}</components></component>'
    return (
        f'<bom xmlns="http://cyclonedx.org/schema/bom/1.5" version="1"><components>{whole}</components></bom>'
    )


MAKERS = [_cyclonedx, _within, _xml, _spdx, _spdx3]


def examined(document: dict[str, object] | str, files: dict[str, bytes], at: str = "sbom.json") -> Notes:
    """The notes about an inventory, text or an object of JSON, that lies among these files."""
    content = (document if isinstance(document, str) else json.dumps(document)).encode()
    notes = Notes(at, folder=folder({**files, at: content}), member=at)
    dispatch.examine(BytesSource(content, at.rpartition("/")[2]), notes)
    return notes


@pytest.mark.parametrize("made", MAKERS)
@pytest.mark.parametrize("algorithm", ["SHA-256", "SHA-1", "SHA-512"])
def test_files_that_are_what_is_stated_are_counted(
    made: Callable[..., dict[str, object]], algorithm: str
) -> None:
    """A file with the stated digest is compared, beside the inventory or from the package's root on."""
    digest = hashlib.new(algorithm.replace("-", ""), WEIGHTS).hexdigest()
    for at, path in (
        ("sbom.json", "m/w.bin"),
        ("docs/sbom.json", "docs/m/w.bin"),
        ("docs/sbom.json", "m/w.bin"),
    ):
        notes = examined(made("m/w.bin", algorithm, digest), {path: WEIGHTS}, at)
        assert outcome_of(notes.findings) is Outcome.ACCEPT, notes.findings
        assert notes.facts["files_compared"] == 1


@pytest.mark.parametrize("made", MAKERS)
def test_a_file_that_differs_is_named(made: Callable[..., dict[str, object]]) -> None:
    """An inventory that is about other bytes of the same name needs a person."""
    digest = hashlib.sha256(b"as it was").hexdigest()
    notes = examined(made("w.bin", "SHA-256", digest), {"w.bin": WEIGHTS})
    assert outcome_of(notes.findings) is Outcome.WARN
    assert [(f.code, f.detail) for f in notes.findings if f.code == "SBOM_FILE_ALTERED"] == [
        ("SBOM_FILE_ALTERED", "1: w.bin")
    ]
    assert notes.facts["files_altered"] == ["w.bin"]


@pytest.mark.parametrize("made", MAKERS)
@pytest.mark.parametrize("name", ["../w.bin", "/w.bin", "absent.bin"])
def test_what_did_not_come_along_is_no_fault(made: Callable[..., dict[str, object]], name: str) -> None:
    """Names that lead elsewhere are never opened, and absent files are not held against an inventory."""
    notes = examined(made(name, "SHA-256", "a" * 64), {"w.bin": WEIGHTS})
    assert "files_compared" not in notes.facts
    assert "SBOM_FILE_ALTERED" not in {finding.code for finding in notes.findings}


def test_a_digest_nobody_computes_here_is_counted_as_such() -> None:
    """BLAKE3 is in no library at hand: the file counts as not compared."""
    notes = examined(_cyclonedx("w.bin", "BLAKE3", "a" * 64), {"w.bin": WEIGHTS})
    assert (notes.facts["files_compared"], notes.facts["files_not_compared"]) == (0, 1)


def test_an_inventory_by_itself_is_compared_with_nothing() -> None:
    """Without files beside it an inventory says nothing about any."""
    content = json.dumps(CYCLONEDX).encode()
    notes = Notes()
    dispatch.examine(BytesSource(content, "bom.json"), notes)
    assert "files_compared" not in notes.facts
