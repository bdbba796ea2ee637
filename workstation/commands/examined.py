"""How an examination is printed, as JSON for scripts and as lines for people."""

import json
import sys
from collections import Counter
from collections.abc import Iterator

from workstation.app.reasons import reason
from workstation.app.wording import is_reduced, size, visible, walls, word
from workstation.core.examination import Coverage, Examination, ExaminedFile, Finding, Outcome, Severity

_STATUS = {Outcome.ACCEPT: 0, Outcome.WARN: 1, Outcome.REJECT: 2}
NOTHING_KNOWN = 3
_MAX_LINES = 200
_ORDER = (Severity.DANGER, Severity.CAUTION, Severity.NOTE)


def exit_status(found: Examination) -> int:
    """0 nothing in the way, 1 a person must decide, 2 rejected, 3 nothing known about this kind of input."""
    only = found.files[0] if len(found.files) == 1 else None
    if found.kind == "unknown" and only is not None and found.outcome is Outcome.ACCEPT and only.size_bytes:
        return NOTHING_KNOWN
    return _STATUS[found.outcome]


def _pieces(found: Examination) -> Iterator[str]:
    """One JSON object; a family of codes is summed up in a finding of its own beside its members.

    It comes in pieces, so that of half a million files no second copy is held.
    """
    head: dict[str, object] = {
        "outcome": found.outcome.value,
        "kind": found.kind,
        "findings": [*map(_finding, found.findings), *map(_finding, _families(found))],
        "facts": found.facts,
    }
    yield f'{json.dumps(head)[:-1]}, "files": ['
    for number, file in enumerate(found.files):
        yield f"{', ' if number else ''}{json.dumps(_file(file))}"
    reduced = json.dumps(is_reduced(found.isolation))
    yield f'], "isolation": {json.dumps(found.isolation)}, "isolation_reduced": {reduced}}}'


def _file(file: ExaminedFile) -> dict[str, object]:
    return {
        "path": file.path,
        "size_bytes": file.size_bytes,
        "kind": file.kind,
        "coverage": file.coverage.value,
        "facts": file.facts,
    }


def _finding(finding: Finding) -> dict[str, str]:
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "path": finding.path,
        "message": reason(finding.code).what,
        "detail": finding.detail,
    }


def _families(found: Examination) -> Iterator[Finding]:
    heaviest: dict[str, Severity] = {}
    count: Counter[str] = Counter()
    for finding in found.findings:
        family = reason(finding.code).family
        if family:
            count[family] += 1
            heaviest[family] = min(heaviest.get(family, finding.severity), finding.severity, key=_ORDER.index)
    for family, severity in heaviest.items():
        yield Finding(code=family, severity=severity, detail=f"{count[family]}")


def show(found: Examination) -> None:
    """Lines for people: the outcome, what was found, what nobody read, and under which walls."""
    print(f"{word('outcome', found.outcome)} ({found.kind})")
    findings = [finding for severity in _ORDER for finding in found.findings if finding.severity is severity]
    for finding in findings[:_MAX_LINES]:
        words = reason(finding.code)
        where = visible(finding.path, lines=False) or "the package"
        detail = f" [{visible(finding.detail, lines=False)}]" if finding.detail else ""
        print(f"  {word('severity', finding.severity)}: {words.title}: {where}{detail} ({finding.code})")
        if finding.severity is not Severity.NOTE and words.next:
            print(f"    {words.what} {words.next}")
    if len(findings) > _MAX_LINES:
        print(f"  ... and {len(findings) - _MAX_LINES} more; --json lists all")
    for coverage in (Coverage.DANGEROUS, Coverage.INCONCLUSIVE, Coverage.NOTHING_FOUND):
        files = [file for file in found.files if file.coverage is coverage]
        if files:
            total = size(sum(file.size_bytes for file in files))
            print(f"{word('coverage', coverage)}: {len(files)} files, {total}")
    print(f"Examined under: {walls(found.isolation)}")


def print_examination(found: Examination, *, json_wanted: bool) -> int:
    """Print one or the other and return the exit status."""
    if json_wanted:
        sys.stdout.writelines(_pieces(found))
        sys.stdout.write("\n")
    else:
        show(found)
    return exit_status(found)
