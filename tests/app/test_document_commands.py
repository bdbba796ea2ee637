"""Documents by command: listed, looked at, signed."""

import json
from pathlib import Path

import pypdfium2
import pytest

from tests.helpers.ready_office import office_at
from workstation import bootstrap, cli
from workstation.demo.story import PASSPHRASE


def test_a_document_is_listed_previewed_and_signed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A variant of the receipt tells how much was removed; a letter the case cannot give is refused."""
    story, case_id = office_at("received", tmp_path / "office")
    monkeypatch.setenv("FRW_PASSPHRASE", PASSPHRASE)
    monkeypatch.setattr(bootstrap, "SystemClock", lambda: story.clock)

    def run(verb: str, *words: str, status: int = 0) -> dict[str, object]:
        options = ["--vault", str(tmp_path / "office" / "profile"), "--demo", "--json", "--user", "osei"]
        assert cli.main(["export", verb, *options, *words]) == status
        said = capsys.readouterr()
        answer: dict[str, object] = json.loads(said.out) if said.out.strip() else {"error": said.err}
        return answer

    listed = json.dumps(run("documents", case_id))
    assert "intake-receipt" in listed
    assert "deficiency-letter" not in listed
    pdf = tmp_path / "receipt.pdf"
    run("preview", case_id, str(pdf), "--document", "intake-receipt")
    assert len(pypdfium2.PdfDocument(pdf.read_bytes())) > 1
    refused = run("sign", case_id, "--document", "deficiency-letter", status=2)
    assert "EXP-057" in str(refused)
    signed = run("sign", case_id, "--document", "intake-receipt", "--releasable-to", "UNCLASSIFIED")
    assert (signed["marking"], signed["removed"]) == ("UNCLASSIFIED", 0)
