"""Small documents for the readers' tests, built in memory: PDFs, signed PDFs, office files, images."""

import datetime as dt
import io
import zipfile
from functools import cache
from typing import Any

import pikepdf
from asn1crypto import keys as asn_keys
from asn1crypto import x509 as asn_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko_certvalidator.registry import SimpleCertificateStore

from workstation.examine import dispatch
from workstation.examine.reader import BytesSource, Notes

_FROM = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
_UNTIL = dt.datetime(2090, 1, 1, tzinfo=dt.UTC)


def examined(
    content: bytes, name: str = "", *, verifying: bool = False, trust: tuple[bytes, ...] = ()
) -> Notes:
    """What the dispatcher notes about ``content``."""
    notes = Notes(verifying=verifying, trust=trust)
    dispatch.examine(BytesSource(content, name), notes)
    return notes


def codes(notes: Notes) -> set[str]:
    """The reason codes noted."""
    return {finding.code for finding in notes.findings}


def pdf(change: Any = None, *, pages: int = 1, **save: Any) -> bytes:
    """A PDF with ``pages`` pages, after ``change(document)``."""
    document = pikepdf.new()
    for number in range(pages):
        page = document.add_blank_page(page_size=(200, 200))
        font = pikepdf.Dictionary(
            Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
        )
        page.obj.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        page.obj.Contents = document.make_stream(f"BT /F1 12 Tf 20 100 Td (Page {number + 1}) Tj ET".encode())
    if change is not None:
        change(document)
    out = io.BytesIO()
    document.save(out, **save)
    return out.getvalue()


def action(document: pikepdf.Pdf, kind: str, **entries: Any) -> pikepdf.Object:
    """An indirect action dictionary."""
    return document.make_indirect(pikepdf.Dictionary(S=pikepdf.Name("/" + kind), **entries))


@cache
def authority() -> tuple[bytes, signers.SimpleSigner]:
    """A root certificate as PEM and a signer that it vouches for."""
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Test Root")])
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Test Signer")])

    def certificate(subject: x509.Name, public: Any, *, ca: bool) -> x509.Certificate:
        usage = x509.KeyUsage(
            digital_signature=not ca,
            content_commitment=not ca,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=ca,
            crl_sign=ca,
            encipher_only=False,
            decipher_only=False,
        )
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(root_name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(_FROM)
            .not_valid_after(_UNTIL)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False
            )
            .sign(root_key, hashes.SHA256())
        )

    root = certificate(root_name, root_key.public_key(), ca=True)
    leaf = certificate(name, key.public_key(), ca=False)
    store = SimpleCertificateStore()
    der = serialization.Encoding.DER
    store.register(asn_x509.Certificate.load(root.public_bytes(der)))
    private = key.private_bytes(der, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    signer = signers.SimpleSigner(
        signing_cert=asn_x509.Certificate.load(leaf.public_bytes(der)),
        signing_key=asn_keys.PrivateKeyInfo.load(private),
        cert_registry=store,
    )
    return root.public_bytes(serialization.Encoding.PEM), signer


def signed(content: bytes, field: str = "Sig1", *, certify: fields.MDPPerm | None = None) -> bytes:
    """The PDF with one more signature."""
    writer = IncrementalPdfFileWriter(io.BytesIO(content))
    metadata = signers.PdfSignatureMetadata(
        field_name=field,
        certify=certify is not None,
        docmdp_permissions=certify or fields.MDPPerm.FILL_FORMS,
        md_algorithm="sha256",
    )
    out = signers.PdfSigner(metadata, signer=authority()[1]).sign_pdf(writer)
    return bytes(out.getvalue())


def office(
    parts: dict[str, str | bytes] | None = None, body: str = "<w:p><w:r><w:t>Hello</w:t></w:r></w:p>"
) -> bytes:
    """A DOCX with the given extra parts."""
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    content: dict[str, str | bytes] = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"/>',
        "word/document.xml": f'<w:document xmlns:w="{word}"><w:body>{body}</w:body></w:document>',
    }
    content.update(parts or {})
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in content.items():
            archive.writestr(name, part)
    return out.getvalue()


def relationship(kind: str, target: str, *, external: bool = True) -> str:
    """A relationships part with one line."""
    mode = ' TargetMode="External"' if external else ""
    base = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
    return (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="r1" Type="{base}{kind}" Target="{target}"{mode}/></Relationships>'
    )
