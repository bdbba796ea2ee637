"""Which bytes are model weights, or the templates and settings that travel with them."""

import re

from workstation.examine.formats import Detector, Format, Match, Sample, by_magic, by_suffix


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_PACKAGE = "workstation.examine.weights"
_PICKLE_SUFFIXES = (
    ".pdparams",
    ".pdopt",
    ".pkl",
    ".pickle",
    ".joblib",
    ".dill",
    ".p",
    ".pt",
    ".pth",
    ".ckpt",
    ".mar",
    ".skops",
)
_LOOSE_SUFFIXES = (".bin", ".dat", ".data", ".model", ".npy", ".cpkl")
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_BINARY_PICKLE = re.compile(rb"\x80[\x00-\x05][\x80-\x98(\]}\)cCXUVSIJKMNBLFGhgjPQR\x8a\x8c.]")
_TEXT_PICKLE = re.compile(
    rb"(?:[(\]}\)0-2lpd]|[SVIFLgp][^\n]{0,4000}\n){0,40}(?:[ci][A-Za-z_][\w.]*\n[A-Za-z_][\w.]*\n|[VSIFL][^\n]{1,4000}\np\d+\n)"
)
_COMPRESSED = (
    b"\x78\x01",
    b"\x78\x5e",
    b"\x78\x9c",
    b"\x78\xda",
    b"BZh",
    b"\xfd7zXZ",
    b"\x1f\x8b",
    b"\x5d\0\0",
)
_SETTINGS_NAMES = _words(
    """
    config.json tokenizer_config.json tokenizer.json generation_config.json special_tokens_map.json
    adapter_config.json preprocessor_config.json processor_config.json chat_template.json
    model_index.json quantize_config.json added_tokens.json
    """
)
_SETTINGS_KEYS = _words(
    """
    auto_map architectures model_type tokenizer_class weight_map processor_class trust_remote_code
    peft_type added_tokens_decoder quantization_config _class_name custom_pipelines
    """
)
_OTHER_JSON_KEYS = frozenset(
    {"results", "bomFormat", "spdxVersion", "eval", "@context", "runs", "payloadType"}
)
_SOURCE_SUFFIXES = _words(
    """
    .py .pyx .pyi .sh .bash .zsh .js .mjs .ts .lua .rb .pl .php .r .jl .c .cc
    .cpp .cu .h .hpp .rs .go .java
    """
)
_UNREAD_SUFFIXES = _words(
    """
    .engine .plan .caffemodel .params .rknn .mnn .ncnn .pdmodel .nnef .tmfile .uff .t7 .torchscript
    .ptl .msgpack .orbax .ggml .marisa .gexf .tfrecord .rdata .rds .feather .parquet .arrow .npk
    .xgb .ubj .lgb .cbm
    """
)
_SAFETENSORS_SUFFIXES = (".safetensors", ".sft")


def _pickle(sample: Sample) -> Match:
    if _BINARY_PICKLE.match(sample.head):
        return Match.CONTENT
    if sample.suffix in _PICKLE_SUFFIXES:
        return _promised(sample)
    if _TEXT_PICKLE.match(sample.head[:8192]) and b"\0" not in sample.head[:4]:
        return Match.LIKELY
    if sample.suffix in _LOOSE_SUFFIXES:
        return Match.NAME
    return Match.NO


def _promised(sample: Sample) -> Match:
    """A file named as weights is examined as such unless it is an archive or another kind of weights."""
    if sample.head.startswith((*_ZIP, b"GGUF", b"\x89HDF")) or sample.head[257:262] == b"ustar":
        return Match.NAME
    if sample.suffix != ".joblib" and sample.head.startswith(_COMPRESSED):
        return Match.NAME
    return Match.EXACT


def _safetensors(sample: Sample) -> Match:
    head = sample.head
    length = int.from_bytes(head[:8], "little")
    fits = len(head) >= 8 and 2 <= length <= max(sample.size_bytes, 100_000_000)  # noqa: PLR2004 - an empty object
    if sample.suffix in _SAFETENSORS_SUFFIXES:
        return Match.EXACT
    if (
        fits
        and head[8:9] == b"{"
        and re.match(rb'\{\s*(?:"|\})', head[8:])
        and length <= sample.size_bytes - 8
    ):
        return Match.CONTENT
    return Match.NO


def _by_magic_or_suffix(magic: bytes, *suffixes: str, offset: int = 0) -> Detector:
    def detect(sample: Sample) -> Match:
        if sample.head[offset : offset + len(magic)] == magic:
            return Match.CONTENT
        return Match.NAME if sample.suffix in suffixes else Match.NO

    return detect


def _onnx(sample: Sample) -> Match:
    if sample.suffix in {".onnx", ".ort"}:
        return Match.NAME if sample.head[4:8] == b"ORTM" else Match.EXACT
    if re.match(rb"\x08[\x03-\x14]\x12[\x01-\x40][\x20-\x7e]+\x1a", sample.head):
        return Match.LIKELY
    return Match.NO


def _sentencepiece(sample: Sample) -> Match:
    return Match.EXACT if sample.suffix in {".model", ".spm"} and sample.head[:1] == b"\x0a" else Match.NO


def _storage(sample: Sample) -> Match:
    # No byte of a storage speaks for it, so anything that recognises the content goes first.
    named = re.fullmatch(r"[0-9]{1,6}", sample.name) is not None
    return Match.NAME if named and not sample.text else Match.NO


def _template(sample: Sample) -> Match:
    if sample.suffix in {".jinja", ".jinja2", ".j2", ".template", ".tmpl"} and sample.text:
        return Match.EXACT
    return Match.NO


def _settings(sample: Sample) -> Match:
    if sample.suffix in {".yaml", ".yml"}:
        speaks = re.search(r"chat_template|\{\{|\{%|!!python/|trust_remote_code", sample.text)
        return Match.EXACT if speaks else Match.NO
    keys = sample.json_keys
    if not keys or keys & _OTHER_JSON_KEYS:
        return Match.NO
    if (
        keys & _SETTINGS_KEYS
        or any("chat_template" in key for key in keys)
        or {"class_name", "config"} <= keys
    ):
        return Match.EXACT
    return Match.EXACT if sample.name.lower() in _SETTINGS_NAMES else Match.NO


def _hdf5(sample: Sample) -> Match:
    for at in (0, 512, 1024, 2048, 4096):
        if sample.head[at : at + 8] == b"\x89HDF\r\n\x1a\n":
            return Match.CONTENT
    named = sample.suffix in {".h5", ".hdf5", ".he5"} or (
        sample.suffix == ".keras" and not sample.head.startswith(_ZIP)
    )
    return Match.NAME if named else Match.NO


def _tensorflow(sample: Sample) -> Match:
    if sample.suffix in {".pb", ".meta"} and sample.head[:1] in {b"\x08", b"\x0a", b"\x12"}:
        return Match.EXACT
    return Match.NAME if sample.suffix == ".pb" else Match.NO


def _coreml(sample: Sample) -> Match:
    return Match.EXACT if sample.suffix == ".mlmodel" and sample.head[:1] == b"\x08" else Match.NO


def _source_code(sample: Sample) -> Match:
    if sample.suffix == ".pyc":
        return Match.CONTENT
    return Match.CONTENT if sample.suffix in _SOURCE_SUFFIXES and sample.text else Match.NO


FORMATS: tuple[Format, ...] = (
    Format(
        kind="safetensors",
        module=f"{_PACKAGE}.safetensors",
        detect=_safetensors,
        suffixes=_SAFETENSORS_SUFFIXES,
    ),
    Format(
        kind="gguf",
        module=f"{_PACKAGE}.gguf",
        detect=_by_magic_or_suffix(b"GGUF", ".gguf"),
        suffixes=(".gguf",),
    ),
    Format(kind="npy", module=f"{_PACKAGE}.numpy_files", detect=by_magic(b"\x93NUMPY"), suffixes=(".npy",)),
    Format(kind="pickle", module=f"{_PACKAGE}.pickles", detect=_pickle, suffixes=_PICKLE_SUFFIXES),
    Format(kind="onnx", module=f"{_PACKAGE}.onnx", detect=_onnx, suffixes=(".onnx",)),
    Format(kind="hdf5", module=f"{_PACKAGE}.hdf5", detect=_hdf5, suffixes=(".h5", ".hdf5")),
    Format(
        kind="tflite",
        module=f"{_PACKAGE}.tflite",
        detect=_by_magic_or_suffix(b"TFL3", ".tflite", offset=4),
        suffixes=(".tflite",),
    ),
    Format(kind="savedmodel", module=f"{_PACKAGE}.tensorflow_graphs", detect=_tensorflow, suffixes=(".pb",)),
    Format(kind="coreml", module=f"{_PACKAGE}.coreml", detect=_coreml, suffixes=(".mlmodel",)),
    Format(
        kind="chat-template",
        module=f"{_PACKAGE}.templates",
        detect=_template,
        suffixes=(".jinja", ".jinja2", ".j2"),
    ),
    Format(
        kind="sentencepiece", module=f"{_PACKAGE}.sentencepiece", detect=_sentencepiece, suffixes=(".spm",)
    ),
    Format(kind="model-settings", module=f"{_PACKAGE}.settings", detect=_settings),
    Format(
        kind="source-code",
        module=f"{_PACKAGE}.source_code",
        detect=_source_code,
        suffixes=tuple(sorted(_SOURCE_SUFFIXES)),
    ),
    Format(kind="tensor-storage", module=f"{_PACKAGE}.storages", detect=_storage),
    Format(kind="other-weights", module=f"{_PACKAGE}.unread", detect=by_suffix(*_UNREAD_SUFFIXES)),
)
