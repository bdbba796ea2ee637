"""Officers' keys get one custodian back in, once, under the trail; and nobody anywhere else."""

from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest

from tests.helpers.ready_office import office_at
from workstation.app import administering, auditing, recovering, recovery_sheets
from workstation.app import session as sessions
from workstation.app.recovering import Issue
from workstation.app.services import Services, Session
from workstation.core import events
from workstation.core.confirmations import NotConfirmed, NotToBeConfirmedBy
from workstation.core.people import NotAppointed, Person, Role
from workstation.core.recovery import (
    RecoveryBounds,
    RecoveryForCustodianOnly,
    RecoveryKeyMistyped,
    RecoveryKeysWrong,
    RecoveryNotConfirmed,
    RecoveryNotSet,
    RecoverySheetNotWritten,
)
from workstation.core.vault_errors import CredentialsRefused, PassphraseNotConfirmed, PassphraseTooWeak
from workstation.demo.story import Story, passphrase

WHO, NEW = "abara", b"harbor lantern willow seventeen"


@pytest.fixture
def story(tmp_path: Path) -> Story:
    """People enrolled, no case yet."""
    return office_at("people", tmp_path)[0]


def issued(story: Story) -> list[str]:
    """Keys in force, as written on the sheets."""
    with story.acting(WHO) as session:
        issue = recovering.begin(session, needed=3, officers=5, custodian_passphrase=passphrase())
        texts = [issue.text(officer) for officer in range(1, 6)]
        for officer, text in enumerate(texts, start=1):
            issue.confirm(officer, text)
        issue.finish()
    return texts


def recover(services: Services, texts: list[str], login: str = WHO, new: bytes = NEW) -> Session:
    """As the officers and the custodian type it."""
    keys = recovering.keys_from(services, texts)
    return recovering.recover(services, login_name=login, keys=keys, passphrase=bytearray(new))


def test_a_custodian_gets_back_in_and_can_do_the_work(story: Story) -> None:
    """By three of five keys the custodian has a new passphrase, signs and enrols; the rest is as it was."""
    texts = issued(story)
    session = recover(story.services, [texts[4], texts[0], texts[2]])
    rows = auditing.page(session)
    row = next(row for row in rows if row.event == "VaultRecovered")
    assert '"officers":[1,3,5]' in row.body_json
    new = administering.NewPerson(
        login_name="newcomer", staff_number="S-77", display_name="New Comer", role=Role.REVIEWER
    )
    administering.enrol(session, new, custodian_passphrase=bytearray(NEW), passphrase=passphrase())
    with sessions.reauthenticated(session, bytearray(NEW)):
        pass
    sessions.lock(session, reason="test")
    with pytest.raises(CredentialsRefused):
        sessions.unlock(story.services, login_name=WHO, passphrase=passphrase())
    for login, text in ((WHO, bytearray(NEW)), ("newcomer", passphrase())):
        again = sessions.unlock(story.services, login_name=login, passphrase=text)
        assert auditing.verify(again).broken_seq is None
        sessions.lock(again, reason="test")


def test_used_keys_are_void(story: Story) -> None:
    """After a recovery there are no keys in force until a custodian issues new ones."""
    texts = issued(story)
    sessions.lock(recover(story.services, texts[:3]), reason="test")
    assert recovering.in_force(story.services) is None
    with pytest.raises(RecoveryNotSet):
        recover(story.services, texts[:3])


def test_nobody_but_a_custodian_is_recovered(story: Story) -> None:
    """An officer's keys get no reviewer in, and the attempt is a refusal in the trail; the keys stay good."""
    texts = issued(story)
    with story.acting(WHO) as session:
        reviewer = next(p for p in _people(session) if p.role is Role.REVIEWER)
    with pytest.raises(RecoveryForCustodianOnly):
        recover(story.services, texts[:3], reviewer.login_name)
    with story.acting(WHO) as session:
        assert any(row.event == "ActRefused" for row in auditing.page(session))
    sessions.lock(recover(story.services, texts[:3]), reason="test")


def test_who_issued_the_keys_does_not_become_another_custodian_by_them(story: Story) -> None:
    """By keys that another custodian issued one comes in and looks; somebody else says first who it is."""
    second = administering.NewPerson(
        login_name="second", staff_number="S-2", display_name="Second Custodian", role=Role.CUSTODIAN
    )
    twin = replace(second, login_name="twin", staff_number="S-3", display_name="T. Win", role=Role.REVIEWER)
    with story.acting(WHO) as session:
        person = administering.enrol(
            session, second, custodian_passphrase=passphrase(), passphrase=passphrase()
        )
    with story.acting("tanaka") as session:
        administering.confirm(session, person.person_id, staff_number="S-2")
    texts = issued(story)
    with story.acting(WHO) as session:
        puppet = administering.enrol(
            session, twin, custodian_passphrase=passphrase(), passphrase=passphrase()
        )
    session = recover(story.services, texts[:3], "second")
    for whom, number in ((puppet, "S-3"), (person, "S-2")):
        with pytest.raises(NotToBeConfirmedBy):
            administering.confirm(session, whom.person_id, staff_number=number)
    with pytest.raises(NotConfirmed), session.work() as work:
        work.record(events.RecoveryKeysIssued(set_id="x", needed=2, officers=2))
    sessions.lock(session, reason="test")
    with story.acting(WHO) as session, pytest.raises(NotToBeConfirmedBy):
        administering.confirm(session, person.person_id, staff_number="S-2")
    with story.acting("tanaka") as session:
        assert administering.confirm(session, person.person_id, staff_number="S-2").confirmed
    session = sessions.unlock(story.services, login_name="second", passphrase=bytearray(NEW))
    assert administering.confirm(session, puppet.person_id, staff_number="S-3").confirmed
    sessions.lock(session, reason="test")


def _people(session: Session) -> tuple[Person, ...]:
    with session.look() as work:
        return tuple(work.people.all())


def test_what_is_not_enough_changes_nothing(story: Story) -> None:
    """Two keys, a weak passphrase and an unknown name leave keys and passphrases as they were."""
    texts = issued(story)
    with pytest.raises(RecoveryKeysWrong):
        recover(story.services, texts[:2])
    with pytest.raises(CredentialsRefused):
        recover(story.services, texts[:3], "nobody")
    with pytest.raises(PassphraseTooWeak):
        recover(story.services, texts[:3], new=b"short")
    with pytest.raises(RecoveryKeyMistyped):
        recover(story.services, [texts[0][:-1] + "!", *texts[1:3]])
    with story.acting(WHO):
        pass
    sessions.lock(recover(story.services, texts[:3]), reason="test")


def test_keys_are_in_force_when_each_officer_has_typed_theirs(story: Story) -> None:
    """Until then, and after another officer's key was typed, the keys of before stay in force."""
    before = issued(story)
    with story.acting(WHO) as session:
        issue = recovering.begin(session, needed=2, officers=3, custodian_passphrase=passphrase())
        issue.confirm(1, issue.text(1))
        with pytest.raises(RecoveryNotConfirmed):
            issue.confirm(2, issue.text(1))
        issue.confirm(2, issue.text(2))
        with pytest.raises(RecoveryNotConfirmed) as missing:
            issue.finish()
        assert missing.value.officer == 3
        issue.abandon()
    facts = recovering.in_force(story.services)
    assert facts is not None
    assert facts.needed == 3
    sessions.lock(recover(story.services, before[1:4]), reason="test")


def test_only_a_custodian_with_the_passphrase_issues_keys(story: Story) -> None:
    """A reviewer, a wrong passphrase and one needed officer are refused."""
    with story.acting(WHO) as session:
        reviewer = next(p for p in _people(session) if p.role is Role.REVIEWER)
        with pytest.raises(PassphraseNotConfirmed):
            recovering.begin(session, needed=3, officers=5, custodian_passphrase=bytearray(b"x" * 20))
        with pytest.raises(RecoveryBounds):
            recovering.begin(session, needed=1, officers=5, custodian_passphrase=passphrase())
    with story.acting(reviewer.login_name) as session, pytest.raises(NotAppointed):
        recovering.begin(session, needed=3, officers=5, custodian_passphrase=passphrase())


def test_the_sheet_says_all_that_is_needed(story: Story, tmp_path: Path) -> None:
    """An officer's sheet holds that officer's key and no other's, is written once, for its owner only."""
    with story.acting(WHO) as session:
        issue = recovering.begin(session, needed=2, officers=2, custodian_passphrase=passphrase())
        path = recovery_sheets.save(session, issue, 1, tmp_path / "medium")
        text = _text(path)
        assert all(group in text for group in issue.text(1).split())
        assert not any(group in text for group in issue.text(2).split())
        assert issue.facts.set_id in text
        assert session.vault.vault_id in text
        assert path.stat().st_mode & 0o777 == 0o600
        with pytest.raises(RecoverySheetNotWritten):
            recovery_sheets.save(session, issue, 1, tmp_path / "medium")
        _forgotten(issue)


def _text(path: Path) -> str:
    import subprocess

    with pikepdf.open(path) as pdf:
        assert len(pdf.pages) <= 2
    return subprocess.run(
        ["pdftotext", "-layout", path, "-"], check=True, capture_output=True, text=True
    ).stdout


def _forgotten(issue: Issue) -> None:
    issue.abandon()
    assert all(not any(key.key) for key in issue.made.keys)
