"""A certificate authority for one post: it may vouch for that post's names and nothing else.

Who installs it on a handheld must not thereby trust the post for other sites, or whoever takes the
key could read all of them. So the names stand in the authority's certificate as constraints.
"""

import datetime as dt
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

__all__ = ["AuthorityError", "TlsFiles", "fingerprint", "make_authority", "renew"]

AUTHORITY_DAYS = 3650
SERVER_DAYS = 90
"""Short: a stolen key is of use for so long. `xunshan tls renew` makes a new one."""
RENEW_DAYS = 30
"""A certificate that lasts longer still needs no new one."""
BACK_DAYS = 1
"""Handhelds whose clock is behind take it too."""

Address = IPv4Address | IPv6Address

_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
# The last part holds a letter: what is all digits is an address.
_NAME = re.compile(rf"({_LABEL}\.)*(?=[0-9-]*[a-z]){_LABEL}", re.IGNORECASE)


class AuthorityError(ValueError):
    """There is no authority, or there is one already, or names fit no certificate."""


@dataclass(frozen=True)
class TlsFiles:
    """Where the authority and the server's certificate are kept."""

    folder: Path

    @property
    def authority(self) -> Path:
        """Certificate that handhelds install."""
        return self.folder / "ca.crt"

    @property
    def authority_key(self) -> Path:
        """Its private key."""
        return self.folder / "ca.key"

    @property
    def server(self) -> Path:
        """Certificate to serve with, and its key: one file, so that the two always fit."""
        return self.folder / "server.pem"


def fingerprint(certificate: x509.Certificate) -> str:
    """Return the SHA-256 of a certificate as people compare it: pairs of digits."""
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def _keep(file: Path, data: bytes, mode: int) -> None:
    """Write a file that is never there by halves, nor readable to others for a moment."""
    part = file.with_name(f".{file.name}.new")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    part.replace(file)


def _key_bytes(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _general_names(names: Sequence[str], addresses: Sequence[Address]) -> list[x509.GeneralName]:
    return [*map(x509.DNSName, names), *map(x509.IPAddress, addresses)]


def _constraints(names: Sequence[str], addresses: Sequence[Address]) -> x509.NameConstraints:
    alone = (x509.IPAddress(ip_network(address)) for address in addresses)
    return x509.NameConstraints([*map(x509.DNSName, names), *alone], None)


def _checked(names: Sequence[str], addresses: Sequence[str]) -> tuple[list[str], list[Address]]:
    """Return what a certificate is for: what is given, and this machine itself."""
    if not names:
        raise AuthorityError("Give at least one name with --name, e.g. post.example")
    for name in names:
        if not _NAME.fullmatch(name) or len(name) > 253:
            raise AuthorityError(f"{name!r} is no host name; allowed: e.g. post.example")
    given: list[Address] = []
    for text in (*addresses, "127.0.0.1", "::1"):
        try:
            given.append(ip_address(text))
        except ValueError:
            raise AuthorityError(f"{text!r} is no IP address; allowed: e.g. 192.168.1.10") from None
    return list(dict.fromkeys([*names, "localhost"])), list(dict.fromkeys(given))


def _builder(
    subject: str, issuer: x509.Name, now: dt.datetime, days: int
) -> x509.CertificateBuilder:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=BACK_DAYS))
        .not_valid_after(now + dt.timedelta(days=days))
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def make_authority(
    files: TlsFiles, names: Sequence[str], addresses: Sequence[str], now: dt.datetime
) -> x509.Certificate:
    """Make an authority for a post's names, and the server's first certificate.

    Args:
        files: where to put them.
        names: host names by which people reach the post, at least one.
        addresses: IP addresses by which they do.
        now: UTC.

    Returns:
        The authority's certificate.

    Raises:
        AuthorityError: there is one already; a name or an address is none.
        OSError: the folder can't be written.
    """
    if files.authority.exists():
        raise AuthorityError(
            f"{files.authority} is there, and handhelds trust it: `xunshan tls renew` makes "
            "a new server certificate. To begin anew, move the folder away and install the new "
            "authority on every handheld."
        )
    known, given = _checked(names, addresses)
    key = ec.generate_private_key(ec.SECP256R1())
    subject = f"Xunshan {names[0]}"[:64]
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)])
    certificate = (
        _builder(subject, issuer, now, AUTHORITY_DAYS)
        .public_key(key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_constraints(known, given), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    files.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _keep(files.authority_key, _key_bytes(key), 0o600)
    _issue(files, certificate, key, _general_names(known, given), now)
    # Last: what is begun and not done is begun anew.
    _keep(files.authority, certificate.public_bytes(serialization.Encoding.PEM), 0o644)
    return certificate


def _issue(
    files: TlsFiles,
    authority: x509.Certificate,
    authority_key: ec.EllipticCurvePrivateKey,
    names: list[x509.GeneralName],
    now: dt.datetime,
) -> x509.Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    issuer_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key())
    certificate = (
        _builder(str(names[0].value)[:64], authority.subject, now, SERVER_DAYS)
        .public_key(key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(issuer_key, critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    text = certificate.public_bytes(serialization.Encoding.PEM)
    _keep(files.server, text + _key_bytes(key), 0o600)
    return certificate


def renew(files: TlsFiles, now: dt.datetime, *, even_if_good: bool = False) -> dt.datetime | None:
    """Make a new server certificate with the names of the present one, where it ends soon.

    Returns:
        Until when the new one is good; None where the present one lasts long enough.

    Raises:
        AuthorityError: the post has no authority of its own.
    """
    try:
        authority = x509.load_pem_x509_certificate(files.authority.read_bytes())
        key = serialization.load_pem_private_key(files.authority_key.read_bytes(), None)
        present = x509.load_pem_x509_certificate(files.server.read_bytes())
    except FileNotFoundError as error:
        raise AuthorityError(
            f"{error.filename} is not there: `xunshan tls init --name HOST` makes an authority"
        ) from None
    except ValueError as error:
        raise AuthorityError(
            f"{files.folder} holds a file that is no certificate: {error}"
        ) from None
    if not even_if_good and present.not_valid_after_utc - now > dt.timedelta(days=RENEW_DAYS):
        return None
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    names = present.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return _issue(files, authority, key, list(names), now).not_valid_after_utc
