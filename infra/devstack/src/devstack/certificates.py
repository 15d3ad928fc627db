"""Certificates for servers on 127.0.0.1 and for their clients."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Certificates:
    """Paths of PEM files: an authority's certificate, and a key with a certificate by it."""

    ca: Path
    key: Path
    certificate: Path


def issue(folder: Path, name: str) -> Certificates:
    """A new authority, and a certificate by it for `name` at 127.0.0.1; files go to `folder`.

    Both are good for ten years.
    """
    folder.mkdir(parents=True, exist_ok=True)
    authority, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    issuer = _name(f"{name} sample authority")
    root = _certificate(issuer, issuer, authority, authority, ca=True)
    leaf = _certificate(_name(name), issuer, key, authority, ca=False)
    made = Certificates(folder / f"{name}-ca.pem", folder / f"{name}.key", folder / f"{name}.pem")
    pem = serialization.Encoding.PEM
    made.ca.write_bytes(root.public_bytes(pem))
    made.certificate.write_bytes(leaf.public_bytes(pem))
    private, unencrypted = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    made.key.touch(mode=0o600)
    made.key.write_bytes(key.private_bytes(pem, private, unencrypted))
    return made


def keystore(made: Certificates, path: Path) -> None:
    """Write key and certificate as one PEM file, as Kafka reads them."""
    path.touch(mode=0o600)
    path.write_bytes(made.key.read_bytes() + made.certificate.read_bytes())


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    by: ec.EllipticCurvePrivateKey,
    *,
    ca: bool,
) -> x509.Certificate:
    now = datetime.now(UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))])
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(address, critical=False)
        .sign(by, hashes.SHA256())
    )
