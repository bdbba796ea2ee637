"""Which bytes are evaluations, and which examiner reads them."""

import json

from workstation.examine.formats import Detector, Format, Match, Sample

_HERE = "workstation.examine.evaluations"
_ZIP_MARKS = (b"header.json", b"_journal/start.json")
_RESULTS_COMPANIONS = frozenset(
    {"versions", "configs", "config", "n-shot", "n-samples", "higher_is_better", "group_subtasks", "groups"}
)
_HELM_NAMES = {
    "stats.json": '"sum_squared"',
    "per_instance_stats.json": '"train_trial_index"',
    "scenario_state.json": '"adapter_spec"',
    "run_spec.json": '"adapter_spec"',
    "scenario.json": '"definition_path"',
    "instances.json": '"references"',
    "display_requests.json": '"instance_id"',
    "display_predictions.json": '"instance_id"',
    "per_instance_stats_true.json": '"train_trial_index"',
}
_HELM_KEYS = (
    {"adapter_spec", "request_states"},
    {"adapter_spec", "scenario_spec"},
    {"scenario_spec", "metric_specs"},
)


def _inspect_zip(sample: Sample) -> Match:
    if sample.suffix == ".eval":
        return Match.EXACT if sample.head.startswith(b"PK") else Match.NAME
    if not sample.head.startswith(b"PK"):
        return Match.NO
    seen = sample.head[:4096] + sample.tail
    if any(mark in seen for mark in _ZIP_MARKS) and b"samples/" in seen:
        names = sample.zip_names
        marked = {"header.json", "_journal/start.json"} & set(names)
        return Match.EXACT if marked and any(name.startswith("samples/") for name in names) else Match.NO
    return Match.NO


def _inspect_json(sample: Sample) -> Match:
    if sample.json_keys.issuperset({"version", "eval"}) and sample.json_keys & {"status", "samples", "plan"}:
        return Match.EXACT
    return Match.NO


def _lm_eval(sample: Sample) -> Match:
    keys = sample.json_keys
    if "results" not in keys or "config_general" in keys or "evalId" in keys:
        return Match.NO
    if keys & _RESULTS_COMPANIONS:
        return Match.EXACT
    # A long object of results hides what follows it; nothing else may come first.
    return Match.LIKELY if keys == {"results"} and sample.size_bytes > len(sample.head) else Match.NO


def _first_line_keys(sample: Sample) -> frozenset[str]:
    line = sample.text.lstrip("\ufeff \t\r\n").split("\n", 1)[0]
    if not line.startswith("{"):
        return frozenset()
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        # The first line may be longer than the head.
        return sample.json_keys
    return frozenset(value) if isinstance(value, dict) else frozenset()


def _lm_eval_samples(sample: Sample) -> Match:
    keys = _first_line_keys(sample)
    named = {"doc_id", "doc", "target"} <= keys and keys & {"resps", "filtered_resps", "arguments"}
    return Match.EXACT if named else Match.NO


def _helm(sample: Sample) -> Match:
    mark = _HELM_NAMES.get(sample.name.lower())
    if mark and mark in sample.text:
        return Match.EXACT
    keys = sample.json_keys
    if any(keys >= wanted for wanted in _HELM_KEYS):
        return Match.EXACT
    start = sample.text.lstrip("\ufeff \t\r\n")[:1]
    if start == "[" and '"sum_squared"' in sample.text and '"stddev"' in sample.text:
        return Match.EXACT
    return Match.NO


def _by_keys(*keys: str) -> Detector:
    wanted = frozenset(keys)

    def detect(sample: Sample) -> Match:
        return Match.EXACT if sample.json_keys >= wanted else Match.NO

    return detect


def _openai_evals(sample: Sample) -> Match:
    keys = _first_line_keys(sample)
    is_log = "spec" in keys and '"completion_fns"' in sample.text
    return Match.EXACT if is_log or {"run_id", "event_id", "sample_id", "type"} <= keys else Match.NO


def _garak(sample: Sample) -> Match:
    return Match.EXACT if "entry_type" in _first_line_keys(sample) and "garak" in sample.text else Match.NO


FORMATS: tuple[Format, ...] = (
    Format(kind="inspect-eval", module=f"{_HERE}.inspect_zip", detect=_inspect_zip, suffixes=(".eval",)),
    Format(kind="inspect-json", module=f"{_HERE}.inspect_json", detect=_inspect_json),
    Format(kind="lm-eval-results", module=f"{_HERE}.lm_eval", detect=_lm_eval),
    Format(kind="lm-eval-samples", module=f"{_HERE}.lm_eval", detect=_lm_eval_samples),
    Format(kind="helm", module=f"{_HERE}.other", detect=_helm),
    Format(kind="lighteval", module=f"{_HERE}.other", detect=_by_keys("results", "config_general")),
    Format(kind="promptfoo", module=f"{_HERE}.other", detect=_by_keys("evalId", "results", "config")),
    Format(
        kind="every-eval-ever",
        module=f"{_HERE}.other",
        detect=_by_keys("schema_version", "evaluation_id", "evaluation_results"),
    ),
    Format(kind="openai-evals", module=f"{_HERE}.other", detect=_openai_evals),
    Format(kind="garak", module=f"{_HERE}.other", detect=_garak),
)
