"""The second factor: six digits that change every thirty seconds (TOTP, RFC 6238)."""

import hmac
import io
import re
import unicodedata
from typing import Final

import segno
from pyotp import random_base32
from pyotp.totp import TOTP

__all__ = ["ISSUER", "STEP_MS", "new_secret", "otpauth_uri", "qr_svg", "verify"]

ISSUER: Final = "Xunshan"
STEP_MS: Final = 30_000
_CODE = re.compile(r"[0-9]{6}", re.ASCII)
_SECRET = re.compile(r"[A-Z2-7]{32,}", re.ASCII)


def new_secret() -> str:
    """Return a fresh secret of 160 random bits, in base 32."""
    return random_base32()


def otpauth_uri(secret: str, username: str, *, issuer: str = ISSUER) -> str:
    """Return the address that authenticator programs read from the QR code.

    Raises:
        ValueError: not a secret of ours, or no username.
    """
    if not username.strip():
        raise ValueError("a username is needed, by which the entry is found in the program")
    return _totp(secret).provisioning_uri(name=username, issuer_name=issuer)


def qr_svg(text: str) -> str:
    """Return a QR code as an SVG element that stands in a page as it is, black on white.

    Raises:
        ValueError: the text is too long for a QR code.
    """
    stream = io.BytesIO()
    # A white ground also in the dark theme: many cameras don't read inverted codes.
    segno.make(text, error="m", micro=False).save(
        stream, kind="svg", scale=4, border=4, light="white", xmldecl=False, svgns=True, nl=False
    )
    return stream.getvalue().decode("utf-8")


def verify(
    secret: str, code: str, now_ms: int, *, last_step: int | None, window_steps: int = 1
) -> int | None:
    """Check a code, and refuse one that was used before.

    Args:
        secret: The account's secret.
        code: As typed; spaces and full-width digits are no fault.
        now_ms: The time, UTC.
        last_step: What this function returned for the last code taken, None when there was none.
            A code looked at over a shoulder is worth nothing once its owner has used it.
        window_steps: How many steps the telephone's clock may be early or late.

    Returns:
        The step of the code, to be stored as `last_step` in the same transaction that lets the
        person in; None when the code is wrong, too old, or used before.

    Raises:
        ValueError: not a secret of ours, or a negative window.
    """
    if window_steps < 0:
        raise ValueError("window_steps must not be negative")
    totp = _totp(secret)
    digits = "".join(unicodedata.normalize("NFKC", code[:40]).split())
    if _CODE.fullmatch(digits) is None:
        return None
    now_step = now_ms // STEP_MS
    found: int | None = None
    # Every step is compared, found or not, so that time tells nothing about which one it was.
    for step in range(max(0, now_step - window_steps), now_step + window_steps + 1):
        same = hmac.compare_digest(totp.generate_otp(step), digits)
        if same and (last_step is None or step > last_step):
            found = step
    return found


def _totp(secret: str) -> TOTP:
    if _SECRET.fullmatch(secret) is None:
        raise ValueError("a secret has at least 32 characters of base 32")
    return TOTP(secret, interval=STEP_MS // 1000)
