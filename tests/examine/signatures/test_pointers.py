"""Git LFS pointers stand for files that did not come along, whatever they are called."""

import pytest

from tests.helpers.archives import plain_zip
from workstation.core.examination import Outcome, outcome_of
from workstation.examine import dispatch
from workstation.examine.reader import BytesSource, Notes

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"a1" * 32 + b"\nsize 4096\n"


def examined(content: bytes, name: str) -> Notes:
    """The notes about a file of this name."""
    notes = Notes()
    dispatch.examine(BytesSource(content, name), notes)
    return notes


@pytest.mark.parametrize(
    "name", ["model.safetensors", "pytorch_model.bin", "a.gguf", "a.onnx", "a.zip", "a.h5", "a.pdf"]
)
def test_a_pointer_is_no_broken_file(name: str) -> None:
    """A pointer in the place of weights needs a person, and the facts say which file is meant."""
    notes = examined(POINTER, name)
    assert (outcome_of(notes.findings), notes.kind, notes.complete) == (Outcome.WARN, "file-pointer", False)
    assert notes.facts == {"meant_sha256": "a1" * 32, "meant_bytes": 4096}


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (POINTER + plain_zip({"a": b"x"}), "zip"),
        (POINTER + b"\x80\x04N.", "unrecognised-weights"),
        (POINTER.replace(b"sha256", b"sha1"), "unrecognised-weights"),
        (POINTER.replace(b"size 4096", b"size x"), "unrecognised-weights"),
    ],
)
def test_nothing_hides_behind_a_pointer(content: bytes, kind: str) -> None:
    """Only a file that is nothing but a pointer is called one."""
    assert examined(content, "pytorch_model.bin").kind == kind


@pytest.mark.parametrize(
    ("name", "outcome", "code"),
    [
        ("a.zip", Outcome.REJECT, "ARCH_CORRUPT"),
        ("a.tar", Outcome.WARN, "FORMAT_NOT_AS_NAMED"),
        ("a.tar.gz", Outcome.WARN, "FORMAT_NOT_AS_NAMED"),
        ("a.docx", Outcome.WARN, "FORMAT_NOT_AS_NAMED"),
        ("a.npz", Outcome.WARN, "FORMAT_NOT_AS_NAMED"),
        ("a.txt", Outcome.ACCEPT, None),
        ("a", Outcome.ACCEPT, None),
    ],
)
def test_text_under_the_name_of_an_archive_is_not_passed_over(
    name: str, outcome: Outcome, code: str | None
) -> None:
    """What promises an archive and holds words is broken or misnamed, and somebody has to look."""
    notes = examined(b"plain words\n", name)
    assert outcome_of(notes.findings) is outcome
    assert code is None or code in {finding.code for finding in notes.findings}
