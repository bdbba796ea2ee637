"""While no officers' keys are in force, the custodian reads that on the start page, and nobody else does."""

from pathlib import Path

from tests.helpers.ready_office import office_at
from workstation.app import attention, recovering
from workstation.app.wording import sentence, word
from workstation.demo.story import Story, passphrase


def told(story: Story, who: str) -> set[str]:
    """The lines about the workstation that somebody sees on coming in."""
    with story.acting(who) as session:
        return {check.key for check in attention.read(session).checks}


def test_recovery_keys_are_the_custodians_work_until_they_are_in_force(tmp_path: Path) -> None:
    """After the first run and at each unlock the custodian is told; not the others, and not once issued."""
    story, _case = office_at("people", tmp_path)
    for _unlock in range(2):
        assert "recovery-none" in told(story, "abara")
    assert "recovery-none" not in told(story, "osei")
    assert word("check", "recovery-none")
    assert "page Vault" in sentence("check-state", "recovery-none")
    with story.acting("abara") as session:
        issue = recovering.begin(session, needed=2, officers=3, custodian_passphrase=passphrase())
        for officer in (1, 2, 3):
            issue.confirm(officer, issue.text(officer))
        issue.finish()
    assert "recovery-none" not in told(story, "abara")
