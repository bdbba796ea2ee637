"""First inputs of each reader, made by the tests' own builders; nothing here is copied from anywhere."""

import bz2
import gzip
import io
import json
import lzma
import pickle
import struct
import zlib
from collections.abc import Callable, Sequence

import zstandard

from tests.examine import test_checklists, test_sarif
from tests.examine.documents import test_office_and_images as office_files
from tests.examine.weights import (
    test_gguf,
    test_hdf5_dense,
    test_hdf5_tree,
    test_onnx,
    test_other_formats,
    test_safetensors,
)
from tests.examine.weights.protobufs import msg, num
from tests.fuzz import records
from tests.helpers import archives, bags, documents
from tests.helpers.archives import TarMember, ZipMember

_SMALL = {"a/b.txt": b"hello\n", "w.json": b'{"model_type": "x"}'}


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


def _zips() -> list[bytes]:
    odd = ZipMember(name=b"a.txt", data=b"hello", method=8, extra=struct.pack("<HHQ", 1, 8, 5))
    streamed = ZipMember(
        name=b"b", data=b"hi", flags=8, descriptor=b"PK\x07\x08" + struct.pack("<LLL", 0, 2, 2)
    )
    return [
        archives.plain_zip(_SMALL),
        archives.make_zip(odd, ZipMember(name=b"d/", mode=0o040755), comment=b"note"),
        archives.make_zip(streamed, prefix=b"MZ" + bytes(30)),
        archives.make_zip(ZipMember(name=b"../x", data=b"x"), ZipMember(name=b"l", data=b"a", mode=0o120777)),
        archives.make_zip(ZipMember(name=b"z", data=b"hello", method=93, raw=zstandard.compress(b"hello"))),
        archives.plain_zip({"in.zip": archives.plain_zip(_SMALL)}),
    ]


def _tars() -> list[bytes]:
    members = (
        TarMember(name="a.txt", data=b"hello"),
        TarMember(name="l", kind=b"2", target="a.txt"),
        TarMember(name="h", kind=b"1", target="a.txt"),
        TarMember(name="d", kind=b"5"),
        TarMember(name="p" * 60, data=b"x", pax={"comment": "c", "SCHILY.xattr.user.a": "1"}),
    )
    return [archives.make_tar(*members, form=form) for form in (0, 1, 2)] + [
        archives.make_tar(TarMember(name="../x", data=b"x"), TarMember(name="f", kind=b"6"))
    ]


def _compressed() -> list[bytes]:
    tar = _tars()[0]
    return [
        *(pack(tar) for pack in (gzip.compress, bz2.compress, lzma.compress, zstandard.compress)),
        lzma.compress(b"hello" * 50, format=lzma.FORMAT_ALONE),
        gzip.compress(b"hello") + gzip.compress(b"again"),
        b"\x50\x2a\x4d\x18\x04\0\0\0skip" + zstandard.compress(b"hello" * 100),
    ]


def _pickles() -> list[bytes]:
    value = {"a": [1, 2.5, "x", b"y", None, True, (1,), {2}, 1 << 70], "b": frozenset({"z"})}
    plain = [pickle.dumps(value, protocol) for protocol in range(6)]
    weights = archives.plain_zip({"m/data.pkl": plain[2], "m/version": b"3\n", "m/data/0": bytes(8)}, 0)
    called = b"\x80\x04\x8c\x05posix\x94\x8c\x06system\x94\x93\x94\x8c\x02ls\x94\x85\x94R\x94."
    return [
        *plain,
        weights,
        called,
        b"cos\nsystem\n(S'x'\ntR.",
        zlib.compress(plain[2]),
        gzip.compress(called),
    ]


def _gguf() -> list[bytes]:
    text, pair, tensor = test_gguf.text, test_gguf.pair, test_gguf.tensor
    tokens = pair(
        b"tokens", test_gguf.ARRAY, struct.pack("<IQ", test_gguf.STRING, 2) + text(b"a") + text(b"b")
    )
    template = pair(b"tokenizer.chat_template", test_gguf.STRING, text(b"{{ messages[0].content }}"))
    return [
        test_gguf.made(
            [test_gguf.ARCHITECTURE, tokens, template],
            [tensor(b"t", [32, 2], 2, 0), tensor(b"u", [3], 0, 64)],
            bytes(76),
        ),
        b"GGUF" + struct.pack("<III", 1, 0, 1) + pair(b"k", test_gguf.U32, bytes(4), word="I"),
    ]


def _onnx() -> list[bytes]:
    made, node = test_onnx.model, test_onnx.node
    return [
        made(msg(1, node(b"Relu")), msg(5, test_onnx.tensor()), msg(11, msg(1, b"x")), msg(12, msg(1, b"y"))),
        made(msg(5, test_onnx.external(b"weights.bin", offset=b"0", length=b"8"))),
        made(msg(1, node(b"If", msg(5, msg(1, b"then"), msg(6, msg(5, test_onnx.tensor())))))),
    ]


def _safetensors() -> list[bytes]:
    entry = test_safetensors.entry
    header = {"__metadata__": {"format": "pt"}, "a": entry([2, 3], 0, 24), "b": entry([], 24, 26, "BF16")}
    return [test_safetensors.made(header, bytes(26)), test_safetensors.made({}, pad=b"   ")]


def _numpy() -> list[bytes]:
    made = test_other_formats.npy
    return [
        made("'<f8'", "(2, 3)", bytes(48)),
        made("[('a', '<f4', (2,)), ('b', '|u1')]", "(2,)", bytes(18), 3),
        made("'|O'", "(1,)", pickle.dumps([1])),
    ]


def _hdf5() -> list[bytes]:
    layer = test_other_formats.layer
    return [
        test_other_formats.h5(layer("Dense")),
        test_other_formats.h5(layer("Lambda", {"function": ["4wEA", None, None]})),
        test_hdf5_tree.plain(1),
        test_hdf5_tree.plain(2),
        test_hdf5_dense.vector("links-20"),
    ]


def _graphs() -> list[bytes]:
    saved, op = test_other_formats.saved, test_other_formats.op
    return [saved(op(b"Const"), op(b"SaveV2"), functions=(op(b"WriteFile"),)), msg(1, op(b"ReadFile"))]


def _settings() -> list[bytes]:
    return [
        _json({"model_type": "llama", "auto_map": {"AutoModel": "x.Y"}, "chat_template": "{{ messages }}"}),
        _json({"weight_map": {"a": "model-1.safetensors"}, "metadata": {"total_size": 4}}),
        _json({"class_name": "Sequential", "config": {"layers": [{"class_name": "Lambda", "config": {}}]}}),
        b"chat_template: |\n  {{ messages }}\nx: !!python/object/apply:os.system ['ls']\n",
    ]


_TEMPLATES = (
    b"{% for m in messages %}{{ m.role | upper }}: {{ m['content'] }}{% endfor %}",
    b"{{ ''.__class__.__mro__[1].__subclasses__() }}{% raw %}x{% endraw %}{# c #}",
    b"{%- set ns = namespace(a=1) -%}{{ cycler.__init__.__globals__.os.popen('id').read() }}",
)


def _signatures() -> list[bytes]:
    from tests.fuzz.signed import model_signatures

    return model_signatures()


def _pointers() -> list[bytes]:
    head = b"version https://git-lfs.github.com/spec/v1\n"
    return [
        head + b"oid sha256:" + b"0" * 64 + b"\nsize 12\n",
        head + b"ext-0-a sha256:b\noid sha256:" + b"f" * 64 + b"\nsize 0",
    ]


def _cms() -> list[bytes]:
    signature = office_files._signature
    return [signature(b"hello", detached=True), signature(b"hello", detached=False)]


def _pdfs() -> list[bytes]:
    plain = documents.pdf(pages=2)

    def active(document: object) -> None:
        run = documents.action(document, "JavaScript", JS="app.alert(1)")  # type: ignore[arg-type]  # a pikepdf.Pdf
        document.Root.OpenAction = run  # type: ignore[attr-defined]  # a pikepdf.Pdf

    return [plain, documents.pdf(active), documents.signed(plain), documents.pdf(pages=1, linearize=True)]


def _offices() -> list[bytes]:
    linked = {"word/_rels/document.xml.rels": documents.relationship("image", "https://example.org/x")}
    return [
        documents.office(),
        documents.office(linked),
        documents.office({"word/vbaProject.bin": b"\xd0\xcf"}),
    ]


def _legacy() -> list[bytes]:
    compound = office_files._compound
    return [
        compound("Root Entry", "WordDocument", "VBA"),
        rb"{\rtf1{\object\objemb{\*\objdata 0105}}\u8206?x}",
    ]


def _texts() -> list[bytes]:
    return [
        b"# Title\n\n[link](javascript:x) ![i](https://example.org/a.png) <script>x</script>\n",
        b"<!DOCTYPE html><html><head><script src=x></script></head><body onload=a>b</body></html>",
        "a\u202eb\u200bc\x1b[31m\n=cmd|' /c calc'!A1,2\n".encode(),
        "\ufeffé,ü\n".encode("utf-16"),
    ]


def _json_texts() -> list[bytes]:
    cell = {"cell_type": "code", "source": ["import os\n"], "outputs": [{"data": {"text/html": "<b>"}}]}
    return [
        _json({"a": [1, {"b": None}], "c": "\u202e"}),
        b'{"a": 1}\n{"a": 2}\n',
        _json({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}),
        b'{"a":1,"a":NaN}',
    ]


def _xmls() -> list[bytes]:
    return [
        b'<?xml version="1.0"?><a xmlns:b="urn:b"><b:c d="e">f</b:c><![CDATA[g]]></a>',
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///x">]><a>&x;</a>',
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>x</script><image href="https://example.org/x"/></svg>',
    ]


def _images() -> list[bytes]:
    return [office_files.picture(kind) for kind in ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF")]


def _sarif() -> list[bytes]:
    place = {
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": "a.c"}, "region": {"startLine": 5}}}]
    }
    return [_json(test_sarif.log({"level": "error"})), _json(test_sarif.log(place))]


def _unread_archives() -> list[bytes]:
    header = b"\x01\x00"
    start = struct.pack("<QQL", 0, len(header), zlib.crc32(header))
    seven = b"7z\xbc\xaf\x27\x1c\0\x04" + struct.pack("<L", zlib.crc32(start)) + start + header
    return [seven, b"Rar!\x1a\x07\x01\0" + bytes(32), b"!<arch>\n" + bytes(60), b"\x1f\x9d\x90" + bytes(20)]


def _other_evaluations() -> list[bytes]:
    return [
        _json({"adapter_spec": {}, "request_states": [{"instance": {"input": {"text": "x"}}}]}),
        _json({"results": {}, "config_general": {"model_name": "m"}}),
        _json({"evalId": "e", "results": {"results": []}, "config": {}}),
    ]


def _unread_inventories() -> list[bytes]:
    rdf = b'<rdf:RDF xmlns:rdf="r" xmlns:spdx="http://spdx.org/rdf/terms#"><spdx:SpdxDocument/></rdf:RDF>'
    return [b"spdxVersion: SPDX-2.3\nname: x\n", rdf]


_BY_MODULE: dict[str, Callable[[], Sequence[bytes]]] = {
    "archives.compressed": _compressed,
    "archives.tars": _tars,
    "archives.unread": _unread_archives,
    "archives.zips": _zips,
    "checklists": lambda: [test_checklists.ckl(), test_checklists.xccdf()],
    "checklists_json": lambda: [test_checklists.cklb()],
    "documents.cms": _cms,
    "documents.images": _images,
    "documents.json_text": _json_texts,
    "documents.legacy": _legacy,
    "documents.office": _offices,
    "documents.pdf": _pdfs,
    "documents.text": _texts,
    "documents.xml": _xmls,
    "evaluations.inspect_json": records.evaluations,
    "evaluations.inspect_zip": records.inspect_zips,
    "evaluations.lm_eval": records.lm_eval,
    "inventories.cyclonedx": records.cyclonedx,
    "inventories.cyclonedx_xml": records.cyclonedx_xml,
    "evaluations.other": _other_evaluations,
    "inventories.spdx": records.spdx,
    "inventories.spdx3": records.spdx3,
    "inventories.unread": _unread_inventories,
    "sarif": _sarif,
    "signatures.model": _signatures,
    "signatures.pointer": _pointers,
    "weights.coreml": lambda: [num(1, 4) + msg(500, msg(1, msg(1, b"l"), msg(500, msg(10, b"MyLayer"))))],
    "weights.gguf": _gguf,
    "weights.hdf5": _hdf5,
    "weights.numpy_files": _numpy,
    "weights.onnx": _onnx,
    "weights.pickles": _pickles,
    "weights.safetensors": _safetensors,
    "weights.sentencepiece": lambda: [msg(1, msg(1, b"<unk>"), num(3, 2)) + msg(2, num(3, 1))],
    "weights.settings": _settings,
    "weights.source_code": lambda: [b"import os\nos.system('x')\neval('1')\n", b"\xa7\r\r\n"],
    "weights.templates": lambda: list(_TEMPLATES),
    "weights.tensorflow_graphs": _graphs,
    "weights.tflite": lambda: [test_other_formats.flat(), test_other_formats.flat(b"FlexReadFile")],
}

WORDS: dict[str, tuple[bytes, ...]] = {
    "archives.tars": (
        b"GNU.sparse.map=",
        b"GNU.sparse.major=1",
        b"path=",
        b"linkpath=",
        b"size=",
        b"././@LongLink",
    ),
    "archives.zips": (
        b"PK\x06\x06",
        b"PK\x06\x07",
        b"PK\x01\x02",
        b"PK\x05\x06",
        b"\x01\x00\x18\x00",
        b"up\x09\x00",
    ),
    "documents.pdf": (
        b"/OpenAction",
        b"/EmbeddedFile",
        b"/ByteRange",
        b"/Prev",
        b"/ObjStm",
        b"endobj",
        b"xref",
    ),
    "weights.pickles": (
        b"cbuiltins\neval\n",
        b"\x8c\x02os\x94\x93",
        b"\x93",
        b"\x81",
        b"\x92",
        b"\x95",
        b"R.",
        b"b.",
    ),
}


def for_module(name: str) -> Callable[[], Sequence[bytes]]:
    """The seeds of one examiner module."""
    return _BY_MODULE.get(name, lambda: [b"", b"hello", bytes(64)])


def bag_texts() -> Sequence[bytes]:
    """Tag files of bags, one after the other."""
    order = ("bagit.txt", "manifest-sha256.txt", "bag-info.txt", "tagmanifest-sha512.txt", "fetch.txt")
    info = b"Payload-Oxum: 5.1\nContact-Name: A\n B\nBag-Count: 1 of 1\n"
    files = bags.bag(bag_info__txt=info, fetch__txt=b"https://example.org/a 5 data/b.txt\n")
    return [b"\n%%\n".join(files.get(name, b"") for name in order)]


def name_lists() -> Sequence[bytes]:
    """Names, one a line."""
    return [
        b"a\nA\nb/../c\n/etc/passwd\nCON\nx\\y\nC:\\z\n",
        "é\ne\u0301\n\u202ea\nb \n".encode(),
        b"l\nt\na/l\nl/b",
    ]


def viewable() -> Sequence[bytes]:
    """What has pages."""
    return [*_pdfs()[:2], *_images(), *_offices()[:1], *_texts()]


def everything() -> Sequence[bytes]:
    """Every seed as it is, and some of each inside a zip."""
    bare = [seed for make in _BY_MODULE.values() for seed in make() if len(seed) <= 16 << 10]
    packed = io.BytesIO()
    packed.write(archives.plain_zip({f"d/{number}": seed for number, seed in enumerate(bare[::3])}))
    return [*bare, packed.getvalue(), bags.zipped(bags.bag())]
