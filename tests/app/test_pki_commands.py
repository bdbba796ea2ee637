"""``workstation pki``: the whole way to signing under an agency's certificates, on the command line."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.helpers.foreign_pki import ForeignCa
from workstation import cli

SECRET = "a passphrase for tests only"


class Desk:
    """Runs command lines in this process, each as somebody."""

    def __init__(self, vault: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.vault, self._capsys = vault, capsys

    def run(self, user: str, *words: str | Path, status: int = 0) -> dict[str, object]:
        """One command; the last JSON line it printed."""
        line = [*map(str, words), "--user", user, "--vault", str(self.vault), "--demo", "--json"]
        assert cli.main(line) == status, self._capsys.readouterr().err
        lines = [line for line in self._capsys.readouterr().out.splitlines() if line.startswith("{")]
        answer: dict[str, object] = json.loads(lines[-1]) if lines else {}
        return answer


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Desk:
    """A vault with custodian, security officer and reviewer."""
    monkeypatch.setenv("FRW_PASSPHRASE", SECRET)
    monkeypatch.setenv("FRW_NEW_PASSPHRASE", SECRET)
    made = Desk(tmp_path / "vault", capsys)
    made.run("cus", "vault", "init", "--office", "Test", "--name", "Cus", "--staff-number", "1")
    for number, (login, role) in enumerate((("sec", "security-officer"), ("rev", "reviewer")), start=2):
        person = ("--login", login, "--name", login, "--staff-number", str(number), "--role", role)
        made.run("cus", "people", "add", *person)
    return made


def test_from_the_request_to_the_certificate(desk: Desk, tmp_path: Path) -> None:
    """Listed, confirmed, with its list; requested, issued, taken over: the person's row names the agency."""
    ca = ForeignCa(at=datetime.now(tz=UTC).replace(microsecond=0))  # noqa: TID251 - the vault has no other clock
    for name, content in (("ca.pem", ca.pem), ("ca.crl", ca.crl())):
        (tmp_path / name).write_bytes(content)
    (listed,) = desk.run("cus", "pki", "add", tmp_path / "ca.pem")["listed"]  # type: ignore[misc]  # a list
    desk.run("sec", "pki", "confirm", listed["sha384"][:8], "--fingerprint", listed["sha384"])  # type: ignore[index]  # an object
    assert desk.run("cus", "pki", "crl", tmp_path / "ca.crl")["taken"]
    written = desk.run("rev", "pki", "request", tmp_path / "out")["written"]
    names = [Path(name).name for name in written]  # type: ignore[attr-defined]  # a list
    assert names == ["rev-classical.csr.pem", "rev-ml-dsa-87.csr.pem"]
    answer = desk.run("rev", "pki", "request", tmp_path / "out", status=cli.ENVIRONMENT)
    assert answer["error"]["code"] == "SIG-019"  # type: ignore[index]  # an object
    issued = tmp_path / "issued.pem"
    issued.write_bytes(ca.issue((tmp_path / "out" / names[0]).read_bytes()))
    answer = desk.run("cus", "pki", "adopt", "sec", issued, "--reason", "no", status=cli.REFUSED)
    assert answer["error"]["code"] == "SIG-026"  # type: ignore[index]  # an object
    desk.run("cus", "pki", "adopt", "rev", issued, "--reason", "the agency's PKI")
    shown = desk.run("rev", "pki", "list")
    own, authorities = shown["own_certificates"], shown["authorities"]
    assert "CN=DEMO Agency Signing CA 7" in own[0]["issuer"]  # type: ignore[index]  # a list
    assert own[0]["subject"] == own[1]["subject"]  # type: ignore[index]  # a list
    assert [one["confirmed"] for one in authorities] == [True]  # type: ignore[attr-defined]  # a list
    desk.run("cus", "pki", "withdraw", listed["sha384"], "--reason", "closed")  # type: ignore[index]  # an object
    assert desk.run("cus", "pki", "list")["authorities"] == []
    missing = desk.run("cus", "pki", "add", tmp_path / "nowhere", status=cli.ENVIRONMENT)
    assert missing["error"]["code"] == "SIG-013"  # type: ignore[index]  # an object
