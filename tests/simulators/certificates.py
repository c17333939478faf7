"""An authority of a test, and the certificates that it makes. Files are PEM; keys have no passphrase."""

from __future__ import annotations

import ipaddress
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Pair:
    """A certificate's file and its key's."""

    certificate: Path
    key: Path

    def shown(self, context: ssl.SSLContext) -> ssl.SSLContext:
        context.load_cert_chain(self.certificate, self.key)
        return context

    def server_context(self) -> ssl.SSLContext:
        return self.shown(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))


class Authority:
    """Its own certificate is in ``file``."""

    def __init__(self, folder: Path, name: str = "Harbour Authority") -> None:
        self.folder = folder
        self.file = folder / f"{name.replace(' ', '-').lower()}.pem"
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _named(name)
        self._made = 0
        own = _builder(self._name, self._name, self._key.public_key(), until=datetime.now(UTC) + 365 * _DAY)
        own = own.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        uses = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        own = own.add_extension(uses, critical=True)
        own = own.add_extension(x509.SubjectKeyIdentifier.from_public_key(self._key.public_key()), critical=False)
        self.file.write_bytes(_pem(own.sign(self._key, hashes.SHA256())))

    def certify(self, *names: str, ended: bool = False, client: bool = False, by_itself: bool = False) -> Pair:
        """A certificate for host names or addresses; ``ended`` yesterday, or signed ``by_itself`` only."""
        key = ec.generate_private_key(ec.SECP256R1())
        until = datetime.now(UTC) + (-_DAY if ended else 30 * _DAY)
        subject = _named(names[0])
        made = _builder(subject, subject if by_itself else self._name, key.public_key(), until=until)
        made = made.add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), critical=False)
        use = ExtendedKeyUsageOID.CLIENT_AUTH if client else ExtendedKeyUsageOID.SERVER_AUTH
        made = made.add_extension(x509.ExtendedKeyUsage([use]), critical=False)
        made = made.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key((key if by_itself else self._key).public_key()),
            critical=False,
        )
        self._made += 1
        stem = f"{self.file.stem}-{self._made}"
        pair = Pair(self.folder / f"{stem}.pem", self.folder / f"{stem}.key")
        pair.certificate.write_bytes(_pem(made.sign(key if by_itself else self._key, hashes.SHA256())))
        pair.key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return pair

    def trusted(self) -> ssl.SSLContext:
        """A client's context that trusts nobody else."""
        return ssl.create_default_context(cafile=str(self.file))


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, *, until: datetime
) -> x509.CertificateBuilder:
    made = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key)
    made = made.serial_number(x509.random_serial_number())
    return made.not_valid_before(until - 400 * _DAY).not_valid_after(until)


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _pem(made: x509.Certificate) -> bytes:
    return made.public_bytes(serialization.Encoding.PEM)
