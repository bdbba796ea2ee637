"""Checking everything, a backup and its rehearsal in the window."""

from pathlib import Path

import pytest

from tests.ui.conftest import Open
from ui.widgets import choosing
from workstation.demo.story import PASSPHRASE


@pytest.fixture
def chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that every dialog answers with."""
    folder = tmp_path / "backup medium"
    monkeypatch.setattr(choosing, "folder", lambda _parent, _title, then: then(folder))
    return folder


def test_the_custodian_takes_and_rehearses_a_backup(open_at: Open, chosen: Path) -> None:
    """The page says that it was read back, and the rehearsal says that it can be restored."""
    bench = open_at("quarantined", "abara")
    bench.press("Vault")
    bench.press("Choose a folder and take a backup")
    bench.wait_done()
    assert "The backup is written and was read back" in bench.words()
    assert (chosen / "backup-000001" / "backup.json").is_file()
    bench.type("Your passphrase", PASSPHRASE)
    bench.press("Choose a folder and rehearse")
    bench.wait_done()
    assert "This backup can be restored" in bench.words()
    assert bench.typed("Your passphrase") == ""


def test_a_damaged_backup_is_told_by_name(open_at: Open, chosen: Path) -> None:
    """The rehearsal names the file that is not as it was written."""
    bench = open_at("quarantined", "abara")
    bench.press("Vault")
    bench.press("Choose a folder and take a backup")
    bench.wait_done()
    pack = next((chosen / "packs").iterdir())
    pack.write_bytes(pack.read_bytes()[:-1])
    bench.type("Your passphrase", PASSPHRASE)
    bench.press("Choose a folder and rehearse")
    bench.wait_done()
    assert "This backup cannot be relied on" in bench.words()
    assert any(pack.name in row[0] for row in bench.cells("Broken"))


def test_a_folder_without_backups_is_refused_in_words(open_at: Open, chosen: Path) -> None:
    """The notice carries the code and the next step."""
    bench = open_at("people", "abara")
    bench.press("Vault")
    bench.type("Your passphrase", PASSPHRASE)
    bench.press("Choose a folder and rehearse")
    bench.wait_done()
    assert "VLT-072" in bench.notice()
    assert not chosen.exists()


def test_everybody_may_check_and_only_the_custodian_sees_backups(open_at: Open) -> None:
    """A reviewer reads that everything is as it was written and is offered no backup."""
    bench = open_at("quarantined", "osei")
    bench.press("Vault")
    assert not bench.has_button("Choose a folder and take a backup")
    bench.press("Check everything")
    bench.wait_done()
    assert "Everything stored is as it was written" in bench.words()
