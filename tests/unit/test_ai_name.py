"""An office names AI as its administrator says, and never by the letters of a control marking."""

from pathlib import Path

import pytest

from workstation.app.report_blocks import subject
from workstation.settings import SettingsInvalid, load


def written(folder: Path, name: str) -> Path:
    """A settings file that gives this name."""
    path = folder / "settings.toml"
    path.write_text(f'ai_name = "{name}"\n', encoding="utf-8")
    return path


def test_the_office_says_how_ai_is_named(tmp_path: Path) -> None:
    """Without a setting it is artificial intelligence; a name in the settings takes its place in print."""
    assert load(tmp_path / "absent.toml").ai_name == "artificial intelligence"
    name = load(written(tmp_path, "super intelligence")).ai_name
    assert subject(name) == "A frontier model: super intelligence"


@pytest.mark.parametrize("name", ["SI", "Super Intelligence (SI)", "S.I. systems", "si", "", "  ", "x" * 61])
def test_a_name_that_is_a_control_marking_or_no_name_is_refused(tmp_path: Path, name: str) -> None:
    """SI is special intelligence alone; nothing, or too long a name, names nothing."""
    with pytest.raises(SettingsInvalid):
        load(written(tmp_path, name))
