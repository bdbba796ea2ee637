"""Cards (of software) and recovery keys on the command line, from enrolment to a recovery."""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers import soft_cards
from tests.storage.vault.test_soft_cards import add_opening_key
from workstation import cli, settings
from workstation.app import recovering
from workstation.commands import recovery

MODULE = soft_cards.module()
FIRST, NEW = "a passphrase for tests only", "harbor lantern willow seventeen"


class Desk:
    """Runs command lines in this process."""

    def __init__(self, vault: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.vault, self._capsys = vault, capsys

    def run(self, *words: str, status: int = 0) -> dict[str, object]:
        """One command; the last JSON line it printed."""
        assert cli.main([*words, "--vault", str(self.vault), "--demo", "--json"]) == status, (
            self._capsys.readouterr().err
        )
        lines = [line for line in self._capsys.readouterr().out.splitlines() if line.startswith("{")]
        answer: dict[str, object] = json.loads(lines[-1]) if lines else {}
        return answer


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Desk:
    """A vault and its custodian."""
    monkeypatch.setenv("FRW_PASSPHRASE", FIRST)
    monkeypatch.setenv("FRW_PIN", soft_cards.PIN)
    monkeypatch.setattr(settings, "load", lambda: settings.Settings(pkcs11_module=MODULE))
    made = Desk(tmp_path / "vault", capsys)
    made.run("vault", "init", "--office", "Test", "--name", "Cus", "--staff-number", "1", "--user", "cus")
    return made


@pytest.fixture
def card() -> Iterator[soft_cards.SoftCard]:
    """A card in the reader, with a key to open by."""
    with soft_cards.others_out():
        made = soft_cards.new_card("COMMANDS")
        add_opening_key(made, "p384")
        yield made
        if made.folder.exists():
            made.pull_out()


@pytest.mark.skipif(not MODULE, reason="SoftHSM is not installed on this machine")
def test_a_card_from_enrolment_to_removal(desk: Desk, card: soft_cards.SoftCard) -> None:
    """Enrolled, it opens the vault; out of the reader it is missed; removed, it is refused."""
    assert desk.run("people", "card", "list", "--user", "cus")["enrolled"] == []
    enrolled = desk.run("people", "card", "enrol", "--user", "cus")
    assert enrolled["card"] == card.serial
    assert enrolled["mechanism"] == "ecdh-p384"
    assert enrolled["passphrase_kept"] is True
    by_card = ("--user", "cus", "--by-card")
    assert len(desk.run("people", "card", "list", *by_card)["enrolled"]) == 1  # type: ignore[arg-type] # a list
    desk.run("people", "lists", *by_card)
    card.pull_out()
    answer = desk.run("people", "list", *by_card, status=cli.ENVIRONMENT)
    assert answer["error"]["code"] == "CRD-004"  # type: ignore[index] # an object
    card.insert()
    removed = desk.run("people", "card", "remove", "--user", "cus")
    assert removed["epoch"] == 2
    answer = desk.run("people", "list", *by_card, status=cli.REFUSED)
    assert answer["error"]["code"] == "VLT-001"  # type: ignore[index] # an object


def test_recovery_from_issue_to_use(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Keys are handed over one by one, sheets where asked, and two of them get the custodian back in."""
    assert desk.run("recovery", "status", status=1) == {"in_force": False}
    texts: list[str] = []
    shown = recovering.Issue.text

    def noted(issue: recovering.Issue, officer: int) -> str:
        texts.append(shown(issue, officer))
        return texts[-1]

    monkeypatch.setattr(recovering.Issue, "text", noted)
    monkeypatch.setattr(recovery, "_typed", lambda _prompt, *, at_terminal: texts[-1])
    monkeypatch.setattr("sys.stdin", io.StringIO())
    numbers = ("--needed", "2", "--officers", "3")
    issued = desk.run("recovery", "issue", *numbers, "--sheets", str(tmp_path / "medium"), "--user", "cus")
    assert issued["officers"] == 3
    assert len(list((tmp_path / "medium").iterdir())) == 3
    assert desk.run("recovery", "status")["needed"] == 2
    monkeypatch.setenv("FRW_RECOVERY_KEYS", "\n".join((texts[-1], texts[0])))
    monkeypatch.setenv("FRW_NEW_PASSPHRASE", NEW)
    assert desk.run("recovery", "use", "--user", "cus")["epoch"] == 2
    answer = desk.run("people", "list", "--user", "cus", status=cli.REFUSED)
    assert answer["error"]["code"] == "VLT-001"  # type: ignore[index] # an object
    monkeypatch.setenv("FRW_PASSPHRASE", NEW)
    desk.run("people", "lists", "--user", "cus")
    answer = desk.run("recovery", "use", "--user", "cus", status=cli.REFUSED)
    assert answer["error"]["code"] == "CRD-034"  # type: ignore[index] # an object
    assert desk.run("vault", "check", "--user", "cus")["holds"] is True


def test_without_a_module_cards_are_told_as_missing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """No module in the settings, a relative one and one that is not there each have words of their own."""
    for named, code, status in (
        ("", "CRD-001", cli.ENVIRONMENT),
        ("/usr/lib/no-such-module.so", "CRD-001", cli.ENVIRONMENT),
        ("softhsm.so", "CRD-002", cli.REFUSED),
    ):
        monkeypatch.setattr(settings, "load", lambda named=named: settings.Settings(pkcs11_module=named))
        answer = desk.run("people", "list", "--user", "cus", "--by-card", status=status)
        assert answer["error"]["code"] == code  # type: ignore[index] # an object
