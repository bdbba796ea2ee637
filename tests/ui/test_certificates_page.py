"""Certificates of the office's own PKI in the window: believed, requested, taken over."""

from pathlib import Path

import pytest

from tests.helpers.foreign_pki import ForeignCa
from tests.ui.bench import Bench
from tests.ui.conftest import Open
from ui.widgets import choosing
from workstation.app import administering


class Choices:
    """What the next dialog is answered with."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.path = Path()
        for name in ("file", "folder"):
            monkeypatch.setattr(choosing, name, lambda _parent, _title, then: then(self.path))


@pytest.fixture
def choices(monkeypatch: pytest.MonkeyPatch) -> Choices:
    """Dialogs answered at once."""
    return Choices(monkeypatch)


def arrive(bench: Bench, login: str) -> None:
    """Somebody at the page."""
    bench.window.lock("asked")
    bench.arrive(login)
    bench.window.router.show("certificates")
    bench.settle()


def test_a_person_signs_under_the_agency_s_certificate(
    open_at: Open, tmp_path: Path, choices: Choices
) -> None:
    """Custodian, officer and reviewer each do their part on the page, and the table names the agency."""
    bench = open_at("determined", "abara")
    ca = ForeignCa(at=bench.window.desk.services.clock.now().replace(microsecond=0))
    for name, content in (("ca.pem", ca.pem), ("ca.crl", ca.crl())):
        (tmp_path / name).write_bytes(content)
    arrive(bench, "abara")
    choices.path = tmp_path / "ca.pem"
    bench.press("Add authorities from a file…")
    assert "The security officer confirms the fingerprint next" in bench.notice()
    bench.press("Add authorities from a file…")
    assert "SIG-021" in bench.notice()
    choices.path = tmp_path / "ca.crl"
    bench.press("Take over a revocation list…")
    assert bench.cells("Issuing authorities")[0][1] == "not confirmed yet"

    arrive(bench, "tanaka")
    bench.type("Fingerprint", "00")
    bench.press("Confirm the fingerprint")
    assert "SIG-023" in bench.notice()
    bench.type("Fingerprint", bench.cells("Issuing authorities")[0][3])
    bench.press("Confirm the fingerprint")
    assert bench.cells("Issuing authorities")[0][1] == "confirmed"

    arrive(bench, "osei")
    assert "Keep the list" not in bench.words()
    choices.path = tmp_path
    bench.passphrase("Your passphrase")
    bench.press("Write requests to a folder…")
    assert "osei-classical.csr.pem" in bench.notice()

    issued = tmp_path / "issued.pem"
    issued.write_bytes(ca.issue((tmp_path / "osei-classical.csr.pem").read_bytes()))
    arrive(bench, "abara")
    choices.path = issued
    name = administering.person_by_login(bench.window.desk.here, "osei").display_name
    bench.choose("Person", name)
    bench.type("Reason", "the agency issues now")
    bench.passphrase("Passphrase of the person")
    bench.passphrase("Your passphrase, to take over")
    bench.press("Choose the issued certificates…")
    assert "signs under these certificates from now on" in bench.notice()
    arrive(bench, "osei")
    assert bench.cells("My certificates")[0][1] == "DEMO Agency Signing CA 7"
