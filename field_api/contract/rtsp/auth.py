"""Passwords in RTSP: Basic (RFC 7617) and Digest (RFC 7616, and its older form RFC 2617)."""

import base64
import binascii
import hashlib
import re
import secrets
from dataclasses import dataclass, field

__all__ = ["Challenge", "Credentials", "authorise", "basic_of", "parse_challenges"]

_PARAMETER = re.compile(r'([A-Za-z0-9_-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')
_HASHES = {"MD5": "md5", "SHA-256": "sha256"}


@dataclass(frozen=True)
class Credentials:
    """Who asks."""

    user: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Challenge:
    """How a server wants to be convinced: a line of `WWW-Authenticate`."""

    scheme: str
    """`basic` or `digest`."""
    realm: str = ""
    nonce: str = ""
    algorithm: str = "MD5"
    qop_auth: bool = False
    opaque: str | None = None

    def header(self) -> str:
        """The line's value."""
        if self.scheme == "basic":
            return f'Basic realm="{self.realm}"'
        qop = ', qop="auth"' if self.qop_auth else ""
        return f'Digest realm="{self.realm}", nonce="{self.nonce}", algorithm={self.algorithm}{qop}'


def _parameters(text: str) -> dict[str, str]:
    return {
        name.lower(): re.sub(r"\\(.)", r"\1", quoted) if quoted else plain
        for name, quoted, plain in _PARAMETER.findall(text)
    }


def parse_challenges(value: str) -> list[Challenge]:
    """What a server allows, the safest first; schemes that are not known are left out."""
    found: list[Challenge] = []
    # Lines of their own, or one line in which a scheme begins after a comma.
    for line in re.split(r"\n|,\s*(?=(?:Digest|Basic)\s)", value, flags=re.IGNORECASE):
        scheme, _, rest = line.strip().partition(" ")
        told = _parameters(rest)
        if scheme.lower() == "basic":
            found.append(Challenge("basic", told.get("realm", "")))
        elif scheme.lower() == "digest" and told.get("nonce"):
            algorithm = told.get("algorithm", "MD5").upper()
            qops = [q.strip().lower() for q in told.get("qop", "").split(",") if q.strip()]
            if algorithm in _HASHES and (not qops or "auth" in qops):
                found.append(
                    Challenge(
                        "digest",
                        told.get("realm", ""),
                        told["nonce"],
                        algorithm,
                        bool(qops),
                        told.get("opaque"),
                    )
                )
    ranks = {"SHA-256": 0, "MD5": 1}
    return sorted(found, key=lambda c: 2 if c.scheme == "basic" else ranks[c.algorithm])


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def authorise(challenge: Challenge, who: Credentials, method: str, url: str) -> str:
    """The value of `Authorization` that answers a challenge."""
    if challenge.scheme == "basic":
        return "Basic " + base64.b64encode(f"{who.user}:{who.password}".encode()).decode()
    told = {
        "username": who.user,
        "realm": challenge.realm,
        "nonce": challenge.nonce,
        "uri": url,
    }
    plain: dict[str, str] = {}
    if challenge.qop_auth:
        told["cnonce"] = secrets.token_hex(8)
        plain = {"qop": "auth", "nc": "00000001"}
    told["response"] = _response(challenge.algorithm, {**told, **plain}, who.password, method)
    if challenge.opaque is not None:
        told["opaque"] = challenge.opaque
    parts = [f'{name}="{_quoted(text)}"' for name, text in told.items()]
    parts += [f"{name}={text}" for name, text in plain.items()]
    return f"Digest {', '.join(parts)}, algorithm={challenge.algorithm}"


def _response(algorithm: str, told: dict[str, str], password: str, method: str) -> str:
    def digest(text: str) -> str:
        return hashlib.new(_HASHES[algorithm], text.encode()).hexdigest()

    first = digest(f"{told['username']}:{told['realm']}:{password}")
    second = digest(f"{method}:{told['uri']}")
    if "qop" in told:
        middle = f"{told['nonce']}:{told['nc']}:{told['cnonce']}:{told['qop']}"
    else:
        middle = told["nonce"]
    return digest(f"{first}:{middle}:{second}")


def basic_of(authorization: str) -> Credentials | None:
    """User and password of a Basic `Authorization`; None where it is no whole one."""
    scheme, _, encoded = authorization.strip().partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, colon, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return None
    return Credentials(user, password) if colon else None
