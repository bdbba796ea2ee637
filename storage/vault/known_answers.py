"""The self-test at start: each primitive must give a published or independently made answer.

A library that was swapped, miscompiled or run on a failing processor gives wrong keys silently; here it
stops the program instead. Takes a few milliseconds.
"""

import hashlib
from collections.abc import Callable
from typing import Final

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA87PrivateKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM1024PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA384
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from storage.vault.known_answer_data import ML_DSA_87_SIGNATURE, ML_KEM_1024_CIPHERTEXT
from workstation.core.vault_errors import KnownAnswerFailed

_COUNT = bytes(range(64))
_MESSAGE = b"known answer"


def require_known_answers() -> None:
    """Run every test; return only when all answers are right.

    Raises:
        KnownAnswerFailed: with the name of the first primitive that is wrong or missing.
    """
    for primitive, test in TESTS.items():
        try:
            right = test()
        except Exception as error:  # a missing primitive raises whatever its library likes
            raise KnownAnswerFailed(primitive=primitive) from error
        if not right:
            raise KnownAnswerFailed(primitive=primitive)


def _sha384() -> bool:
    """FIPS 180-4, "abc"."""
    return hashlib.sha384(b"abc").hexdigest() == (
        "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"
    )


def _aes_256_gcm() -> bool:
    """Test case 16 of the GCM specification, both ways, and a wrong tag."""
    cipher = AESGCM(bytes.fromhex("feffe9928665731c6d6a8f9467308308" * 2))
    nonce = bytes.fromhex("cafebabefacedbaddecaf888")
    header = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    plain = bytes.fromhex(
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
        "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
    )
    sealed = bytes.fromhex(
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
        "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
        "76fc6ece0f4e1768cddf8853bb2d551b"
    )
    out = bytearray(len(plain))
    cipher.decrypt_into(nonce, sealed, header, out)
    right = cipher.encrypt(nonce, plain, header) == sealed and bytes(out) == plain
    return right and _refuses(InvalidTag, lambda: cipher.decrypt(nonce, sealed[:-1] + b"\x00", header))


def _aes_kw() -> bool:
    """RFC 3394, section 4.6, both ways, and a changed wrap."""
    kek, key = _COUNT[:32], bytes.fromhex("00112233445566778899aabbccddeeff") + _COUNT[:16]
    wrapped = bytes.fromhex(
        "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21"
    )
    right = aes_key_wrap(kek, key) == wrapped and aes_key_unwrap(kek, wrapped) == key
    return right and _refuses(InvalidUnwrap, lambda: aes_key_unwrap(kek, b"\x00" + wrapped[1:]))


def _hkdf_sha384() -> bool:
    """Made with an implementation of RFC 5869 over the standard library's HMAC."""
    return HKDF(SHA384(), 64, None, _MESSAGE).derive(_COUNT[:32]).hex() == (
        "71fea09942f83fb220acd7c29e8c275f7a4b8bcf7d0888a9fbb71739f85364ee"
        "a4518642651720c18716f4c8e9b028c3a42a5c5692308ef5db9c768246fdc407"
    )


def _argon2id() -> bool:
    """RFC 9106, section 5.3."""
    kdf = Argon2id(
        salt=b"\x02" * 16,
        length=32,
        iterations=3,
        lanes=4,
        memory_cost=32,
        ad=b"\x04" * 12,
        secret=b"\x03" * 8,
    )
    return kdf.derive(b"\x01" * 32).hex() == (
        "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659"
    )


def _pbkdf2_sha384() -> bool:
    """Made with the standard library's ``pbkdf2_hmac``."""
    return PBKDF2HMAC(SHA384(), 32, _COUNT[:32], 1_000).derive(_MESSAGE).hex() == (
        "75f8ecae44b8d6c8f65cee6e5db100c3c0a4acf9ece20a9126006eb0cfcb05b2"
    )


def _ml_kem_1024() -> bool:
    """Key generation and decapsulation against another implementation."""
    private = MLKEM1024PrivateKey.from_seed_bytes(_COUNT)
    public = hashlib.sha384(private.public_key().public_bytes_raw()).hexdigest()
    return private.decapsulate(ML_KEM_1024_CIPHERTEXT).hex() == (
        "0ad8d1ea1b8dd788979b4379581218df9321bdce5567eca42ae6be7d395f1a54"
    ) and public == (
        "ba4b4110e076430953ec80eb6e2f6f05b4f32a5a6d1982993b44f9a4b7336442d53cefc88026849976768b3b593ec2f0"
    )


def _ml_dsa_87() -> bool:
    """Key generation and verification against another implementation, and a changed message."""
    public = MLDSA87PrivateKey.from_seed_bytes(_COUNT[:32]).public_key()
    context = b"frontier-review-workstation"
    public.verify(ML_DSA_87_SIGNATURE, _MESSAGE, context)
    right = hashlib.sha384(public.public_bytes_raw()).hexdigest() == (
        "57a8bdb8699c4db011830200874c10c134673783ba0a2b166bd32f1e780328162b7a84e6dcb43709b1851efbf9fd34ea"
    )
    other = _MESSAGE + b"!"
    return right and _refuses(InvalidSignature, lambda: public.verify(ML_DSA_87_SIGNATURE, other, context))


def _ecdsa_p384() -> bool:
    """RFC 6979, appendix A.2.6, SHA-384 over "sample", and a changed message."""
    public = ec.EllipticCurvePublicNumbers(
        x=0xEC3A4E415B4E19A4568618029F427FA5DA9A8BC4AE92E02E06AAE5286B300C64DEF8F0EA9055866064A254515480BC13,
        y=0x8015D9B72D7D57244EA8EF9AC0C621896708A59367F9DFB9F54CA84B3F1C9DB1288B231C3AE0D4FE7344FD2533264720,
        curve=ec.SECP384R1(),
    ).public_key()
    signature = encode_dss_signature(
        0x94EDBB92A5ECB8AAD4736E56C691916B3F88140666CE9FA73D64C4EA95AD133C81A648152E44ACF96E36DD1E80FABE46,
        0x99EF4AEB15F178CEA1FE40DB2603138F130E740A19624526203B6351D0A3A94FA329C145786E679E7B82C71A38628AC8,
    )
    hashing = ec.ECDSA(SHA384())
    public.verify(signature, b"sample", hashing)
    return _refuses(InvalidSignature, lambda: public.verify(signature, b"Sample", hashing))


def _refuses(error: type[Exception], act: Callable[[], object]) -> bool:
    try:
        act()
    except error:
        return True
    return False


TESTS: Final[dict[str, Callable[[], bool]]] = {
    "SHA-384": _sha384,
    "AES-256-GCM": _aes_256_gcm,
    "AES-KW": _aes_kw,
    "HKDF-SHA384": _hkdf_sha384,
    "Argon2id": _argon2id,
    "PBKDF2-SHA384": _pbkdf2_sha384,
    "ML-KEM-1024": _ml_kem_1024,
    "ML-DSA-87": _ml_dsa_87,
    "ECDSA P-384": _ecdsa_p384,
}
