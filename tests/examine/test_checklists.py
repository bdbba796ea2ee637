"""Checklists: CKL, CKLB, XCCDF."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.documents import codes, examined
from workstation.core.examination import Outcome, outcome_of


def ckl(
    *, host: str = "server", status: str = "Open", stig: str = "RHEL", address: str = "", asset: bool = True
) -> bytes:
    """A CKL file with one rule."""
    head = f"<ASSET><HOST_NAME>{host}</HOST_NAME><HOST_IP>{address}</HOST_IP></ASSET>" if asset else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><!--DISA STIG Viewer :: 2.17--><CHECKLIST>'
        f"{head}<STIGS><iSTIG><STIG_INFO><SI_DATA><SID_NAME>stigid</SID_NAME><SID_DATA>{stig}</SID_DATA></SI_DATA>"
        "</STIG_INFO><VULN><STIG_DATA><VULN_ATTRIBUTE>Rule_ID</VULN_ATTRIBUTE>"
        f"<ATTRIBUTE_DATA>SV-1_rule</ATTRIBUTE_DATA></STIG_DATA><STATUS>{status}</STATUS></VULN></iSTIG></STIGS>"
        "</CHECKLIST>"
    ).encode()


def cklb(**changes: object) -> bytes:
    """A CKLB file with one rule."""
    rule = {"rule_id": "SV-1", "rule_id_src": "SV-1_rule", "status": "open"}
    content: dict[str, object] = {
        "target_data": {"host_name": "server", "ip_address": "10.0.x.x, 10.1.0.1", "mac_address": None},
        "stigs": [{"stig_id": "RHEL", "version": "1", "rules": [rule]}],
    }
    return json.dumps({**content, **changes}).encode()


def xccdf(
    result: str = "pass", target: str = "<target>server</target>", extra: str = "", root: str = "Benchmark"
) -> bytes:
    """An XCCDF file with one result."""
    name = "http://checklists.nist.gov/xccdf/1.2"
    one = f'<rule-result idref="SV-1"><result>{result}</result></rule-result>'
    test = f'<TestResult id="t">{target}{one}</TestResult>'
    return f'<{root} xmlns="{name}" id="b"><version>1</version>{extra}<Rule id="r"/>{test}</{root}>'.encode()


@pytest.mark.parametrize(
    ("content", "kind", "results"),
    [
        (ckl(), "ckl", {"Open": 1}),
        (cklb(), "cklb", {"open": 1}),
        (xccdf(), "xccdf", {"pass": 1}),
    ],
)
def test_results_are_read(content: bytes, kind: str, results: dict[str, int]) -> None:
    """Target, benchmark and results of each format are facts."""
    notes = examined(content)
    assert outcome_of(notes.findings) is Outcome.ACCEPT
    assert notes.kind == kind
    assert notes.facts["results"] == results
    assert notes.facts["target"] == "server"


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (ckl().replace(b"HOST_NAME", b"HOST"), "No host_name in ASSET"),
        (ckl(asset=False), "No ASSET element"),
        (ckl(stig=""), "STIG_INFO element has no SI_DATA for SID_NAME == stigId"),
        (ckl(host="h" * 256), "Asset hostname cannot be more than 255 characters"),
        (cklb(target_data={}), "Invalid CKLB object: No target_data.host_name found"),
        (cklb(stigs=None), "Invalid CKLB object: No stigs array found"),
        (cklb(stigs=[]), "stigs array is empty"),
        (xccdf(target=""), "No Benchmark.TestResult.target element"),
        (xccdf(root="NoBenchmark"), "No Benchmark or TestResult element"),
    ],
)
def test_a_checklist_that_does_not_say_what_was_checked_is_rejected(content: bytes, error: str) -> None:
    """Missing skeleton parts quarantine the file, and the fact names the part."""
    notes = examined(content, "a.ckl" if content.startswith(b"<?xml") else "")
    assert outcome_of(notes.findings) is Outcome.REJECT
    assert "CHECKLIST_INVALID" in codes(notes)
    assert notes.facts["error"] == error


@pytest.mark.parametrize(
    "content",
    [ckl(host=""), ckl(host=" "), cklb(target_data={"host_name": ""})],
    ids=["ckl", "blank", "cklb"],
)
def test_a_checklist_of_no_named_system_needs_a_person(content: bytes) -> None:
    """What STIG Viewer writes before anybody names the asset is read, and doubted."""
    notes = examined(content, "a.ckl" if content.startswith(b"<?xml") else "")
    assert outcome_of(notes.findings) is Outcome.WARN
    assert codes(notes) == {"CHECKLIST_NO_HOST"}
    assert sum(notes.facts["results"].values()) == 1  # type: ignore[attr-defined]  # a dictionary of numbers


def test_an_element_the_standard_does_not_know_is_rejected() -> None:
    """A misspelt element in the namespace of XCCDF means the file is not what it says."""
    assert outcome_of(examined(xccdf(extra="<Groupp/>")).findings) is Outcome.REJECT


_DATA_STREAM = "http://scap.nist.gov/schema/scap/source/1.2"
_ARF = "http://scap.nist.gov/schema/asset-reporting-format/1.1"


def collected(*parts: bytes, root: str = "asset-report-collection", space: str = _ARF) -> bytes:
    """What a scanner wraps around its benchmarks and results."""
    inner = b"".join(b"<c:report><c:content>" + part + b"</c:content></c:report>" for part in parts)
    return f'<c:{root} xmlns:c="{space}">'.encode() + inner + f"</c:{root}>".encode()


def test_results_in_a_report_collection_are_read() -> None:
    """ARF wraps several result files in one; each is held to the rules and all are counted."""
    notes = examined(collected(xccdf(), xccdf("fail")))
    assert (outcome_of(notes.findings), notes.kind) == (Outcome.ACCEPT, "xccdf")
    assert notes.facts["results"] == {"pass": 1, "fail": 1}
    assert notes.facts["target"] == "server"
    broken = examined(collected(xccdf(), xccdf(target="")))
    assert "CHECKLIST_INVALID" in codes(broken)


@pytest.mark.parametrize("parts", [(), (b"<x/>",), (xccdf(),)])
def test_a_data_stream_may_hold_anything(parts: tuple[bytes, ...]) -> None:
    """A SCAP data stream without a benchmark is no broken checklist."""
    notes = examined(collected(*parts, root="data-stream-collection", space=_DATA_STREAM))
    assert (outcome_of(notes.findings), notes.kind) == (Outcome.ACCEPT, "xccdf")


def test_a_tailoring_is_no_broken_benchmark() -> None:
    """XCCDF 1.2 lets a file hold nothing but the choice of rules."""
    space = "http://checklists.nist.gov/xccdf/1.2"
    content = f'<Tailoring xmlns="{space}" id="t"><version>1</version><Profile id="p"/></Tailoring>'.encode()
    assert outcome_of(examined(content).findings) is Outcome.ACCEPT


def test_a_benchmark_without_results_is_a_benchmark() -> None:
    """Manual benchmarks have rules and no results."""
    rules = b'<Group id="g"><Rule id="r"/></Group>'
    content = b'<Benchmark xmlns="http://checklists.nist.gov/xccdf/1.1" id="b">' + rules + b"</Benchmark>"
    notes = examined(content)
    assert outcome_of(notes.findings) is Outcome.ACCEPT
    assert notes.facts["rules"] == 1


@pytest.mark.parametrize(
    "content", [ckl(status="Fine"), cklb(stigs=[{"stig_id": "x", "rules": [{}]}]), xccdf("ok")]
)
def test_an_unknown_status_never_counts(content: bytes) -> None:
    """A status outside the format's words is a caution and is counted nowhere."""
    notes = examined(content)
    assert outcome_of(notes.findings) is Outcome.WARN
    assert notes.facts["results"] == {}


def test_an_address_that_is_none_is_doubted() -> None:
    """Words in the address field are for a person; masked and listed addresses are ordinary."""
    assert outcome_of(examined(ckl(address="invalid")).findings) is Outcome.WARN
    assert outcome_of(examined(ckl(address="10.0.0.1, fe80::1")).findings) is Outcome.ACCEPT


def test_an_entity_in_a_checklist_is_rejected() -> None:
    """The usual attack on XML readers does not work on checklists."""
    content = b'<!DOCTYPE CHECKLIST [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + ckl()[38:]
    notes = examined(content, "a.ckl")
    assert "XML_ENTITY" in codes(notes)
    assert outcome_of(notes.findings) is Outcome.REJECT


def test_a_repeated_name_in_a_checklist_is_named() -> None:
    """A second ``status`` could hide the first."""
    content = cklb().replace(b'"status": "open"', b'"status": "open", "status": "not_a_finding"')
    assert "JSON_DUPLICATE_NAME" in codes(examined(content))


@given(st.binary(max_size=200))
def test_any_bytes_in_a_checklist_are_survived(noise: bytes) -> None:
    """Noise in the middle of a checklist never crashes its reader."""
    for whole, name in ((ckl(), "a.ckl"), (cklb(), "a.cklb"), (xccdf(), "a-xccdf.xml")):
        middle = len(whole) // 2
        notes = examined(whole[:middle] + noise + whole[middle + len(noise) :], name)
        assert "EXAMINE_CRASHED" not in codes(notes)
