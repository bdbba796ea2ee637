"""What may leave is a typed list, by name and by content."""

import pytest

from workstation.core.release_formats import FormatNotListed, require_listed

LISTED = {
    "report.pdf": b"%PDF-2.0\n",
    "determination.json": b'{"a": 1}',
    "certification.certificates.pem": b"-----BEGIN CERTIFICATE-----\n",
}


def test_what_is_on_the_list_leaves() -> None:
    """PDF, JSON objects and certificates."""
    require_listed(LISTED)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("report.docx", b"PK\3\4"),
        ("report", b"%PDF-2.0\n"),
        ("report.pdf", b"MZ\x90\0"),
        ("data.json", b"[1, 2]"),
        ("data.json", b"{"),
        ("data.json", b"[" * 100_000),
        ("keys.pem", b"-----BEGIN PRIVATE KEY-----\n"),
        ("REPORT.PDF.exe", b"%PDF-2.0\n"),
    ],
)
def test_anything_else_stays(name: str, content: bytes) -> None:
    """Another ending, or a content that is not what the name says, is refused by the file's name."""
    with pytest.raises(FormatNotListed) as caught:
        require_listed({**LISTED, name: content})
    assert caught.value.untrusted_name == name
