"""Verify an export folder with nothing but Python 3.8 or newer. One file, standard library only.

    python3 verify_export.py FOLDER --root-fingerprint SHA384 --root-fingerprint SHA384 [--crl FILE]
    python3 verify_export.py FOLDER --key SHA384 --key SHA384

Get this file, and the fingerprints of the office's two roots (P-384 and ML-DSA-87) or the key ids of the
signers, by ANOTHER CHANNEL than the export: what comes on the same medium proves nothing.

Checked: every file against the signed statement export.dsse.json (P-384, or RSA of a card, and ML-DSA-87,
both demanded), what the reviewer certified where certification.dsse.json is there, SHA384SUMS, missing, added
and odd files, certificates, validity, revocation lists (those in the export and those given with --crl).
Compared by digest only: the PDF's own signatures (use pdfsig) and the two .p7s files (use openssl cms). Exit
status: 0 as signed, 1 a person must look, 2 refused, 3 wrong usage.
"""

# ruff: noqa: PLR2004, B905, RUF007 - numbers as the standards print them; Python 3.8 has no strict zip

import argparse
import base64
import calendar
import hashlib
import json
import os
import re
import stat
import sys
import time
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Set, Tuple

Problem = Tuple[str, str, str, str]  # reject or warn, code, file, detail
SELF = ("SHA384SUMS", "SHA384SUMS.ec.p7s", "SHA384SUMS.pq.p7s", "export.dsse.json")
ADDED = ("CERTIFICATES.pem", "REVOCATION-EC.pem", "REVOCATION-PQ.pem", "VERIFY.txt")
SEALED = ("sealed.frws", "OPEN.txt")
REVIEW = CERTIFICATION, CERTIFIERS = ("certification.dsse.json", "certification.certificates.pem")
HEADER = """\
# Export manifest, format export-v1. Check with: sha384sum -c SHA384SUMS
# Names every file of this folder but itself, SHA384SUMS.ec.p7s and SHA384SUMS.pq.p7s (its signatures,
# P-384 and ML-DSA-87, over all bytes of this file), export.dsse.json and COMPLETE.
"""
SMALL_BYTES, TOLERANCE_S = 16 << 20, 300


class Refused(ValueError):
    """Bytes not in the one accepted form."""


# --- P-384 -------------------------------------------------------------------------------------------

P = 2**384 - 2**128 - 2**96 + 2**32 - 1
N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973
B = 0xB3312FA7E23EE7E4988E056BE3F82D19181D9C6EFE8141120314088F5013875AC656398D8A2ED19D2A85C8EDD3EC2AEF
G = (
    0xAA87CA22BE8B05378EB1C71EF320AD746E1D3B628BA79B9859F741E082542A385502F25DBF55296C3A545E3872760AB7,
    0x3617DE4A96262C6F5D9E98BF9292DC29F8F41DBD289A147CE9DA3113B5F0B8C00A60B1CE1D7E819D7A431D7C90EA0E5F,
)
Point = Tuple[int, int, int]  # Jacobian; z == 0 is the point at infinity


def _double(point: Point) -> Point:
    x, y, z = point
    if not z or not y:
        return 0, 1, 0
    square = y * y % P
    s, m = 4 * x * square % P, 3 * (x - z * z) * (x + z * z) % P
    x3 = (m * m - 2 * s) % P
    return x3, (m * (s - x3) - 8 * square * square) % P, 2 * y * z % P


def _add(left: Point, right: Point) -> Point:
    (x1, y1, z1), (x2, y2, z2) = left, right
    if not z1 or not z2:
        return right if not z1 else left
    a, b = z1 * z1 % P, z2 * z2 % P
    u1, u2, s1, s2 = x1 * b % P, x2 * a % P, y1 * z2 * b % P, y2 * z1 * a % P
    if u1 == u2:
        return _double(left) if s1 == s2 else (0, 1, 0)
    h, r = (u2 - u1) % P, (s2 - s1) % P
    hh = h * h % P
    v, hhh = u1 * hh % P, h * hh % P
    x3 = (r * r - hhh - 2 * v) % P
    return x3, (r * (v - x3) - s1 * hhh) % P, h * z1 * z2 % P


def verify_p384(public: bytes, message: bytes, signature: bytes, low_s: bool = False) -> bool:
    """ECDSA with SHA-384; ``public`` is the uncompressed point, ``signature`` strict DER."""
    try:
        whole = Der(signature)
        r, s = (_integer(one) for one in whole.only(0x30).children())
    except ValueError:
        return False
    x, y = int.from_bytes(public[1:49], "big"), int.from_bytes(public[49:], "big")
    if len(public) != 97 or public[0] != 4 or x >= P or y >= P or (y * y - x * x * x + 3 * x - B) % P:
        return False
    if not (0 < r < N and 0 < s < N) or (low_s and s > N // 2):
        return False
    w = pow(s, N - 2, N)
    u, v = int.from_bytes(hashlib.sha384(message).digest(), "big") * w % N, r * w % N
    first, second = (G[0], G[1], 1), (x, y, 1)
    both, total = _add(first, second), (0, 1, 0)
    for bit in range(383, -1, -1):
        total = _double(total)
        which = (u >> bit & 1) | (v >> bit & 1) << 1
        if which:
            total = _add(total, (first, second, both)[which - 1])
    if not total[2]:
        return False
    inverse = pow(total[2], P - 2, P)
    return total[0] * inverse * inverse % P % N == r


# --- ML-DSA-87 (FIPS 204) ----------------------------------------------------------------------------

Q, K, L, TAU, OMEGA, GAMMA1, ALPHA = 8380417, 8, 7, 60, 75, 1 << 19, 8380416 // 16
ZETAS = [pow(1753, int("{:08b}".format(i)[::-1], 2), Q) for i in range(256)]
Poly = List[int]


def _ntt(w: Poly) -> Poly:
    m, length = 0, 128
    while length:
        for start in range(0, 256, 2 * length):
            m += 1
            zeta = ZETAS[m]
            for j in range(start, start + length):
                t = zeta * w[j + length]
                w[j], w[j + length] = (w[j] + t) % Q, (w[j] - t) % Q
        length //= 2
    return w


def _inverse_ntt(w: Poly) -> Poly:
    m, length = 256, 1
    while length < 256:
        for start in range(0, 256, 2 * length):
            m -= 1
            zeta = ZETAS[m]
            for j in range(start, start + length):
                low, high = w[j], w[j + length]
                w[j], w[j + length] = (low + high) % Q, zeta * (high - low) % Q
        length *= 2
    return [8347681 * x % Q for x in w]


def _unpack(packed: bytes, bits: int) -> Poly:
    number, mask = int.from_bytes(packed, "little"), (1 << bits) - 1
    return [number >> bits * i & mask for i in range(256)]


def _matrix_entry(seed: bytes) -> Poly:
    size = 840
    while True:
        stream = hashlib.shake_128(seed).digest(size)
        found = (stream[i] | stream[i + 1] << 8 | (stream[i + 2] & 127) << 16 for i in range(0, size, 3))
        poly = [x for x in found if x < Q]
        if len(poly) >= 256:
            return poly[:256]
        size *= 2


def _challenge(seed: bytes) -> Poly:
    stream = hashlib.shake_256(seed).digest(1024)
    signs, at, c = int.from_bytes(stream[:8], "little"), 8, [0] * 256
    for i in range(256 - TAU, 256):
        while stream[at] > i:
            at += 1
        c[i] = c[stream[at]]
        c[stream[at]] = 1 - 2 * (signs >> i + TAU - 256 & 1)
        at += 1
    return c


def _hints(packed: bytes) -> Optional[List[Set[int]]]:
    index, hints = 0, []  # type: Tuple[int, List[Set[int]]]
    for i in range(K):
        end = packed[OMEGA + i]
        row = packed[index:end]
        if not index <= end <= OMEGA or any(a >= b for a, b in zip(row, row[1:])):
            return None
        hints.append(set(row))
        index = end
    return None if any(packed[index:OMEGA]) else hints


def _high(r: int, hinted: bool) -> int:
    low = r % ALPHA
    low -= ALPHA if low > ALPHA // 2 else 0
    high, low = (0, low - 1) if r - low == Q - 1 else ((r - low) // ALPHA, low)
    return (high + (1 if low > 0 else -1)) % 16 if hinted else high


def verify_mldsa87(public: bytes, message: bytes, signature: bytes) -> bool:
    """Pure ML-DSA-87 with an empty context."""
    if len(public) != 2592 or len(signature) != 4627:
        return False
    z = [[GAMMA1 - x for x in _unpack(signature[64 + 640 * i : 704 + 640 * i], 20)] for i in range(L)]
    hints = _hints(signature[4544:])
    if hints is None or any(abs(x) >= GAMMA1 - 120 for poly in z for x in poly):
        return False
    mu = hashlib.shake_256(hashlib.shake_256(public).digest(64) + b"\0\0" + message).digest(64)
    c, z = _ntt(_challenge(signature[:64])), [_ntt(poly) for poly in z]
    digest = hashlib.shake_256(mu)
    for row in range(K):
        t = _ntt([x << 13 for x in _unpack(public[32 + 320 * row : 352 + 320 * row], 10)])
        total = [-a * b for a, b in zip(c, t)]
        for column in range(L):
            entry = _matrix_entry(public[:32] + bytes((column, row)))
            total = [s + a * b for s, a, b in zip(total, entry, z[column])]
        w = _inverse_ntt([x % Q for x in total])
        high = [_high(x, i in hints[row]) for i, x in enumerate(w)]
        digest.update(bytes(high[i] | high[i + 1] << 4 for i in range(0, 256, 2)))
    return digest.digest(64) == signature[:64]


# --- RSA of 3072 to 4096 bits, for signers whose card has no curves --------------------------------------

SHA384_INFO = bytes.fromhex("3041300d060960864801650304020205000430")


def verify_rsa(public: bytes, message: bytes, signature: bytes) -> bool:
    """RSASSA-PKCS1-v1_5 with SHA-384, exponent 65537; ``public`` is the RSAPublicKey (DER)."""
    try:
        modulus, exponent = (_integer(one) for one in Der(public).only(0x30).children())
    except ValueError:
        return False
    size, number = (modulus.bit_length() + 7) // 8, int.from_bytes(signature, "big")
    if not 3072 <= modulus.bit_length() <= 4096 or exponent != 65537 or len(signature) != size:
        return False
    tail = b"\0" + SHA384_INFO + hashlib.sha384(message).digest()
    wanted = b"\0\1" + b"\xff" * (size - 2 - len(tail)) + tail
    return number < modulus and pow(number, exponent, modulus) == int.from_bytes(wanted, "big")


# --- strict DER, certificates, revocation lists ------------------------------------------------------


class Der:
    """One value: single-byte tag, definite and minimal length."""

    def __init__(self, data: bytes, at: int = 0) -> None:
        if at + 2 > len(data) or data[at] & 31 == 31:
            raise Refused("DER tag")
        self.tag, size, start = data[at], data[at + 1], at + 2
        if size > 127:
            count = size - 128
            size, start = int.from_bytes(data[start : start + count], "big"), start + count
            if not 0 < count < 5 or start > len(data) or size < 128 or size >> 8 * (count - 1) == 0:
                raise Refused("DER length")
        if start + size > len(data):
            raise Refused("DER cut short")
        self.body, self.raw = data[start : start + size], data[at : start + size]
        self.end, self.source = start + size, data

    def only(self, tag: int) -> "Der":
        """Itself, when it has this tag and nothing follows it."""
        if self.tag != tag or self.end != len(self.source):
            raise Refused("DER form")
        return self

    def children(self) -> List["Der"]:
        """The values inside."""
        found, at = [], 0  # type: Tuple[List[Der], int]
        while at < len(self.body):
            found.append(Der(self.body, at))
            at = found[-1].end
        return found


def _integer(value: Der) -> int:
    body = value.body
    minimal = len(body) == 1 or (
        body and (body[0] or body[1] & 128) and (body[0] != 255 or not body[1] & 128)
    )
    if value.tag != 2 or not minimal:
        raise Refused("DER integer")
    return int.from_bytes(body, "big", signed=True)


def _moment(value: Der) -> int:
    text = value.body.decode("ascii")
    if value.tag == 23:
        text = ("19" if text[:2] >= "50" else "20") + text
    if value.tag not in (23, 24) or not re.match(r"^[0-9]{14}Z$", text):
        raise Refused("DER time")
    return calendar.timegm(time.strptime(text, "%Y%m%d%H%M%SZ"))


ALGORITHMS = {  # algorithm identifier of a signature: of the key's algorithm and parameters
    bytes.fromhex("300a06082a8648ce3d040303"): bytes.fromhex("301006072a8648ce3d020106052b81040022"),
    bytes.fromhex("300b0609608648016503040313"): bytes.fromhex("300b0609608648016503040313"),
}
EC, PQ = ALGORITHMS.values()
RSA = bytes.fromhex("300d06092a864886f70d0101010500")
ALGORITHMS[bytes.fromhex("300d06092a864886f70d01010c0500")] = RSA  # of an authority that the office believes
ALGORITHMS[bytes.fromhex("300d06092a864886f70d01010c0500")] = RSA  # of an authority that the office believes


class Certificate(NamedTuple):
    """What a verifier needs of a certificate; names and signed part as their DER bytes."""

    sha384: str
    serial: int
    issuer: bytes
    subject: bytes
    key: bytes  # SubjectPublicKeyInfo
    first: int
    last: int
    authority: bool  # may issue
    signs: bool  # may sign documents
    signed: "Signed"

    @property
    def key_id(self) -> str:
        return hashlib.sha384(self.key).hexdigest()

    @property
    def quantum_safe(self) -> bool:
        return Der(self.key).children()[0].raw == PQ


class Signed(NamedTuple):
    """Signed bytes, algorithm identifier, signature: the outer form of certificates and lists."""

    content: bytes
    algorithm: bytes
    signature: bytes


class RevocationList(NamedTuple):
    """Who was revoked by whom; ``usable`` is false when its scope cannot be told."""

    issuer: bytes
    this: int
    next: Optional[int]
    serials: Set[int]
    usable: bool
    signed: Signed


def _bits(value: Der) -> bytes:
    if value.tag != 3 or value.body[:1] != b"\0":
        raise Refused("DER bits")
    return value.body[1:]


def _signed(der: bytes) -> Signed:
    content, algorithm, signature = Der(der).only(0x30).children()
    return Signed(content.raw, algorithm.raw, _bits(signature))


def _extensions(wrapped: List[Der]) -> Dict[bytes, Tuple[bool, bytes]]:
    found: Dict[bytes, Tuple[bool, bytes]] = {}
    for one in wrapped[0].children()[0].children() if wrapped else []:
        parts = one.children()
        if parts[0].body in found:
            raise Refused("extension twice")
        found[parts[0].body] = (len(parts) == 3 and parts[1].body != b"\0", parts[-1].body)
    return found


def certificate(der: bytes) -> Certificate:
    """Read one certificate; raises ValueError or IndexError for anything odd."""
    signed = _signed(der)
    parts = Der(signed.content).children()
    _version, serial, algorithm, issuer, validity, subject, key = parts[:7]
    if algorithm.raw != signed.algorithm:
        raise Refused("certificate algorithm")
    first, last = (_moment(one) for one in validity.children())
    extensions = _extensions([one for one in parts[7:] if one.tag == 0xA3])
    constraints = Der(extensions.get(b"\x55\x1d\x13", (True, b"\x30\x00"))[1]).children()
    usage = Der(extensions.get(b"\x55\x1d\x0f", (True, b"\x03\x02\x07\x00"))[1]).body[1]
    issues = bool(constraints) and constraints[0].raw == b"\x01\x01\xff"
    ids = (hashlib.sha384(der).hexdigest(), _integer(serial), issuer.raw, subject.raw, key.raw, first, last)
    return Certificate(
        *ids, authority=issues and bool(usage & 4), signs=not issues and bool(usage & 64), signed=signed
    )


def revocation_list(der: bytes) -> RevocationList:
    """Read one revocation list; raises ValueError or IndexError for anything odd."""
    signed = _signed(der)
    parts = Der(signed.content).children()
    parts = parts[1:] if parts[0].tag == 2 else parts
    following = _moment(parts[3]) if len(parts) > 3 and parts[3].tag in (23, 24) else None
    rows = [row for one in parts[3:] if one.tag == 0x30 for row in one.children()]
    extensions = _extensions([one for one in parts[3:] if one.tag == 0xA0])
    usable = not any(critical for critical, _value in extensions.values())
    serials = {_integer(row.children()[0]) for row in rows}
    return RevocationList(parts[1].raw, _moment(parts[2]), following, serials, usable, signed)


def verify_with(key: bytes, message: bytes, signature: bytes, low_s: bool = False) -> bool:
    """Check a signature with a SubjectPublicKeyInfo of one of the accepted kinds."""
    algorithm, bits = Der(key).only(0x30).children()
    if algorithm.raw == RSA:
        return verify_rsa(_bits(bits), message, signature)
    if algorithm.raw == EC:
        return verify_p384(_bits(bits), message, signature, low_s)
    return algorithm.raw == PQ and verify_mldsa87(_bits(bits), message, signature)


def issued_by(signed: Signed, root: Certificate) -> bool:
    """Whether ``root`` signed it, with the algorithm of its key."""
    kind = Der(root.key).children()[0].raw
    known = ALGORITHMS.get(signed.algorithm) == kind
    return known and verify_with(root.key, signed.content, signed.signature)


# --- the statement -----------------------------------------------------------------------------------


def _unique(pairs: List[Tuple[str, Any]]) -> Dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise Refused("a member twice")
    return dict(pairs)


def _never(text: str) -> Any:
    raise Refused("number " + text[:20])


def _whole(text: str) -> int:
    return int(text) if len(text) < 20 else _never(text)


def _json(content: bytes) -> Dict[str, Any]:
    depth = 0
    for byte in re.findall(rb"[\[\]{}]", content):
        depth += 1 if byte in b"[{" else -1
        if depth > 32:
            raise Refused("nested too deeply")
    text = content.decode("utf-8")
    found = json.loads(
        text, object_pairs_hook=_unique, parse_float=_never, parse_int=_whole, parse_constant=_never
    )
    if not isinstance(found, dict):
        raise Refused("JSON object expected")
    return found


def read_envelope(content: bytes) -> Tuple[bytes, List[Tuple[str, bytes]], Dict[str, Any]]:
    """Signed bytes, (key id, signature) pairs and statement of a DSSE envelope in its one accepted form."""
    outer = _json(content)
    if set(outer) != {"payload", "payloadType", "signatures"} or not isinstance(outer["signatures"], list):
        raise Refused("envelope members")
    if outer["payloadType"] != "application/vnd.in-toto+json" or not isinstance(outer["payload"], str):
        raise Refused("payload type")
    payload, pairs = base64.b64decode(outer["payload"], validate=True), []
    for one in outer["signatures"]:
        if not isinstance(one, dict) or set(one) != {"keyid", "sig"}:
            raise Refused("signature members")
        if not isinstance(one["sig"], str) or not re.match(r"^[0-9a-f]{96}\Z", str(one["keyid"])):
            raise Refused("key id")
        pairs.append((one["keyid"], base64.b64decode(one["sig"], validate=True)))
    again = [{"keyid": key, "sig": base64.b64encode(sig).decode()} for key, sig in pairs]
    canonical = dict(outer, payload=base64.b64encode(payload).decode(), signatures=again)
    if json.dumps(canonical, separators=(",", ":"), sort_keys=True).encode() != content:
        raise Refused("not the canonical form")
    kind = outer["payloadType"].encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload), pairs, _json(payload)


def read_subjects(statement: Dict[str, Any], kind: str = "export") -> Tuple[Dict[str, str], int]:
    """File names with their SHA-384, and the claimed time of signing."""
    kinds = ("https://in-toto.io/Statement/v1", "urn:frontier-review-workstation:" + kind + ":v1")
    if (statement.get("_type"), statement.get("predicateType")) != kinds or not statement.get("subject"):
        raise Refused("statement type")
    found = {}  # type: Dict[str, str]
    for one in statement["subject"]:
        if set(one) != {"name", "digest"} or set(one["digest"]) != {"sha384"} or one["name"] in found:
            raise Refused("subject digest other than sha384, or a name twice")
        found[str(one["name"])] = str(one["digest"]["sha384"])
    predicate = statement["predicate"]
    if kind == "export" and predicate["format"] != "export-v1":
        raise Refused("format")
    signed = [(one["name"], len(one["fields"])) for one in predicate.get("signedDocuments", ())]
    if kind == "export" and (not signed or any(name not in found or count < 2 for name, count in signed)):
        raise Refused("no document that two people signed")
    if predicate["claimedAt"][19:] != "+00:00":
        raise Refused("claimed time")
    return found, calendar.timegm(time.strptime(predicate["claimedAt"][:19], "%Y-%m-%dT%H:%M:%S"))


# --- verifying ---------------------------------------------------------------------------------------


class Verification:
    """One act of verifying an export folder; ``problems`` is what it found."""

    def __init__(self, folder: str, roots: Set[str], keys: Set[str], at: int, demo_allowed: bool) -> None:
        self.folder, self.roots, self.keys, self.at, self.demo_allowed = folder, roots, keys, at, demo_allowed
        self.problems = []  # type: List[Problem]
        self.files = {}  # type: Dict[str, Tuple[int, str]]
        self.folded = set()  # type: Set[str]
        self.small = {}  # type: Dict[str, bytes]
        self.certificates = []  # type: List[Certificate]
        self.lists = []  # type: List[RevocationList]
        self.signers, self.people = [], set()  # type: List[str], Set[bytes]

    def note(self, code: str, path: str, detail: str = "", weight: str = "reject") -> None:
        """Keep one problem, once."""
        if (weight, code, path, detail) not in self.problems:
            self.problems.append((weight, code, path, detail))

    @property
    def outcome(self) -> str:
        """The heaviest problem decides."""
        weights = {problem[0] for problem in self.problems}
        return "reject" if "reject" in weights else "warn" if weights else "accept"

    def run(self, crl_files: List[str]) -> str:
        """Check everything; returns the outcome."""
        self.read_folder(self.folder, "")
        if SEALED[0] in self.files and not set(SELF) & set(self.files):
            return self.sealed()
        for name in crl_files:
            before = len(self.lists)
            with open(name, "rb") as stream:
                self.read_pem(name, stream.read(SMALL_BYTES))
            if len(self.lists) == before:
                self.note("EXP-106", name, "no revocation list (PEM) is in it")
        for name in ("CERTIFICATES.pem", "REVOCATION-EC.pem", "REVOCATION-PQ.pem", CERTIFIERS):
            self.read_pem(name, self.small.get(name, b""))
        wanted = {}  # type: Dict[str, str]
        try:
            message, pairs, statement = read_envelope(self.small.get("export.dsse.json", b""))
            wanted, claimed = read_subjects(statement)
            self.people = self.check_signatures(message, pairs, claimed)
        except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as fault:
            self.note("EXP-106", "export.dsse.json", str(fault)[:200])
        self.compare(wanted)
        if wanted and CERTIFICATION in wanted and not any(one[0] == "reject" for one in self.problems):
            self.check_certification(wanted)
        return self.outcome

    def sealed(self) -> str:
        """A sealed export proves nothing before its recipient's key has opened it."""
        self.note("EXP-133", SEALED[0], "sealed: open it with open_sealed.py and your key first")
        for name in sorted((set(self.files) - {"COMPLETE"}) ^ set(SEALED)):
            self.note("EXP-103" if name in self.files else "EXP-102", name)
        self.check_complete(set(SEALED) & set(self.files))
        return self.outcome

    def check_certification(self, wanted: Dict[str, str]) -> None:
        """The reviewer's own statement: over the beginning of the report, and over the data beside it."""
        try:
            message, pairs, statement = read_envelope(self.small.get(CERTIFICATION, b""))
            certified, claimed = read_subjects(statement, "certification")
            size, members = statement["predicate"]["certifiedBytes"], {"claimedAt", "certifiedBytes"}
            if set(statement["predicate"]) != members or type(size) is not int or size < 1:
                raise Refused("certifiedBytes")
            document = certified.pop("report.pdf")
            if self.check_signatures(message, pairs, claimed, CERTIFICATION) & self.people:
                self.note("EXP-132", CERTIFICATION, "by whoever signed the release")
        except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as fault:
            self.note("EXP-106", CERTIFICATION, str(fault)[:200])
            return
        with open(os.path.join(self.folder, "report.pdf"), "rb") as stream:
            digest = hashlib.sha384(stream.read(min(size, 512 << 20)))
        if size > self.files.get("report.pdf", (0, ""))[0] or digest.hexdigest() != document:
            self.note("EXP-132", CERTIFICATION, "report.pdf")
        for name, stated in certified.items():
            if wanted.get(name) != stated:
                self.note("EXP-132", CERTIFICATION, name)

    def read_folder(self, folder: str, prefix: str) -> None:
        """List and digest every regular file; links, devices, odd names and empty folders are problems."""
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        if (prefix and not entries) or prefix.count("/") > 7:
            self.note("EXP-103" if not entries else "EXP-104", prefix, "empty or too deep")
            return
        for entry in entries:
            if len(self.files) > 20000 or len(self.problems) > 1000:
                self.note("EXP-121", "", "too many entries")
                return
            name = prefix + entry.name
            if entry.is_dir(follow_symlinks=False):
                self.read_folder(entry.path, name + "/")
            elif not entry.is_file(follow_symlinks=False) or not plain_name(name):
                self.note("EXP-104", name, "a link, no regular file, or an odd name")
            elif name.lower() in self.folded:
                self.note("EXP-104", name, "differs from another in capitals only")
            else:
                self.folded.add(name.lower())
                self.digest(entry.path, name)

    def digest(self, path: str, name: str) -> None:
        """Read a file once; keep small ones whose content matters."""
        digest, size, kept = hashlib.sha384(), 0, []  # type: Any, int, List[bytes]
        flags = os.O_RDONLY | sum(getattr(os, one, 0) for one in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"))
        try:
            with os.fdopen(os.open(path, flags), "rb") as stream:
                regular = stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
                for piece in iter(lambda: stream.read(1 << 22) if regular else b"", b""):
                    digest.update(piece)
                    size += len(piece)
                    if name in (*SELF, *ADDED, *REVIEW, "COMPLETE") and size <= SMALL_BYTES:
                        kept.append(piece)
        except OSError as fault:
            self.note("EXP-128", name, str(fault))
            return
        if not regular:
            self.note("EXP-104", name, "not a regular file")
            return
        self.files[name] = (size, digest.hexdigest())
        if size <= SMALL_BYTES:
            self.small[name] = b"".join(kept)

    def read_pem(self, name: str, content: bytes) -> None:
        """Certificates and revocation lists of a PEM file."""
        blocks = re.findall(rb"-----BEGIN (CERTIFICATE|X509 CRL)-----([^-]*)-----END \1-----", content)
        if len(blocks) > 256:
            self.note("EXP-121", name, "too many certificates and lists")
            return
        try:
            for kind, body in blocks:
                der = base64.b64decode(b"".join(body.split()), validate=True)
                if kind == b"CERTIFICATE":
                    self.certificates.append(certificate(der))
                else:
                    self.lists.append(revocation_list(der))
        except (ValueError, IndexError):
            self.note("EXP-106", name, "unreadable")

    def check_signatures(
        self, message: bytes, pairs: List[Tuple[str, bytes]], claimed: int, where: str = SELF[3]
    ) -> Set[bytes]:
        """P-384 and ML-DSA-87 of the same person, each by a key that may be believed; gives the signers."""
        kinds, before = {}, len(self.signers)  # type: Dict[bytes, Set[bool]], int
        for key_id, signature in pairs[:64]:
            holder = next((one for one in self.certificates if one.key_id == key_id), None)
            if holder is None:
                self.note("EXP-109", where, "key " + key_id[:16])
                continue
            if not verify_with(holder.key, message, signature, low_s=True) or key_id in self.signers[before:]:
                self.note("EXP-108", where, "key " + key_id[:16])
            self.signers.append(key_id)
            kinds.setdefault(holder.subject, set()).add(holder.quantum_safe)
            if key_id not in self.keys:
                self.judge(holder, claimed, where)
        if len(pairs) < 2 or any(found != {True, False} for found in kinds.values()):
            self.note("EXP-107", where, "P-384 (or RSA) and ML-DSA-87 must both be there")
        return set(kinds)

    def judge(self, holder: Certificate, claimed: int, where: str) -> None:
        """Issued by a known root, valid at the claimed time, not revoked."""
        roots = {one.sha384: one for one in self.certificates if one.sha384 in self.roots and one.authority}
        # An ML-DSA-87 key on the word of the P-384 root would make both kinds of signature rest on P-384.
        strong = (one for one in roots.values() if one.quantum_safe or not holder.quantum_safe)
        fitting = (one for one in strong if one.subject == holder.issuer and issued_by(holder.signed, one))
        root = next(fitting, None)
        if root is None or not holder.signs:
            self.note("EXP-109", where, "key " + holder.key_id[:16] + " was not issued by a root you gave")
            return
        if b"DEMO " in root.subject and not self.demo_allowed:
            self.note("EXP-116", "", "made by a demonstration")
        for one in (holder, root):
            if not one.first - TOLERANCE_S <= claimed <= one.last or self.at < one.first - TOLERANCE_S:
                self.note("EXP-111", where, "certificate not valid then")
            elif self.at > one.last:
                self.note("EXP-112", where, "certificate has ended since", "warn")
        if claimed > self.at + TOLERANCE_S:
            self.note("EXP-125", where, "claimed time is in the future", "warn")
        self.check_revocation(holder, root, claimed, where)

    def check_revocation(self, holder: Certificate, root: Certificate, claimed: int, where: str) -> None:
        """A revoked signer is refused whatever the date: the time of signing is only claimed."""
        once = {one.signed: one for one in self.lists if one.usable and one.issuer == root.subject}
        lists = [one for one in once.values() if issued_by(one.signed, root)]
        if any(holder.serial in one.serials for one in lists):
            self.note("EXP-110", where, "key " + holder.key_id[:16])
            return
        current = [one for one in lists if one.this <= self.at + TOLERANCE_S]
        ends = max(current, key=lambda one: one.this).next if current else None
        if ends is None or ends < claimed:
            self.note("EXP-113", where, "no revocation list was current")
        elif ends < self.at:
            self.note("EXP-114", where, "the revocation list is old", "warn")

    def compare(self, wanted: Dict[str, str]) -> None:
        """Every file against the statement, the manifest against what it must be, the completion marker."""
        named, listed = {problem[2] for problem in self.problems}, wanted or self.manifest_names()
        for name in (*SELF, *ADDED, *listed):
            if name not in self.files and name not in named:
                self.note("EXP-102", name, "missing")
        for name, (_size, digest) in self.files.items():
            if listed and name not in listed and name not in (*SELF, "COMPLETE"):
                self.note("EXP-103", name, "added")
            elif listed.get(name, digest) != digest:
                self.note("EXP-101", name, "changed")
        content = {name: digest for name, digest in wanted.items() if name not in SELF}
        if any(not plain_name(name) for name in wanted) or set(wanted) & {"COMPLETE", SELF[3]}:
            self.note("EXP-106", SELF[3], "names")
        lines = "".join("{}  {}\n".format(digest, name) for name, digest in sorted(content.items()))
        if wanted and (HEADER + lines).encode() != self.small.get("SHA384SUMS"):
            self.note("EXP-105", "SHA384SUMS", "not what was signed")
            self.blame_statement()
        if wanted and not set(SELF[:3]) <= set(wanted):
            self.note("EXP-107", SELF[3], "does not name the manifest and its signatures")
        for name in SELF[1:3]:
            try:
                Der(self.small.get(name, b"\x30\x00")).only(0x30)
            except ValueError:
                self.note("EXP-108", name, "not a signature file")
        self.check_complete({*wanted, *SELF} & set(self.files))

    def manifest_names(self) -> Dict[str, str]:
        """What the manifest lists, only for naming the file that differs."""
        text = self.small.get("SHA384SUMS", b"").decode("ascii", "replace")
        lines = [line for line in text.splitlines() if not line.startswith("#")]
        if any(not re.match(r"^[0-9a-f]{96}  [^\\]+\Z", line) or not plain_name(line[98:]) for line in lines):
            self.note("EXP-105", "SHA384SUMS", "not a manifest")
            return {}
        return {line[98:]: line[:96] for line in lines}

    def blame_statement(self) -> None:
        """When manifest and files fit each other, the odd one out is the statement: another export's."""
        listed = self.manifest_names()
        if listed and all(self.files.get(name, (0, ""))[1] == digest for name, digest in listed.items()):
            self.note("EXP-130", SELF[3], "states other files")

    def check_complete(self, names: Set[str]) -> None:
        """The marker is written last and follows from the other files."""
        if "COMPLETE" not in self.files:
            self.note("EXP-102", "COMPLETE", "writing was perhaps interrupted", "warn")
            return
        lines = "".join(sorted("{}  {}\n".format(self.files[name][1], name) for name in names))
        size = sum(self.files[name][0] for name in names)
        digest = hashlib.sha384(lines.encode()).hexdigest()
        marker = "files {}\nbytes {}\nsha384 {}\n".format(len(names), size, digest)
        if self.small.get("COMPLETE") != marker.encode():
            self.note("EXP-101", "COMPLETE", "changed")


def plain_name(name: str) -> bool:
    """Whether a name is one an export may carry."""
    parts = name.split("/")
    devices = r"^(con|prn|aux|nul|com[1-9]|lpt[1-9])(\.|\Z)"
    return (
        len(name) <= 200
        and len(parts) <= 8
        and all(re.match(r"^[A-Za-z0-9_(\[][A-Za-z0-9 ()\[\]_.,+=@~#&'!-]*\Z", part) for part in parts)
        and not any(part[-1] in ". " or re.match(devices, part, re.IGNORECASE) for part in parts)
    )


def _fingerprint(text: str) -> str:
    found = re.sub(r"[^0-9a-f]", "", text.lower().replace("sha384", ""))
    if len(found) != 96:
        raise argparse.ArgumentTypeError("a SHA-384 fingerprint has 96 hexadecimal digits")
    return found


def _lines(found: Verification) -> Iterator[str]:
    for one in found.certificates:
        if one.sha384 in found.roots:
            yield "root you gave: SHA-384 " + one.sha384
    for key in found.signers:
        yield "statement signed by key: SHA-384 " + key
    for weight, code, path, detail in found.problems:
        yield " ".join((weight.upper(), code, ascii(path), ascii(detail)))
    yield "Compared by digest only: PDF signatures (use pdfsig) and .p7s files (use openssl cms)."
    yield "OUTCOME " + found.outcome


def main() -> int:
    """Run the command line."""
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=form)
    parser.add_argument("folder")
    parser.add_argument(
        "--root-fingerprint", action="append", default=[], type=_fingerprint, metavar="SHA384"
    )
    parser.add_argument("--key", action="append", default=[], type=_fingerprint, metavar="SHA384")
    parser.add_argument("--crl", action="append", default=[], metavar="FILE", help="newer lists, as PEM")
    now = int(time.time())  # noqa: TID251 - a script has nobody to hand it a clock
    parser.add_argument("--at", type=int, default=now, help="look as of this moment, in seconds since 1970")
    parser.add_argument("--demo", action="store_true", help="let an export of a demonstration through")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if not options.root_fingerprint and not options.key:
        print("Nothing to trust: give --root-fingerprint or --key, got by another channel.", file=sys.stderr)
        return 3
    found = Verification(
        options.folder, set(options.root_fingerprint), set(options.key), options.at, options.demo
    )
    try:
        outcome = found.run(options.crl)
    except OSError as fault:
        print("Cannot read: {}".format(fault), file=sys.stderr)
        return 3
    if options.json:
        names = ("severity", "code", "path", "message")
        print(json.dumps({"outcome": outcome, "findings": [dict(zip(names, one)) for one in found.problems]}))
    else:
        print("\n".join(_lines(found)))
    return {"accept": 0, "warn": 1, "reject": 2}[outcome]


if __name__ == "__main__":
    sys.exit(main())
