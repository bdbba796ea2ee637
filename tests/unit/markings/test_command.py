"""``workstation marking check`` as scripts and people see it."""

import json
import re
import tomllib

import pytest

import resources
from workstation import cli
from workstation.app.markings import RULES, check_marking, explain
from workstation.core.markings import BrokenRule


def ask(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, object]]:
    """The exit status and the JSON answer."""
    status = cli.main(["marking", "check", *words, "--json"])
    return status, json.loads(capsys.readouterr().out)


def test_a_marking_that_stands_is_accepted(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 0, no findings, and the facts of the marking."""
    status, answer = ask(capsys, "SECRET//NOFORN")
    assert status == 0
    assert (answer["outcome"], answer["findings"]) == ("accept", [])
    assert answer["facts"] == {
        "kind": "banner",
        "profile": "ic-dod",
        "canonical": "SECRET//NOFORN",
        "portion": "(S//NF)",
        "classification": "SECRET",
        "suggestion": None,
    }


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["SECRET//NF"], "MRK-116"),
        (["(S//NF)", "--kind", "banner"], "MRK-106"),
        (["S//NF", "--kind", "portion"], "MRK-107"),
        (["SECRET", "--profile", "nara-cui"], "MRK-152"),
        (["SECRET", "--portion", "(TS)"], "MRK-002"),
        (["SECRET//NOFORN", "--portion", "(C//NF)"], "MRK-003"),
        (["SECRET", "--portion", "(SECRET)"], "MRK-001"),
        ([""], "MRK-101"),
        (["\udcff"], "MRK-103"),
    ],
)
def test_a_broken_rule_exits_with_two(
    words: list[str], code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 2, the rule among the findings, and a sentence that says what to do."""
    status, answer = ask(capsys, *words)
    assert (status, answer["outcome"]) == (2, "reject")
    findings = answer["findings"]
    assert isinstance(findings, list)
    assert code in [finding["code"] for finding in findings]
    assert all(finding["severity"] == "error" and len(finding["message"]) > 20 for finding in findings)


def test_compilation_with_a_reason_is_accepted(capsys: pytest.CaptureFixture[str]) -> None:
    """A banner above its portions is accepted once the compilation is explained."""
    words = ["SECRET//NOFORN", "--portion", "(C//NF)", "--compilation", "together they name the site"]
    assert ask(capsys, *words)[0] == 0


def test_a_person_reads_sentences(capsys: pytest.CaptureFixture[str]) -> None:
    """Without --json the answer is plain text with the proposal."""
    assert cli.main(["marking", "check", "SECRET//NF"]) == 2
    assert "Write instead: SECRET//NOFORN" in capsys.readouterr().err
    assert cli.main(["marking", "check", "(S//NF)"]) == 0
    assert "(S//NF)" in capsys.readouterr().out


def test_every_rule_has_its_sentences_and_every_sentence_its_rule() -> None:
    """Rules in the code and texts in the catalogue are the same set, each with what, next and source."""
    from importlib.resources import files

    import workstation.core.markings as package

    texts = tomllib.loads(resources.read_text(RULES))
    code = "".join(f.read_text() for f in files(package).iterdir() if f.name.endswith(".py"))
    assert set(re.findall(r'"(MRK-1\d\d)"', code)) == set(texts)
    assert all(set(text) == {"what", "next", "source"} and all(text.values()) for text in texts.values())


def test_what_was_written_is_shown_with_strange_characters_visible() -> None:
    """A look-alike is told by its number, so that nobody sees the letter it imitates."""
    broken = check_marking("\u0405ECRET").broken[0]
    assert "U+0405" in explain(broken).what
    assert "U+202E" in explain(BrokenRule(rule="MRK-118", position=0, written="\u202e")).what
