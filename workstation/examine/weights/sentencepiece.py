"""SentencePiece tokenizer models: their structure and how many pieces they have."""

from workstation.examine.reader import Notes, Source
from workstation.examine.weights.protobuf import Wire
from workstation.examine.weights.tensors import Cursor, broken

_PIECE, _TRAINER, _NORMALIZER = 1, 2, 3
_KNOWN = frozenset({1, 2, 3, 4, 5})
_EXTENSIONS = 200


def examine(source: Source, notes: Notes) -> None:
    """Walk the outer message; a model without pieces is refused."""
    wire = Wire(Cursor(source))
    pieces = 0
    for item in wire.whole():
        if item.number == _PIECE:
            pieces += 1
            for part in wire.inside(item):
                if part.number == 1 and part.size_bytes > source.size_bytes // 2 > _EXTENSIONS:
                    notes.caution("MODEL_HIDDEN", f"a piece of {part.size_bytes} bytes")
        elif item.number not in _KNOWN and item.number < _EXTENSIONS:
            notes.caution("MODEL:unknown-field", f"field {item.number}, {item.size_bytes} bytes")
    if not pieces:
        raise broken("no-model", "no pieces")
    notes.facts["pieces"] = pieces
