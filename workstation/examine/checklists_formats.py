"""Which bytes are checklists and scanner findings, and which examiner reads them."""

from workstation.examine.formats import Format, Match, Sample

_HERE = "workstation.examine"


def _ckl(sample: Sample) -> Match:
    if sample.xml_root.rpartition("}")[2] == "CHECKLIST":
        return Match.EXACT
    return Match.LIKELY if sample.suffix == ".ckl" else Match.NO


def _cklb(sample: Sample) -> Match:
    if sample.json_keys.issuperset({"stigs", "target_data"}):
        return Match.EXACT
    return Match.LIKELY if sample.suffix == ".cklb" else Match.NO


def _xccdf(sample: Sample) -> Match:
    namespace, _brace, local = sample.xml_root.rpartition("}")
    if "checklists.nist.gov/xccdf/" in namespace or "scap.nist.gov/schema/scap/source/" in namespace:
        return Match.EXACT
    if local == "asset-report-collection" and "asset-reporting-format" in namespace:
        return Match.EXACT
    if local in {"Benchmark", "TestResult"} and "xccdf" in sample.name.lower():
        return Match.EXACT
    named = sample.name.lower().endswith(("xccdf.xml", ".xccdf"))
    return Match.LIKELY if named and sample.text else Match.NO


def _sarif(sample: Sample) -> Match:
    named = sample.name.lower().endswith((".sarif", ".sarif.json"))
    if sample.json_keys.issuperset({"version", "runs"}) and (named or "$schema" in sample.json_keys):
        return Match.EXACT
    return Match.LIKELY if named or sample.json_keys.issuperset({"version", "runs"}) else Match.NO


FORMATS: tuple[Format, ...] = (
    Format(kind="ckl", module=f"{_HERE}.checklists", detect=_ckl, suffixes=(".ckl",)),
    Format(kind="cklb", module=f"{_HERE}.checklists_json", detect=_cklb, suffixes=(".cklb",)),
    Format(kind="xccdf", module=f"{_HERE}.checklists", detect=_xccdf),
    Format(kind="sarif", module=f"{_HERE}.sarif", detect=_sarif, suffixes=(".sarif",)),
)
