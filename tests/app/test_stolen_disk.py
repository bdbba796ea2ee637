"""What somebody who takes the disk finds: nothing that was typed, received or concluded."""

import tempfile
from pathlib import Path

import pytest

from tests.helpers.office import office
from workstation.core.values import CaseId
from workstation.demo.story import CUSTODIAN, OFFICE, PEOPLE, Story, passphrase

_LINE_BYTES = 40  # a shorter line may be somebody else's word
_NAME_BYTES = 6  # a shorter name may occur in ciphertext by chance


def _secrets(story: Story, case_id: CaseId) -> list[bytes]:
    """Every line of the submission, its names, and what people typed."""
    found = [bytes(passphrase()), OFFICE.encode(), b"Northwind", b"Aster-3", case_id.encode()]
    for person in (CUSTODIAN, *PEOPLE):
        found += [person.login_name.encode(), person.display_name.encode(), person.staff_number.encode()]
    for path in story.source.rglob("*"):
        if path.is_file():
            found.append(path.name.encode())
            found += [line for line in path.read_bytes().splitlines() if len(line) >= _LINE_BYTES]
    return [secret for secret in found if len(secret) >= _NAME_BYTES]


def test_nothing_readable_lies_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a submission was received no file holds a line of it, a name or a passphrase, locked or open."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.setenv("TMPDIR", str(temporary))
    story = office(tmp_path)
    story.set_up()
    case_id = story.open_case()
    story.receive(case_id)
    secrets = _secrets(story, case_id)
    assert len(secrets) > 50

    def readable() -> list[tuple[str, bytes]]:
        files = [path for path in (tmp_path / "profile").rglob("*") if path.is_file()]
        assert len(files) > 4
        contents = [(path.name, path.read_bytes()) for path in files]
        return [(name, secret) for name, content in contents for secret in secrets if secret in content]

    assert readable() == []
    with story.acting("osei"):
        assert readable() == []
    assert list(temporary.iterdir()) == []
