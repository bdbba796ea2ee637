"""Keras model configurations: layers that carry or name Python code."""

import json
from collections import Counter
from collections.abc import Iterator

from workstation.examine.reader import Notes
from workstation.examine.weights import metadata
from workstation.examine.weights.pickle_names import Reach, reach
from workstation.examine.weights.tensors import shown
from workstation.examine.weights.words import words

MAX_NODES = 500_000
_CODE_CLASSES = frozenset(
    {"Lambda", "__lambda__", "TFOpLambda", "SlicingOpLambda", "TorchModuleWrapper", "JaxLayer", "FlaxLayer"}
)
# These two only repeat a call of TensorFlow's own; they are how old Keras keeps ``x + 1``.
_REPEATED_CALLS = frozenset({"TFOpLambda", "SlicingOpLambda"})
_OWN_MODULES = (
    "keras",
    "tf_keras",
    "tensorflow",
    "keras_nlp",
    "keras_cv",
    "keras_hub",
    "keras_core",
    "builtins",
)
_REACHING_NAMES = words(
    """
    get_file load_model load_img enable_unsafe_deserialization deserialize load_weights save_img
    run_script deserialize_keras_object load_data config exec eval register_keras_serializable
    set_backend
    """
)


def is_keras(value: dict[str, object]) -> bool:
    """Whether a JSON object is a Keras configuration."""
    return isinstance(value.get("class_name"), str) and "config" in value


def report(value: object, notes: Notes) -> None:
    """Report code, foreign classes and file names in a configuration."""
    classes: Counter[str] = Counter()
    for item in _objects(value):
        name, module = item.get("class_name"), item.get("module")
        if not isinstance(name, str):
            continue
        classes[shown(name, 100)] += 1
        _judge(name, module if isinstance(module, str) else "", item, notes)
    notes.facts["layers"] = dict(classes.most_common(200))
    text = json.dumps(value)[: 8 << 20]
    found = Notes()
    metadata.look_at("configuration", text, found)
    for finding in found.findings:
        if "python" in finding.detail or "shell" in finding.detail:
            notes.danger("MODEL_CODE", finding.detail)
        elif "address" not in finding.detail:
            notes.caution("MODEL_METADATA", finding.detail)


def _judge(name: str, module: str, item: dict[str, object], notes: Notes) -> None:
    config = item.get("config")
    if name in _CODE_CLASSES and name not in _REPEATED_CALLS:
        notes.danger("MODEL_CODE", f"{name} layer carries Python code")
    if name == "function" and isinstance(config, str):
        _function(config, module, notes)
    elif module and not _is_own(module):
        level = reach(module, name)
        sort = notes.danger if level >= Reach.ENABLING else notes.caution
        sort("MODEL_CODE", f"class from outside Keras: {shown(module, 100)} {shown(name, 100)}")
    elif module and name in _REACHING_NAMES:
        notes.danger("MODEL_CODE", f"{shown(module, 100)} {shown(name, 100)} is called while loading")
    registered = item.get("registered_name")
    if isinstance(registered, str) and ">" in registered and not registered.startswith(("keras", "builtins")):
        notes.caution("MODEL_CUSTOM_OPS", f"needs a registered class from outside: {shown(registered, 120)}")
    vocabulary = config.get("vocabulary") if isinstance(config, dict) else None
    if isinstance(vocabulary, str):
        notes.caution(
            "MODEL_EXTERNAL_FILE", f"{shown(name, 80)} reads a file while loading: {shown(vocabulary, 200)}"
        )


def _function(name: str, module: str, notes: Notes) -> None:
    if not _is_own(module or "keras") or reach(module, name) >= Reach.ENABLING:
        notes.danger("MODEL_CODE", f"function from outside Keras: {shown(module, 100)} {shown(name, 100)}")
    elif name in _REACHING_NAMES:
        notes.danger("MODEL_CODE", f"{shown(module, 100)} {shown(name, 100)} reaches files or settings")


def _is_own(module: str) -> bool:
    return module.partition(".")[0] in _OWN_MODULES


def _objects(value: object) -> Iterator[dict[str, object]]:
    todo = [value]
    for _ in range(MAX_NODES):
        if not todo:
            return
        item = todo.pop()
        if isinstance(item, dict):
            yield item
            todo.extend(item.values())
        elif isinstance(item, list):
            todo.extend(item)
