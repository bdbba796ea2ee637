"""JSON and YAML that travel with weights: model and tokenizer settings, shard indexes, chat templates, Keras
configurations. Read as data; what would make a loader fetch or run code is reported.
"""

import json
import re
from collections.abc import Iterator

from workstation.core.examination import Severity
from workstation.examine.reader import Notes, Source, Unreadable
from workstation.examine.weights import keras_config, templates
from workstation.examine.weights.external_data import fault_of
from workstation.examine.weights.tensors import listed, shown

MAX_JSON_BYTES = 48 << 20
MAX_DEPTH = 100
MAX_TEXTS = 2_000_000
MAX_SHARDS = 20_000
_MAX_NUMBER = 2**63
_TEXT_FACTS = (
    "model_type",
    "tokenizer_class",
    "processor_class",
    "torch_dtype",
    "dtype",
    "transformers_version",
    "_name_or_path",
)
_TEMPLATE_KEY = re.compile(r"template|prompt|jinja", re.IGNORECASE)
_BRACKETS = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[{}\[\]]', re.DOTALL)
# Blanks of the same line only: with "\s" a file of empty lines takes time by the square of its length.
_YAML_TRUSTING = re.compile(
    r"^[^\S\n]*trust_remote_code\s*:\s*(?:true|yes|on)\b", re.IGNORECASE | re.MULTILINE
)
_YAML_PYTHON = re.compile(r"!!python/|tag:yaml\.org,2002:python/|!<tag:yaml\.org,2002:python")
_REMOTE_CODE_KEYS = ("auto_map", "custom_pipelines")


def examine(source: Source, notes: Notes) -> None:
    """Read one settings file."""
    if source.name.lower().endswith((".yaml", ".yml")):
        _yaml(source, notes)
        return
    value = _load(source, notes)
    if not isinstance(value, dict):
        notes.note("MODEL_SETTINGS", "no JSON object")
        return
    _facts(value, notes)
    _remote_code(value, notes)
    _templates(value, notes)
    _shards(value, notes)
    if keras_config.is_keras(value):
        notes.kind = "keras-config"
        keras_config.report(value, notes)


def _load(source: Source, notes: Notes) -> object:
    if source.size_bytes > MAX_JSON_BYTES:
        raise Unreadable("EXAMINE_LIMIT", f"JSON of {source.size_bytes} bytes")
    raw = b"".join(source.read_at(at, 16 << 20) for at in range(0, source.size_bytes, 16 << 20))
    depth = 0
    for found in _BRACKETS.finditer(raw):
        depth += (found[0] in {b"{", b"["}) - (found[0] in {b"}", b"]"})
        if depth > MAX_DEPTH:
            raise Unreadable("MODEL:nesting", f"JSON deeper than {MAX_DEPTH}")
    doubled: list[str] = []

    def pairs(items: list[tuple[str, object]]) -> dict[str, object]:
        kept = dict(items)
        if len(kept) != len(items) and len(doubled) < 20:  # noqa: PLR2004 - a few names tell enough
            names = [key for key, _ in items]
            doubled.append(next(key for key in names if names.count(key) > 1) if len(names) < 1_000 else "")  # noqa: PLR2004
        return kept

    try:
        value: object = json.loads(raw, object_pairs_hook=pairs)
    except (ValueError, RecursionError) as error:
        raise Unreadable("MODEL_SETTINGS", f"no JSON: {shown(str(error), 200)}") from None
    if doubled:
        notes.caution("MODEL:duplicate-key", f"given twice, readers differ: {shown(', '.join(doubled), 200)}")
    return value


def _facts(value: dict[str, object], notes: Notes) -> None:
    for key in _TEXT_FACTS:
        text = value.get(key)
        if isinstance(text, str):
            notes.facts[key.lstrip("_")] = shown(text, 200)
    architectures = value.get("architectures")
    if isinstance(architectures, list):
        notes.facts["architectures"] = listed(text for text in architectures if isinstance(text, str))
    for key in (
        "vocab_size",
        "hidden_size",
        "num_hidden_layers",
        "max_position_embeddings",
        "model_max_length",
    ):
        number = value.get(key)
        if type(number) is int and abs(number) < _MAX_NUMBER:
            notes.facts[key] = number


def _remote_code(value: dict[str, object], notes: Notes) -> None:
    for path, item in _walk(value):
        key = path.rpartition("/")[2]
        if key in _REMOTE_CODE_KEYS and item:
            text = json.dumps(item) if isinstance(item, dict | list) else str(item)
            notes.caution(
                "MODEL_REMOTE_CODE", f"{shown(path, 100)} names Python code to load: {shown(text, 300)}"
            )
        elif key == "trust_remote_code" and item is True:
            notes.caution(
                "MODEL_REMOTE_CODE", f"{shown(path, 100)} asks the loader to trust code of the model"
            )


def _walk(value: object) -> Iterator[tuple[str, object]]:
    """Every value below ``value`` with its path; bounded, not recursive."""
    todo: list[tuple[str, object]] = [("", value)]
    for _ in range(MAX_TEXTS):
        if not todo:
            return
        path, item = todo.pop()
        if path:
            yield path, item
        if isinstance(item, dict):
            todo.extend((f"{path[-300:]}/{key[:100]}".lstrip("/"), inner) for key, inner in item.items())
        elif isinstance(item, list):
            # A list of plain vocabulary holds no settings.
            todo.extend(
                (f"{path}/{at}", inner)
                for at, inner in enumerate(item[:100_000])
                if isinstance(inner, dict | list)
            )
            todo.extend(
                (f"{path}/{at}", inner) for at, inner in enumerate(item[:1_000]) if isinstance(inner, str)
            )


def _templates(value: dict[str, object], notes: Notes) -> None:
    kept: dict[str, str] = {}
    for path, item in _walk(value):
        if not isinstance(item, str) or not templates.is_template(item):
            continue
        if path.startswith(("model/vocab", "model/merges", "added_tokens")):
            continue  # token text is matched, never rendered
        templates.report(item, path, notes)
        if _TEMPLATE_KEY.search(path) and len(kept) < 20:  # noqa: PLR2004 - more than any known model has
            kept[shown(path, 100)] = shown(item, max(200, 20_000 - sum(map(len, kept.values()))))
    if kept:
        notes.facts["chat_templates"] = kept


def _shards(value: dict[str, object], notes: Notes) -> None:
    weight_map = value.get("weight_map")
    if not isinstance(weight_map, dict):
        return
    files = sorted({name for name in weight_map.values() if isinstance(name, str)})
    if any(not isinstance(name, str) for name in weight_map.values()):
        notes.danger("MODEL:shard-name", "weight_map holds something that is no file name")
    notes.facts["tensors"], notes.facts["shards"] = len(weight_map), listed(files)
    folder = notes.member.rpartition("/")[0]
    for name in files[:MAX_SHARDS]:
        fault = fault_of(name)
        if fault:
            notes.danger(f"MODEL:shard-{fault}", shown(name))
        elif notes.folder is None or notes.folder.size_of("/".join(filter(None, [folder, name]))) is None:
            notes.incomplete("MODEL:shard-missing", shown(name))


def _yaml(source: Source, notes: Notes) -> None:
    raw = source.read_at(0, min(source.size_bytes, templates.MAX_TEMPLATE_BYTES))
    if len(raw) < source.size_bytes:
        notes.incomplete("EXAMINE_LIMIT", f"only the first {len(raw)} bytes were looked at")
    text = raw.decode("utf-8", "backslashreplace")
    if _YAML_PYTHON.search(text):
        notes.add("MODEL_CODE", Severity.DANGER, "a YAML tag builds Python objects while loading")
    if _YAML_TRUSTING.search(text):
        notes.caution("MODEL_REMOTE_CODE", "trust_remote_code asks the loader to trust code of the model")
    templates.report(text, "", notes)
