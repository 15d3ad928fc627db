"""`python -m servicekit.certificates`: TLS certificates of an authority of one's own.

For a broker on one host. A region that has an authority uses that one's certificates instead.
"""

import argparse
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from servicekit.private_file import replace_file

_DAYS = 3650


@dataclass(frozen=True)
class Certificates:
    """Paths of PEM files: an authority's certificate, and a key with a certificate by it.

    `keystore` has key and certificate in one, as Kafka reads them.
    """

    ca: Path
    key: Path
    certificate: Path
    keystore: Path


def issue(folder: Path, name: str, ca: Path | None = None) -> Certificates:
    """A certificate for the host `name` and for 127.0.0.1, by the authority of `folder`.

    The authority is made if there is none yet, and its certificate written to `ca` (by default
    into `folder`). A certificate that is there is replaced, each file at once.
    """
    folder.mkdir(parents=True, exist_ok=True)
    ca, authority_key = ca or folder / f"{name}-ca.pem", folder / f"{name}-ca.key"
    issuer = _name(f"{name} authority")
    if not authority_key.exists():
        authority = ec.generate_private_key(ec.SECP256R1())
        replace_file(authority_key, _private(authority), 0o600)
        replace_file(
            ca, _public(_certificate(issuer, issuer, authority, authority, host=None)), 0o644
        )
    loaded = serialization.load_pem_private_key(authority_key.read_bytes(), None)
    assert isinstance(loaded, ec.EllipticCurvePrivateKey)
    key = ec.generate_private_key(ec.SECP256R1())
    leaf = _public(_certificate(_name(name), issuer, key, loaded, host=name))
    made = Certificates(
        ca, folder / f"{name}.key", folder / f"{name}.pem", folder / f"{name}-keystore.pem"
    )
    replace_file(made.key, _private(key), 0o600)
    replace_file(made.certificate, leaf, 0o644)
    replace_file(made.keystore, _private(key) + leaf, 0o640)  # the broker is in this group
    return made


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    form, unencrypted = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, form, unencrypted)


def _public(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    by: ec.EllipticCurvePrivateKey,
    *,
    host: str | None,
) -> x509.Certificate:
    """For a host; without one, an authority's own."""
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=_DAYS))
        .add_extension(x509.BasicConstraints(ca=host is None, path_length=None), critical=True)
    )
    if host is not None:
        names = [x509.DNSName(host), x509.IPAddress(IPv4Address("127.0.0.1"))]
        built = built.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return built.sign(by, hashes.SHA256())


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m servicekit.certificates", description=__doc__)
    parser.add_argument("name", help="the host's, as its clients know it")
    parser.add_argument("--folder", type=Path, required=True, help="for the private files")
    parser.add_argument("--ca", type=Path, required=True, help="where clients find the authority")
    parser.add_argument(
        "--renew", action="store_true", help="another certificate where there is one already"
    )
    arguments = parser.parse_args()
    if (arguments.folder / f"{arguments.name}-keystore.pem").exists() and not arguments.renew:
        print("there is a certificate; --renew replaces it")
        return
    try:
        made = issue(arguments.folder, arguments.name, arguments.ca)
    except OSError as error:
        parser.exit(1, f"certificates: {error}\n")
    print(f"wrote {made.keystore}, by the authority in {made.ca}")


if __name__ == "__main__":
    main()
