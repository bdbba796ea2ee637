"""CKL (STIG Viewer 2) and XCCDF 1.1 and 1.2 (NIST IR 7275), read as a stream.

A benchmark without results is as valid as one with them; a result file must say what was tested. Both are
found inside SCAP data streams and ARF reports, too.
"""

import re

from workstation.examine.checklists_report import Checklist, Report, invalid
from workstation.examine.documents import plain
from workstation.examine.documents.xml import XmlPass, feed
from workstation.examine.reader import Notes, Source, Unreadable, pieces

CKL_STATUSES = frozenset({"Open", "NotAFinding", "Not_Applicable", "Not_Reviewed"})
XCCDF_RESULTS = frozenset(
    {
        "pass",
        "fail",
        "error",
        "unknown",
        "notapplicable",
        "notchecked",
        "notselected",
        "informational",
        "fixed",
    }
)
MAX_TEXT_CHARS = 4_000
_XCCDF = "checklists.nist.gov/xccdf/"
_ROOTS = {"Benchmark", "TestResult", "Tailoring"}
_SCAP = re.compile(r"scap\.nist\.gov/schema/(?:scap/source|asset-reporting-format)/")
# Children of Benchmark and TestResult in the XCCDF namespace (NIST IR 7275r4, tables 5 and 26).
_BENCHMARK = frozenset(
    [
        "status",
        "dc-status",
        "title",
        "description",
        "notice",
        "front-matter",
        "rear-matter",
        "reference",
        "plain-text",
        "platform",
        "platform-specification",
        "platform-definitions",
        "Platform-Specification",
        "cpe-list",
        "version",
        "metadata",
        "model",
        "Profile",
        "Value",
        "Group",
        "Rule",
        "TestResult",
        "signature",
    ]
)
_TEST_RESULT = frozenset(
    [
        "benchmark",
        "tailoring-file",
        "title",
        "remark",
        "organization",
        "identity",
        "profile",
        "target",
        "target-address",
        "target-facts",
        "target-id-ref",
        "platform",
        "set-value",
        "set-complex-value",
        "rule-result",
        "score",
        "metadata",
        "signature",
    ]
)


class _Tree(XmlPass):
    """Keeps the path of open elements and the text of the innermost one."""

    def __init__(self, report: Report, notes: Notes) -> None:
        super().__init__()
        self.report, self.notes = report, notes
        self.open: list[str] = []
        self._text_parts: list[str] = []
        self._left = 0

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        super()._start(tag, attributes)
        self.open.append(tag.rpartition(" ")[2])
        self._text_parts, self._left = [], MAX_TEXT_CHARS
        self.begin(tag, attributes)

    def _end(self, tag: str) -> None:
        text = "".join(self._text_parts).strip()
        self._text_parts = []
        self.end(self.open[-1], text)
        self.open.pop()
        super()._end(tag)

    def _text(self, text: str) -> None:
        if self._left > 0:
            self._text_parts.append(text[: self._left])
            self._left -= len(text)

    def begin(self, tag: str, attributes: dict[str, str]) -> None:
        """An element opens."""

    def end(self, name: str, text: str) -> None:
        """An element closes."""

    def finish(self) -> None:
        """The document is over."""


class _Ckl(_Tree):
    """CHECKLIST / ASSET, STIGS / iSTIG / STIG_INFO, VULN."""

    def __init__(self, report: Report, notes: Notes) -> None:
        super().__init__(report, notes)
        self._seen: set[str] = set()
        self._asset: dict[str, str] = {}
        self._pair = ["", ""]
        self._rule: dict[str, str] = {}
        self._status = ""

    def begin(self, tag: str, attributes: dict[str, str]) -> None:  # noqa: ARG002 - the hook's signature
        """Note the skeleton."""
        name = self.open[-1]
        if len(self.open) == 1 and name != "CHECKLIST":
            raise invalid("No CHECKLIST element")
        if self.open[:-1] == ["CHECKLIST"]:
            self._seen.add(name)
        if name == "iSTIG":
            self.report.checklists.append(Checklist())
        elif name == "VULN":
            self._rule, self._status = {}, ""
            if not self.report.checklists:
                raise invalid("VULN outside iSTIG")

    def end(self, name: str, text: str) -> None:
        """Take the text where it belongs."""
        parent = self.open[-2] if len(self.open) > 1 else ""
        if parent == "ASSET":
            self._asset.setdefault(name, text)
        elif name in {"SID_NAME", "VULN_ATTRIBUTE"}:
            self._pair = [text, ""]
        elif name in {"SID_DATA", "ATTRIBUTE_DATA"}:
            self._pair[1] = text
        elif name == "SI_DATA" and self.report.checklists:
            self._info(*self._pair)
        elif name == "STIG_DATA":
            self._rule.setdefault(self._pair[0], self._pair[1])
        elif name == "STATUS" and parent == "VULN":
            self._status = text
        elif name == "VULN":
            self.report.result(self._rule.get("Rule_ID", ""), self._status)

    def _info(self, name: str, value: str) -> None:
        checklist = self.report.checklists[-1]
        if name.lower() == "stigid":
            checklist.benchmark = value
        elif name.lower() == "version":
            checklist.version = value
        elif name.lower() == "releaseinfo":
            checklist.release = value

    def finish(self) -> None:
        """What a checklist must have."""
        for name in ("ASSET", "STIGS"):
            if name not in self._seen:
                raise invalid(f"No {name} element")
        if "HOST_NAME" not in self._asset:
            raise invalid("No host_name in ASSET")
        asset = self._asset
        self.report.host(asset["HOST_NAME"], asset.get("HOST_IP", ""), asset.get("HOST_MAC", ""), self.notes)
        if not any(c.benchmark for c in self.report.checklists):
            raise invalid("STIG_INFO element has no SI_DATA for SID_NAME == stigId")
        if not all(c.benchmark for c in self.report.checklists):
            self.notes.caution("CHECKLIST_INVALID", "a checklist without its benchmark's identifier")


class _Xccdf(_Tree):
    """Benchmark or TestResult."""

    def __init__(self, report: Report, notes: Notes) -> None:
        super().__init__(report, notes)
        self._children: dict[str, set[str]] = {}
        self._rule = ""
        self._result = ""
        self._rules = self._results = 0
        self._level = 1  # how many elements are open when the outermost of XCCDF is; 0: not there yet
        self._collects = self._tailors = False
        self._targets: list[str] = []
        self._addresses: list[str] = []
        self._profile: list[str] = []

    def begin(self, tag: str, attributes: dict[str, str]) -> None:
        """Check the skeleton against the element names of the standard."""
        namespace, _gap, name = tag.rpartition(" ")
        if self._outside(namespace, name):
            return
        if len(self.open) == self._level:
            if name not in _ROOTS:
                raise invalid("No Benchmark or TestResult element")
            if name == "Benchmark":
                self.report.checklists.append(Checklist(benchmark=attributes.get("id", "")))
            self._children, self._tailors = {}, self._tailors or name == "Tailoring"
        parent = self.open[-2] if len(self.open) > self._level else ""
        allowed = {"Benchmark": _BENCHMARK, "TestResult": _TEST_RESULT}.get(parent)
        if allowed is not None:
            self._children.setdefault(parent, set()).add(name)
            if _XCCDF in namespace and name not in allowed:
                self._foreign(parent, name)
        if name == "TestResult":
            self._targets, self._addresses = [], []
            self._children.pop("TestResult", None)
            if not self.report.checklists:
                self.report.checklists.append(Checklist())
        elif name == "benchmark" and parent == "TestResult":
            known = self.report.checklists[-1]
            known.benchmark = known.benchmark or attributes.get("id", "") or attributes.get("href", "")
        elif name == "Rule":
            self._rules += 1
        elif name == "rule-result":
            self._rule, self._result = attributes.get("idref", ""), ""

    def _outside(self, namespace: str, name: str) -> bool:
        """Whether this is the wrapping of a collection (SCAP data streams, ARF) and not yet XCCDF."""
        if len(self.open) == 1 and _SCAP.search(namespace):
            self._collects, self._level = True, 0
        elif not self._level and _XCCDF in namespace and name in _ROOTS:
            self._level = len(self.open)
        return not self._level

    def _foreign(self, parent: str, name: str) -> None:
        """An unknown name where a required element is missing is reported as the missing one."""
        self._children.setdefault("unknown", set()).add(f"{parent}.{name}"[:80])

    def end(self, name: str, text: str) -> None:
        """Take results, target and version."""
        if not self._level:
            return
        parent = self.open[-2] if len(self.open) > self._level else ""
        if name == "result" and parent == "rule-result":
            self._result = text
        elif name == "rule-result":
            self.report.result(self._rule, self._result)
        elif parent == "TestResult" and name == "target":
            self._targets.append(text)
        elif parent == "TestResult" and name == "target-address":
            self._addresses.append(text)
        elif name == "version" and parent == "Benchmark":
            self.report.checklists[-1].version = text
        elif name == "plain-text" and parent == "Benchmark" and not self.report.checklists[-1].release:
            self.report.checklists[-1].release = text
        elif name == "TestResult":
            self._test_result()
        if len(self.open) == self._level:
            self._whole()

    def _test_result(self) -> None:
        children = self._children.get("TestResult", set())
        path = "TestResult" if len(self.open) == self._level else "Benchmark.TestResult"
        if path == "TestResult" and "benchmark" not in children:
            raise invalid("No TestResult.benchmark element")
        for name in ("target", "rule-result"):
            if name not in children:
                raise invalid(f"No {path}.{name} element")
        self.report.host(self._targets[0], " ".join(self._addresses), "", self.notes)
        self._results += 1

    def _whole(self) -> None:
        """Names that the standard does not know mean that the file is not what it says."""
        unknown = sorted(self._children.get("unknown", set()))
        if unknown:
            if "TestResult" not in self._children and any("testresult" in n.lower() for n in unknown):
                raise invalid("No Benchmark.TestResult element")
            raise invalid(f"unknown elements: {', '.join(plain.visible(n) for n in unknown[:5])}")
        if self._collects:
            self._level = 0

    def finish(self) -> None:
        """The document is over."""
        if not (self._rules or self._results or self._collects or self._tailors):
            self.notes.caution("CHECKLIST_INVALID", "neither rules nor results")
        self.notes.facts["rules"] = self._rules


def examine(source: Source, notes: Notes) -> None:
    """Read a CKL or XCCDF file.

    Raises:
        Unreadable: CHECKLIST_INVALID when it breaks its format, XML_ENTITY when it declares an entity.
    """
    ckl = notes.kind == "ckl"
    report = Report(CKL_STATUSES if ckl else XCCDF_RESULTS)
    work: _Tree = _Ckl(report, notes) if ckl else _Xccdf(report, notes)
    try:
        _run(source, work)
    except Unreadable as reason:
        notes.facts["error"] = reason.detail
        raise
    characters = plain.Characters()
    for text in plain.decoded(source, plain.encoding_of(source)):
        characters.feed(text)
    characters.report(notes)
    report.finish(notes)


def _run(source: Source, work: _Tree) -> None:
    try:
        feed(pieces(source), work, "CHECKLIST_INVALID")
    except Unreadable as reason:
        if reason.code == "CHECKLIST_INVALID":
            raise invalid(reason.detail) from reason
        raise
    work.finish()
