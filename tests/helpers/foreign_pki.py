"""Another office's certification authority, as tests of taking over its certificates need one."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, mldsa, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID, ObjectIdentifier

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | mldsa.MLDSA87PrivateKey
DOCUMENTS = ObjectIdentifier("1.3.6.1.5.5.7.3.36")


def name(common: str, organization: str = "DEMO Agency PKI") -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "US"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def usage(*, signs: bool = False, issues: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=signs,
        content_commitment=signs,
        key_cert_sign=issues,
        crl_sign=issues,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


@dataclass
class ForeignCa:
    """One issuing authority with its key; ``issuer`` is the root above it, if there is one."""

    at: datetime
    subject: x509.Name = field(default_factory=lambda: name("DEMO Agency Signing CA 7"))
    key: Key = field(default_factory=lambda: ec.generate_private_key(ec.SECP384R1()))
    issuer: "ForeignCa | None" = None
    digest: hashes.HashAlgorithm = field(default_factory=hashes.SHA384)
    issues: bool = True

    def __post_init__(self) -> None:
        above = self.issuer or self
        self.certificate = self._signed(
            self._builder(self.subject, self.key.public_key(), above.subject)
            .add_extension(x509.BasicConstraints(ca=self.issues, path_length=None), critical=True)
            .add_extension(usage(issues=self.issues), critical=True),
            above,
        )

    @property
    def pem(self) -> bytes:
        """The authority's own certificate."""
        return self.certificate.public_bytes(Encoding.PEM)

    def _builder(
        self,
        subject: x509.Name,
        public: object,
        issuer: x509.Name,
        *,
        begins: timedelta = timedelta(days=-1),
        days: int = 300,
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(public)  # type: ignore[arg-type]  # of the kinds above
            .serial_number(x509.random_serial_number())
            .not_valid_before(self.at + begins)
            .not_valid_after(self.at + timedelta(days=days))
        )

    def _signed(self, builder: x509.CertificateBuilder, by: "ForeignCa") -> x509.Certificate:
        return builder.sign(by.key, None if isinstance(by.key, mldsa.MLDSA87PrivateKey) else by.digest)

    def issue(
        self,
        request_pem: bytes,
        *,
        subject: x509.Name | None = None,
        signs: bool = True,
        purpose: ObjectIdentifier = DOCUMENTS,
        begins: timedelta = timedelta(days=-1),
        days: int = 300,
    ) -> bytes:
        """A certificate (PEM) for a request whose key proved itself, in the name the authority gives."""
        request = x509.load_pem_x509_csr(request_pem)
        assert request.is_signature_valid
        named = subject or name("DOE.JANE.1234567890", "DEMO Agency")
        builder = self._builder(named, request.public_key(), self.subject, begins=begins, days=days)
        made = self._signed(
            builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(usage(signs=signs), critical=True)
            .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()),  # type: ignore[arg-type]  # of the kinds above
                critical=False,
            )
            .add_extension(
                x509.CRLDistributionPoints(
                    [x509.DistributionPoint([x509.DirectoryName(self.subject)], None, None, None)]
                ),
                critical=False,
            ),
            self,
        )
        return made.public_bytes(Encoding.PEM)

    def crl(self, *revoked: bytes, ago: timedelta = timedelta(0), days: int = 30) -> bytes:
        """A revocation list (PEM) that names these certificates (PEM)."""
        begun = self.at - ago
        builder = x509.CertificateRevocationListBuilder().issuer_name(self.subject).last_update(begun)
        builder = builder.next_update(begun + timedelta(days=days))
        for pem in revoked:
            serial = x509.load_pem_x509_certificate(pem).serial_number
            entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(begun)
            builder = builder.add_revoked_certificate(entry.build())
        digest = None if isinstance(self.key, mldsa.MLDSA87PrivateKey) else self.digest
        return builder.sign(self.key, digest).public_bytes(Encoding.PEM)
