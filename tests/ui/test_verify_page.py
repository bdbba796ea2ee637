"""A report that came alone, and a content set, on the window's page for verifying."""

import shutil
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

import resources
from tests.helpers.bad_exports import two_exports
from tests.ui.bench import Bench
from tests.ui.stages import Stages
from ui.verify.view import VerifyPage
from ui.widgets import choosing
from ui.widgets.text import Text
from workstation.app import administering, content
from workstation.app import session as sessions
from workstation.demo.story import passphrase
from workstation.settings import Settings


def test_a_file_that_came_alone_is_verified_by_itself(
    stages: Stages, tmp_path: Path, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each revision with what its signature covers; appended bytes, and what is no PDF, are refused."""
    office = stages.at("requested", tmp_path / "office")
    export, _other = two_exports(office, tmp_path / "medium")
    chosen = [tmp_path / "letter.pdf"]
    monkeypatch.setattr(choosing, "file", lambda _parent, _title, then: then(chosen[0]))
    shutil.copy(export / "report.pdf", chosen[0])
    bench = Bench(office=office, settings=Settings())

    def words() -> str:
        bench.press("Choose a report, referral or content set")
        bench.wait_done()
        return bench.words()

    try:
        bench.arrive("osei")
        bench.window.show_verify()
        told = words()
        assert "Verified: the file is as signed" in told
        assert "the last signature covers the whole file" in told
        assert told.count("Revision ") >= 2
        answer = bench.named(Text, "Result of the verification")
        assert answer.height() < bench.window.height() / 8
        chosen[0].write_bytes(chosen[0].read_bytes() + b"\n% one more line\n")
        told = words()
        assert "NOT VERIFIED" in told
        assert "no revision came after it, and the file goes on" in told
        assert "nothing came after" not in told
        assert bench.cells("What does not hold")
        chosen[0].write_bytes(b"no PDF at all")
        assert "NOT VERIFIED" in words()
    finally:
        bench.close()


def test_a_content_set_is_verified_by_the_roots_believed_for_content(
    stages: Stages, tmp_path: Path, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its signers are told; a changed set is refused with its own sentence."""
    office = stages.at("evaluation", tmp_path / "office")
    custodian = office.unlock("abara")
    administering.write_roots(custodian, tmp_path / "roots")
    content.trust(custodian, tmp_path / "roots")
    sessions.lock(custodian, reason="person-left")
    path = tmp_path / "eo14409-v1.json"
    path.write_bytes(resources.read_bytes("checklists/eo14409-v1.json"))
    monkeypatch.setattr(choosing, "file", lambda _parent, _title, then: then(path))
    bench = Bench(office=office, settings=Settings())
    try:
        bench.arrive("ibarra")
        content.sign(bench.window.desk.here, path, passphrase())
        bench.window.show_verify()
        bench.press("Choose a report, referral or content set")
        bench.wait_done()
        assert bench.window.findChild(VerifyPage) is not None
        assert "Verified: the file is as signed" in bench.words()
        assert "ml-dsa-87" in bench.words()
        path.write_bytes(path.read_bytes().replace(b"eo14409", b"eo14408", 1))
        bench.press("Choose a report, referral or content set")
        bench.wait_done()
        assert "Not verified" in bench.words()
        assert "CRT-" in bench.notice()
    finally:
        bench.close()
