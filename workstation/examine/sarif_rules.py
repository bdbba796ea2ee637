"""Rules of SARIF 2.1.0 that no table of types can express; section numbers are those of the standard."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from math import inf
from typing import Any

Report = Callable[[str, str], None]  # where, what

_PLACEHOLDER = re.compile(r"(?<!\{)\{(\d{1,4})\}")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


def absolute(uri: str) -> bool:
    """Whether a URI reference names its scheme."""
    return bool(_SCHEME.match(uri))


def members(value: Any) -> dict[str, Any]:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def elements(value: Any) -> list[Any]:
    """The value if it is an array, else an empty one."""
    return value if isinstance(value, list) else []


def _index(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else -1


def artifact_location(value: dict[str, Any], where: str, report: Report) -> None:
    """3.4.4: a base is for relative references only; 3.10.1: no dot-dot segments in file URIs."""
    uri = value.get("uri")
    if not isinstance(uri, str):
        return
    if "uriBaseId" in value and absolute(uri):
        report(where, "uriBaseId beside an absolute URI (3.4.4)")
    if uri.lower().startswith("file:") and ".." in uri.split("#")[0].split("?")[0].split("/"):
        report(where, "a file URI with a dot-dot segment (3.10.2)")


def base_ids(run: dict[str, Any], where: str, report: Report) -> None:
    """3.14.14: what originalUriBaseIds may hold."""
    for name, location in members(run.get("originalUriBaseIds")).items():
        uri = members(location).get("uri")
        if not isinstance(uri, str):
            continue
        here = f"{where}.originalUriBaseIds.{name[:40]}"
        if "uriBaseId" not in members(location) and not absolute(uri):
            report(here, "a top-level base that is not absolute (3.14.14)")
        if not uri.split("?")[0].split("#")[0].endswith("/"):
            report(here, "a base that does not end with a slash (3.14.14)")
        if ".." in uri.split("/"):
            report(here, "a base with a dot-dot segment (3.14.14)")
        if "?" in uri or "#" in uri:
            report(here, "a base with a query or fragment (3.14.14)")


def rank(value: dict[str, Any], where: str, report: Report) -> None:
    """3.27.25 and 3.50.5: from 0 to 100, or -1 for none."""
    number = value.get("rank")
    if isinstance(number, int | float) and not isinstance(number, bool) and not -1 <= number <= 100:  # noqa: PLR2004
        report(where, "a rank beyond 100 (3.27.25)")


def invocation(value: dict[str, Any], where: str, report: Report) -> None:
    """3.20.8: a run ends at or after its start."""
    start, end = _moment(value.get("startTimeUtc")), _moment(value.get("endTimeUtc"))
    if start and end and end < start:
        report(where, "it ends before it starts (3.20.8)")


def _moment(value: Any) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def region(value: dict[str, Any], where: str, report: Report) -> None:
    """3.30: starts are given and ends do not precede them."""
    if not value:
        return
    line, character, byte = (_index(value.get(k)) for k in ("startLine", "charOffset", "byteOffset"))
    if line < 1 and character < 0 and byte < 0:
        report(where, "no start line, character or byte (3.30.1)")
    end_line = _index(value.get("endLine"))
    if line > 0 and 0 < end_line < line:
        report(where, "endLine before startLine (3.30.7)")
    column, end_column = _index(value.get("startColumn")), _index(value.get("endColumn"))
    if end_line in {-1, line} and 0 < end_column < max(column, 1):
        report(where, "endColumn before startColumn (3.30.8)")


def physical_location(value: dict[str, Any], where: str, report: Report) -> None:
    """3.29.5: a context region properly contains the region it is the context of."""
    context, inner = value.get("contextRegion"), value.get("region")
    if not isinstance(context, dict):
        return
    if not isinstance(inner, dict):
        report(where, "contextRegion without region (3.29.5)")
        return
    for extent in (_lines, _span("charOffset", "charLength"), _span("byteOffset", "byteLength")):
        around, within = extent(context), extent(inner)
        if around and within and not (around[0] <= within[0] and around[1] >= within[1] and around != within):
            report(where, "contextRegion does not properly contain region (3.29.5)")


_Extent = tuple[tuple[float, float], tuple[float, float]]


def _lines(value: dict[str, Any]) -> _Extent | None:
    start = _index(value.get("startLine"))
    if start < 1:
        return None
    end = _index(value.get("endLine"))
    column, end_column = _index(value.get("startColumn")), _index(value.get("endColumn"))
    return (
        (start, column if column > 0 else 1),
        (end if end > 0 else start, end_column if end_column > 0 else inf),
    )


def _span(offset: str, length: str) -> Callable[[dict[str, Any]], _Extent | None]:
    def extent(value: dict[str, Any]) -> _Extent | None:
        start = _index(value.get(offset))
        if start < 0:
            return None
        return (start, 0), (start + max(0, _index(value.get(length))), 0)

    return extent


class RunRules:
    """Rules that need the whole run: indices into its arrays, rules and their messages."""

    _ARRAYS = (
        ("artifactLocation", "index", "artifacts"),
        ("artifact", "parentIndex", "artifacts"),
        ("logicalLocation", "index", "logicalLocations"),
        ("logicalLocation", "parentIndex", "logicalLocations"),
        ("address", "index", "addresses"),
        ("address", "parentIndex", "addresses"),
        ("threadFlowLocation", "index", "threadFlowLocations"),
        ("webRequest", "index", "webRequests"),
        ("webResponse", "index", "webResponses"),
        ("graphTraversal", "runGraphIndex", "graphs"),
        ("resultProvenance", "invocationIndex", "invocations"),
    )

    def __init__(self, run: dict[str, Any], report: Report) -> None:
        self._run, self._report = run, report
        tool = members(run.get("tool"))
        self._components = [
            members(tool.get("driver")),
            *(members(e) for e in elements(tool.get("extensions"))),
        ]
        # Arrays may be kept in other files (3.14.2); then no index can be judged here.
        self._judgeable = "externalPropertyFileReferences" not in run

    def value(self, kind: str, value: dict[str, Any], where: str) -> None:
        """Check the indices of one object."""
        if not self._judgeable:
            return
        for of_kind, key, array in self._ARRAYS:
            if kind == of_kind and key in value:
                self._in_range(value[key], elements(self._run.get(array)), f"{where}.{key}")
        if kind == "toolComponentReference" and "index" in value:
            self._in_range(value["index"], self._components[1:], f"{where}.index")
        if kind == "notification":
            self._descriptor(value.get("descriptor"), "notifications", f"{where}.descriptor")
            self._descriptor(value.get("associatedRule"), "rules", f"{where}.associatedRule")
        if kind == "invocation":
            for key, array in (
                ("ruleConfigurationOverrides", "rules"),
                ("notificationConfigurationOverrides", "notifications"),
            ):
                for item in elements(value.get(key)):
                    self._descriptor(members(item).get("descriptor"), array, f"{where}.{key}")
        if kind == "result":
            self._result(value, where)

    def _in_range(self, index: Any, array: list[Any], where: str) -> None:
        if _index(index) >= len(array):
            self._report(where, f"index {index} beyond {len(array)} elements (3.7.4)")

    def _component(self, reference: dict[str, Any]) -> dict[str, Any] | None:
        component = members(reference.get("toolComponent"))
        if "index" in component:
            at = _index(component["index"]) + 1
            return self._components[at] if 0 < at < len(self._components) else None
        if "name" in component or "guid" in component:
            same = [
                c
                for c in self._components
                if all(c.get(k) == v for k, v in component.items() if k in {"name", "guid"})
            ]
            return same[0] if same else None
        return self._components[0]

    def _descriptor(self, reference: Any, array: str, where: str) -> None:
        reference = members(reference)
        component = self._component(reference)
        if component is not None and "index" in reference:
            self._in_range(reference["index"], elements(component.get(array)), f"{where}.index")

    def _result(self, result: dict[str, Any], where: str) -> None:
        rule = members(result.get("rule"))
        component = self._component(rule)
        if "ruleIndex" in result and component is not None:
            self._in_range(result["ruleIndex"], elements(component.get("rules")), f"{where}.ruleIndex")
        self._descriptor(rule, "rules", f"{where}.rule")
        graphs = elements(result.get("graphs"))
        for traversal in elements(result.get("graphTraversals")):
            if "resultGraphIndex" in members(traversal):
                self._in_range(traversal["resultGraphIndex"], graphs, f"{where}.graphTraversals")
        rule_id, own = rule.get("id"), result.get("ruleId")
        if own is None and rule_id is None:
            self._report(where, "neither ruleId nor rule.id (3.27.5)")
        elif own is not None and rule_id is not None and own != rule_id:
            self._report(where, "ruleId and rule.id differ (3.27.5)")
        if "ruleIndex" in result and "index" in rule and result["ruleIndex"] != rule["index"]:
            self._report(where, "ruleIndex and rule.index differ (3.27.6)")
        self._message(members(result.get("message")), result, where)

    def _message(self, message: dict[str, Any], result: dict[str, Any], where: str) -> None:
        """3.11.6, 3.11.11: a message id names a string of the rule; every placeholder has an argument."""
        text = message.get("text")
        if "id" in message and not isinstance(text, str):
            strings = next(self._strings(result, message["id"]), None)
            if strings is None:
                self._report(where, "the message id names no message string of its rule (3.11.7)")
                return
            text = strings.get("text")
        if not isinstance(text, str) or ("id" not in message and "arguments" not in message):
            return
        needed = max((int(m) + 1 for m in _PLACEHOLDER.findall(text)), default=0)
        if needed > len(elements(message.get("arguments"))):
            self._report(where, "fewer arguments than placeholders (3.11.11)")

    def _strings(self, result: dict[str, Any], identity: Any) -> Iterator[dict[str, Any]]:
        rule = members(result.get("rule"))
        component = self._component(rule) or {}
        rules = elements(component.get("rules"))
        at = _index(result.get("ruleIndex", rule.get("index")))
        name = str(result.get("ruleId", rule.get("id")))
        chosen = [rules[at]] if 0 <= at < len(rules) else []
        # A result may name a sub-rule of the rule: "CA2101/1" (3.27.5).
        chosen += [r for r in rules if members(r).get("id") in {name, name.rpartition("/")[0]}]
        for descriptor in chosen:
            found = members(members(descriptor).get("messageStrings")).get(identity)
            if isinstance(found, dict):
                yield found
        found = members(component.get("globalMessageStrings")).get(identity)
        if isinstance(found, dict):
            yield found
