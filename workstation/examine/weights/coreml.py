"""Core ML models: kind of model, and layers or models whose code is not in the file."""

from workstation.examine.reader import Notes, Source
from workstation.examine.weights.protobuf import Field, Wire
from workstation.examine.weights.tensors import Cursor, broken, listed, shown

_KINDS = {
    200: "pipelineClassifier",
    201: "pipelineRegressor",
    202: "pipeline",
    300: "glmRegressor",
    301: "supportVectorRegressor",
    302: "treeEnsembleRegressor",
    303: "neuralNetworkRegressor",
    304: "bayesianProbitRegressor",
    400: "glmClassifier",
    401: "supportVectorClassifier",
    402: "treeEnsembleClassifier",
    403: "neuralNetworkClassifier",
    404: "kNearestNeighborsClassifier",
    500: "neuralNetwork",
    501: "itemSimilarityRecommender",
    502: "mlProgram",
    555: "customModel",
    556: "linkedModel",
    600: "oneHotEncoder",
    601: "imputer",
    602: "featureVectorizer",
    603: "dictVectorizer",
    604: "scaler",
    606: "categoricalMapping",
    607: "normalizer",
    609: "arrayFeatureExtractor",
    610: "nonMaximumSuppression",
    900: "identity",
    2000: "textClassifier",
    2001: "wordTagger",
    2002: "visionFeaturePrint",
    2003: "soundAnalysisPreprocessing",
    2004: "gazetteer",
    2005: "wordEmbedding",
    2006: "audioFeaturePrint",
    3000: "serializedModel",
}
_NETWORKS = frozenset({303, 403, 500})
_CUSTOM_LAYER = 500
_CLASS_NAME = 10
_MAX_LAYERS = 1_000_000


def examine(source: Source, notes: Notes) -> None:
    """Walk the outer message and the layers of neural networks."""
    wire = Wire(Cursor(source))
    kinds, custom = [], []
    for item in wire.whole():
        if item.number == 1:
            notes.facts["specification_version"] = item.value
        elif item.number in _KINDS:
            kinds.append(_KINDS[item.number])
            if item.number in _NETWORKS:
                custom += _custom_layers(wire, item)
        elif item.number not in {2, 10}:
            notes.caution("MODEL:unknown-field", f"field {item.number}, {item.size_bytes} bytes")
    if not kinds:
        raise broken("no-model", "no known kind of Core ML model")
    notes.facts["model"] = kinds[:20]
    for kind in {"customModel", "linkedModel"} & set(kinds):
        notes.caution("MODEL_CUSTOM_OPS", f"{kind}: its code or its weights are outside the file")
    if custom:
        notes.caution(
            "MODEL_CUSTOM_OPS", f"layers that need code from outside: {', '.join(listed(custom, 20))}"
        )


def _custom_layers(wire: Wire, item: Field) -> list[str]:
    found: list[str] = []
    for layer in wire.inside(item):
        if layer.number != 1 or not layer.is_bytes:
            continue
        for part in wire.inside(layer):
            if part.number == _CUSTOM_LAYER and len(found) < 1_000:  # noqa: PLR2004 - a list for people
                names = [wire.text(inner, 200) for inner in wire.inside(part) if inner.number == _CLASS_NAME]
                found.append(shown(names[0]) if names else "unnamed")
    return found
