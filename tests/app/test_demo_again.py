"""A demonstration that was closed can be gone on with."""

from pathlib import Path

import pytest

from tests.helpers.ready_office import office_at
from workstation import bootstrap, cli
from workstation.app import queries
from workstation.app import session as sessions
from workstation.app.services import Services
from workstation.demo.story import passphrase


def test_it_opens_with_what_was_done_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is told or thrown away; the case is there, the watermark too, and the logins are named."""
    story, case_id = office_at("case", tmp_path)
    opened: list[Services] = []
    monkeypatch.setattr(bootstrap, "open_desktop_on", lambda services: opened.append(services) or 0)
    assert cli.main(["demo", "--again", "--out", str(tmp_path)]) == 0
    (services,) = opened
    assert services.watermark == bootstrap.DEMO_WATERMARK
    session = sessions.unlock(services, login_name="osei", passphrase=passphrase())
    assert queries.case_view(session, case_id).row.case_id == case_id
    sessions.lock(session, reason="person-left")
    said = capsys.readouterr().out
    assert "tanaka     Security officer" in said
    assert story.services is not services


def test_where_nothing_was_told_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No vault, no window, and nothing is made or removed."""
    assert cli.main(["demo", "--again", "--out", str(tmp_path)]) == 3
    assert "VLT-005" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
