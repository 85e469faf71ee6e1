"""Who must have signed a paper, and whether a handheld's own signature fits. Pure."""

import base64
import binascii
from collections.abc import Sequence

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from field_api.features.inspections.facts import Refusal
from field_api.features.inspections.forms import Form
from field_api.features.inspections.messages import PaperOfficer, Signature

__all__ = ["device_signed", "signatures_missing"]


def _signed(signature: Signature) -> bool:
    return not signature.refused and bool(signature.strokes)


def _officers(officers: Sequence[PaperOfficer], given: Sequence[Signature]) -> list[Refusal]:
    signed = {s.name for s in given if s.role == "officer" and _signed(s)}
    return [
        Refusal(code="officer_not_signed", values={"name": officer.name})
        for officer in officers
        if officer.name not in signed
    ]


def _party(given: Sequence[Signature]) -> list[Refusal]:
    own = [s for s in given if s.role == "party"]
    if any(_signed(s) for s in own):
        return []
    refused = next((s for s in own if s.refused), None)
    if refused is None:
        return [Refusal(code="party_not_signed")]
    if not refused.reason:
        return [Refusal(code="refusal_without_reason")]
    if not any(s.role == "witness" and _signed(s) for s in given):
        return [Refusal(code="refusal_without_witness")]
    return []


def signatures_missing(
    form: Form, officers: Sequence[PaperOfficer], given: Sequence[Signature]
) -> list[Refusal]:
    """Return whose signature is missing; an approver's is the approval itself."""
    found: list[Refusal] = []
    if "officer" in form.signers:
        found += _officers(officers, given)
    if "party" in form.signers:
        found += _party(given)
    for role in ("witness", "recorder"):
        if role in form.signers and not any(s.role == role and _signed(s) for s in given):
            found.append(Refusal(code=f"{role}_not_signed"))
    return found


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def device_signed(sha256: str, key: str, signature: str) -> bool | None:
    """Return whether a handheld's Ed25519 signature of the hash's text fits; None without one.

    Args:
        sha256: hex digits, signed as their ASCII bytes.
        key: public key, base64url.
        signature: base64url.
    """
    if not key and not signature:
        return None
    try:
        Ed25519PublicKey.from_public_bytes(_bytes(key)).verify(_bytes(signature), sha256.encode())
    except (InvalidSignature, ValueError, binascii.Error):
        return False
    return True
