"""``workstation marking check TEXT``: judge a marking, and its portions when they are given."""

import argparse
import json
import sys

from workstation.app.markings import check_marking, explain, parse_marking
from workstation.app.wording import explain as explain_error
from workstation.core.errors import Refused
from workstation.core.markings import Kind, MarkingCheck, Profile, require_rolls_up

_ACCEPT, _REJECT = 0, 2
_Finding = dict[str, object]


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``marking``."""
    steps = parser.add_subparsers(dest="step", required=True, metavar="check")
    step = steps.add_parser("check", help="judge one marking and say what to write instead")
    step.add_argument("text", metavar="TEXT", help="the marking, for example 'SECRET//NOFORN' or '(S//NF)'")
    step.add_argument("--json", action="store_true", help="print one JSON object")
    step.add_argument("--kind", choices=[kind.value for kind in Kind], help="default: told by parentheses")
    step.add_argument(
        "--profile", choices=[profile.value for profile in Profile], default=Profile.IC_DOD.value
    )
    step.add_argument(
        "--portion",
        action="append",
        default=[],
        metavar="MARK",
        help="a portion mark under this banner; repeatable",
    )
    step.add_argument(
        "--compilation", default="", metavar="REASON", help="why the banner is above its portions"
    )


def run(options: argparse.Namespace) -> int:
    """Print the answer; 0 when the marking stands, 2 when it breaks a rule."""
    profile = Profile(options.profile)
    answer = check_marking(options.text, Kind(options.kind) if options.kind else None, profile)
    findings = [_finding(answer, number) for number in range(len(answer.broken))]
    if not findings and options.portion:
        findings = _portion_findings(answer, options.portion, profile, options.compilation)
    _show(answer, findings, as_json=options.json)
    return _REJECT if findings else _ACCEPT


def _finding(answer: MarkingCheck, number: int) -> _Finding:
    broken = answer.broken[number]
    words = explain(broken)
    return {
        "code": broken.rule,
        "severity": "error",
        "message": f"{words.what} {words.next} ({words.source})",
        "position": broken.position,
    }


def _portion_findings(
    answer: MarkingCheck, portions: list[str], profile: Profile, compilation: str
) -> list[_Finding]:
    if answer.marking is None:
        return []
    try:
        marks = [parse_marking(portion, Kind.PORTION, profile) for portion in portions]
        require_rolls_up(answer.marking, marks, compilation)
    except Refused as refusal:
        words = explain_error(refusal)
        return [{"code": refusal.code, "severity": "error", "message": f"{words.what} {words.next}"}]
    return []


def _show(answer: MarkingCheck, findings: list[_Finding], *, as_json: bool) -> None:
    marking = answer.marking
    facts = {
        "kind": answer.kind.value,
        "profile": answer.profile.value,
        "canonical": marking.text(answer.kind) if marking and answer.accepted else None,
        "portion": marking.portion() if marking and answer.accepted else None,
        "classification": marking.level.banner if marking else None,
        "suggestion": answer.suggestion or None,
    }
    if as_json:
        outcome = "reject" if findings else "accept"
        print(json.dumps({"outcome": outcome, "findings": findings, "facts": facts}))
        return
    if not findings:
        print(f"{facts['canonical']} stands.")
        return
    for finding in findings:
        print(f"{finding['code']}: {finding['message']}", file=sys.stderr)
    if answer.suggestion:
        print(f"Write instead: {answer.suggestion}", file=sys.stderr)
