"""SARIF 2.1.0 (OASIS): findings of other tools, checked strictly, counted, never trusted as a verdict."""

import json
import re
from collections import Counter
from math import inf
from typing import Any

from workstation.core.examination import Severity
from workstation.examine import sarif_rules as rules
from workstation.examine.documents import plain
from workstation.examine.documents.json_scan import NotJson, scan
from workstation.examine.reader import Notes, Source, Unreadable
from workstation.examine.sarif_objects import OBJECTS, ONE_OF, REQUIRED

MAX_BYTES = 48 << 20
MAX_REPORTS = 50
MAX_LISTED = 500

_URI = re.compile(r"(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*\Z")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z\Z")
_GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")
_FINAL = re.compile(
    r"sarif-(?:schema-)?2\.1\.0(?:-rtm\.\d)?(?:\.json)?/?#?\Z|/2\.1\.0/|sarif-schema", re.IGNORECASE
)


def examine(source: Source, notes: Notes) -> None:
    """Check a SARIF log and count its results."""
    if source.size_bytes > MAX_BYTES:
        notes.incomplete("SARIF_TOO_LARGE", f"{source.size_bytes} bytes, read up to {MAX_BYTES}")
        return
    encoding = plain.scan(source, notes)
    text = "".join(plain.decoded(source, encoding))
    try:
        facts = scan(text)
        log = json.loads(text)
    except NotJson as reason:
        raise Unreadable("SARIF_INVALID", f"character {reason.at}: {reason.why}", Severity.DANGER) from reason
    except (ValueError, RecursionError) as error:
        raise Unreadable("SARIF_INVALID", type(error).__name__, Severity.DANGER) from error
    if facts.duplicates:
        notes.caution("JSON_DUPLICATE_NAME", ", ".join(plain.visible(n) for n in facts.duplicates))
    checker = _Checker(notes)
    checker.log(log)
    _facts(log, notes)


class _Checker:
    """Walks the log along the table of objects."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._reports = 0
        self._run: rules.RunRules | None = None

    def report(self, where: str, what: str) -> None:
        """A rule of the standard is broken."""
        self._reports += 1
        if self._reports <= MAX_REPORTS:
            self._notes.danger("SARIF_INVALID", plain.visible(f"{where}: {what}"))

    def doubt(self, where: str, what: str) -> None:
        """Unusual, yet readable."""
        self._reports += 1
        if self._reports <= MAX_REPORTS:
            self._notes.caution("SARIF_UNUSUAL", plain.visible(f"{where}: {what}"))

    def log(self, log: Any) -> None:
        """Check everything."""
        self.object("sarifLog", log, "log")
        schema = rules.members(log).get("$schema")
        if isinstance(schema, str) and not _FINAL.search(schema):
            self.doubt("$schema", "does not name the final schema of 2.1.0")

    def object(self, kind: str, value: Any, where: str) -> None:
        """Check one object of the table."""
        if not isinstance(value, dict):
            self.report(where, f"no {kind} object")
            return
        for name in sorted(REQUIRED[kind] - value.keys()):
            self.report(where, f"{name} is missing")
        if kind in ONE_OF and not any(name in value for name in ONE_OF[kind]):
            self.report(where, "none of " + ", ".join(ONE_OF[kind]))
        if kind == "run":
            self._run = rules.RunRules(value, self.report)
        self._rules(kind, value, where)
        table = OBJECTS[kind]
        for name, inner in value.items():
            if name in table:
                self.value(table[name], inner, f"{where}.{name}")
            elif name != "properties":
                self.doubt(where, f"unknown property {name[:60]}")
            elif not isinstance(inner, dict):
                self.report(where, "properties is no object")

    def _rules(self, kind: str, value: dict[str, Any], where: str) -> None:
        if kind == "artifactLocation":
            rules.artifact_location(value, where, self.report)
        elif kind == "run":
            rules.base_ids(value, where, self.report)
        elif kind == "invocation":
            rules.invocation(value, where, self.report)
        elif kind == "region":
            rules.region(value, where, self.report)
        elif kind == "physicalLocation":
            rules.physical_location(value, where, self.report)
        elif kind in {"result", "reportingConfiguration"}:
            rules.rank(value, where, self.report)
        elif (
            kind == "reportingDescriptor"
            and value.get("name") is not None
            and value.get("name") == value.get("id")
        ):
            self.doubt(where, "name and id are the same (3.49.7)")
        if self._run is not None:
            self._run.value(kind, value, where)

    def value(self, kind: str, value: Any, where: str) -> None:
        """Check one value of a kind of the table."""
        if kind.endswith("?"):
            if value is None:
                return
            kind = kind[:-1]
        if kind.startswith("["):
            self._array(kind[1:-1], value, where)
        elif kind.startswith("{"):
            self._map(kind[1:-1], value, where)
        elif kind in OBJECTS:
            self.object(kind, value, where)
        elif not _fits(kind, value):
            self.report(where, "a value of the wrong kind")
        elif kind in {"u", "a"}:
            self._uri(kind, value, where)

    def _uri(self, kind: str, value: str, where: str) -> None:
        if not _URI.match(value):
            if value.isascii():
                self.report(where, f"no URI reference of RFC 3986: {value[:60]}")
            else:
                self.doubt(where, f"a URI with characters outside ASCII: {value[:60]}")
        elif kind == "a" and not rules.absolute(value):
            self.report(where, f"a relative URI: {value[:60]}")

    def _array(self, kind: str, value: Any, where: str) -> None:
        if not isinstance(value, list):
            self.report(where, "no array")
            return
        if kind.startswith("+"):
            kind = kind[1:]
            if not value:
                self.report(where, "an empty array")
        for at, item in enumerate(value):
            self.value(kind, item, f"{where}[{at}]")

    def _map(self, kind: str, value: Any, where: str) -> None:
        if not isinstance(value, dict):
            self.report(where, "no object")
            return
        for name, item in value.items():
            self.value(kind, item, f"{where}.{name[:40]}")


def _fits(kind: str, value: Any) -> bool:
    """Whether a value is of a simple kind; JSON has 1.0 for 1, and the standard asks for integers."""
    if kind == "*":
        return True
    if isinstance(value, bool):
        return kind == "b"
    if isinstance(value, int | float):
        return _number_fits(kind, value)
    if not isinstance(value, str) or kind in {"b", "n", *_LOWEST}:
        return False
    if kind.startswith("("):
        return value in kind[1:-1].split("|")
    pattern = {"t": _TIME, "g": _GUID}.get(kind)
    return pattern is None or bool(pattern.match(value))


_LOWEST = {"i": -inf, "i0": 0, "i1": 1, "x": -1}


def _number_fits(kind: str, value: float) -> bool:
    return kind == "n" or (kind in _LOWEST and isinstance(value, int) and value >= _LOWEST[kind])


def _facts(log: Any, notes: Notes) -> None:
    levels: Counter[str] = Counter()
    tools: list[str] = []
    listed: list[dict[str, object]] = []
    runs = rules.elements(rules.members(log).get("runs"))
    for run in runs:
        driver = rules.members(rules.members(rules.members(run).get("tool")).get("driver"))
        if len(tools) < MAX_LISTED:
            tools.append(plain.visible(f"{driver.get('name', '')} {driver.get('version', '')}".strip())[:100])
        for item in rules.elements(rules.members(run).get("results")):
            result = rules.members(item)
            level = str(result.get("level", "warning"))[:20]
            levels[level if level in {"none", "note", "warning", "error"} else "invalid"] += 1
            if len(listed) < MAX_LISTED:
                listed.append(
                    {
                        "rule": plain.visible(str(result.get("ruleId", "")))[:80],
                        "level": level,
                        "text": plain.visible(str(rules.members(result.get("message")).get("text", "")))[
                            :160
                        ],
                    }
                )
    notes.facts |= {"runs": len(runs), "tools": tools, "results": sum(levels.values())}
    notes.facts |= {"levels": dict(levels), "result_list": listed}
