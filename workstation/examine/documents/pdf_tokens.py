"""Rules of ISO 19005-2 6.1 about single values: numbers, strings, names, operators, inline images."""

import re
from collections.abc import Iterable

from workstation.examine.documents.pdf_lexer import Token, name_bytes, string_length, tokens

MAX_INTEGER, MIN_INTEGER = 2_147_483_647, -2_147_483_648
MAX_REAL, MIN_REAL = 3.403e38, 1.175e-38
MAX_STRING_BYTES = 32_767
MAX_NAME_BYTES = 127
MAX_SAVES = 28
MAX_CID = 65_535
_HEX = re.compile(rb"<[0-9A-Fa-f\x00\t\n\x0c\r ]*>\Z")
_OPERATORS = frozenset(
    b"b B b* B* BDC BI BMC BT BX c cm CS cs d d0 d1 Do DP EI EMC ET EX f F f* G g gs h i ID j J K k l m M MP"
    b" n q Q re RG rg ri s S SC sc SCN scn sh T* Tc Td TD Tf Tj TJ TL Tm Tr Ts Tw Tz v w W W* y ' \"".split()
)
_VALUES = frozenset({b"true", b"false", b"null", b"[", b"]"})
_UTF8_AFTER = frozenset({b"/BaseFont", b"/FontName", b"/Separation"})


class Rules:
    """Collects broken rules: the first reason for each clause."""

    def __init__(self) -> None:
        self.broken: dict[str, str] = {}

    def breaks(self, clause: str, what: str) -> None:
        """Note a departure."""
        self.broken.setdefault(clause, what)

    def value(self, token: Token) -> None:
        """Limits of one token."""
        if token.kind == "number":
            self._number(token.raw)
        elif token.kind == "hex":
            if not _HEX.match(token.raw):
                self.breaks("6.1.6", "a hexadecimal string with other characters")
            elif len(re.sub(rb"[^0-9A-Fa-f]", b"", token.raw)) % 2:
                self.breaks("6.1.6", "a hexadecimal string with an odd number of digits")
        elif token.kind == "name" and len(name_bytes(token.raw)) > MAX_NAME_BYTES:
            self.breaks("6.1.13", f"a name longer than {MAX_NAME_BYTES} bytes")
        if token.kind in {"hex", "string"} and string_length(token.raw) > MAX_STRING_BYTES:
            self.breaks("6.1.13", f"a string longer than {MAX_STRING_BYTES} bytes")

    def _number(self, raw: bytes) -> None:
        if b"." not in raw:
            # More digits than Python converts at once are out of range anyway.
            number = int(raw) if len(raw) <= 30 else MAX_INTEGER + 1  # noqa: PLR2004
            if not MIN_INTEGER <= number <= MAX_INTEGER:
                self.breaks("6.1.13", f"integer {raw[:30].decode()}")
            return
        real = abs(float(raw))
        if real > MAX_REAL or 0 < real < MIN_REAL:
            self.breaks("6.1.13", "a real number out of range")

    def values(self, content: bytes) -> None:
        """Limits of all values in an object stream or any run of objects."""
        before = b""
        for token in tokens(content):
            self.value(token)
            if token.kind == "name" and before in _UTF8_AFTER:
                self.utf8(token.raw)
            before = token.raw

    def utf8(self, raw: bytes) -> None:
        """Names of fonts and colorants shall be UTF-8 (6.1.8)."""
        try:
            name_bytes(raw).decode()
        except UnicodeDecodeError:
            self.breaks("6.1.8", "the name of a font or colorant is not UTF-8")

    def content(self, content: bytes) -> None:
        """A content stream: values, operators, nesting, inline images."""
        saves = 0
        image: list[bytes] | None = None
        compatibility = 0
        for token in tokens(content):
            self.value(token)
            if image is not None and token.raw != b"ID":
                image.append(token.raw)
            if token.kind != "word" or token.raw in _VALUES:
                continue
            if token.raw == b"BI":
                image = []
            elif token.raw == b"ID":
                self._inline_image(image or [])
                image = None
            elif token.raw == b"q":
                saves += 1
                if saves > MAX_SAVES:
                    self.breaks("6.1.13", f"more than {MAX_SAVES} nested q operators")
            elif token.raw == b"Q":
                saves -= 1
            elif token.raw in {b"BX", b"EX"}:
                compatibility += 1 if token.raw == b"BX" else -1
            elif token.raw not in _OPERATORS and image is None:
                self.breaks("6.2.2", f"undefined operator {token.raw[:20]!r}")

    def _inline_image(self, parts: Iterable[bytes]) -> None:
        listed = list(parts)
        for at, part in enumerate(listed[:-1]):
            if part in {b"/F", b"/Filter"}:
                filters = listed[at + 1 : at + 12] if listed[at + 1] == b"[" else listed[at + 1 : at + 2]
                for name in filters:
                    if name == b"]":
                        break
                    if name in {b"/LZW", b"/LZWDecode", b"/Crypt"}:
                        self.breaks("6.1.10", f"inline image filter {name.decode()}")

    def character_map(self, content: bytes) -> None:
        """CIDs of an embedded CMap (6.1.13)."""
        section = b""
        operands: list[bytes] = []
        for token in tokens(content):
            if token.kind == "word" and token.raw.startswith((b"begincid", b"endcid")):
                section = token.raw if token.raw.startswith(b"begin") else b""
                operands = []
            elif section:
                operands.append(token.raw)
                size = 3 if section == b"begincidrange" else 2
                if len(operands) == size:
                    self._cid(operands)
                    operands = []

    def _cid(self, operands: list[bytes]) -> None:
        try:
            cid = int(operands[-1][:20])
            if len(operands) == 3:  # noqa: PLR2004 - low, high, first CID
                low, high = (int(code.strip(b"<> "), 16) for code in operands[:2])
                cid += high - low
        except ValueError:
            return
        if cid > MAX_CID:
            self.breaks("6.1.13", f"CID {cid}")
