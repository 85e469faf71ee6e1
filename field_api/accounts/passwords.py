"""argon2id password hashing, a few at a time."""

import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

__all__ = ["hash_password", "verify_password"]

_hasher = PasswordHasher()
# Each verification takes 64 MiB: a flood of sign-ins must queue, not exhaust the memory.
_at_once = threading.BoundedSemaphore(2)
_nobody = _hasher.hash("nobody")


def hash_password(password: str) -> str:
    """Return the argon2id hash to store."""
    with _at_once:
        return _hasher.hash(password)


def verify_password(stored: str | None, password: str) -> bool:
    """Whether `password` fits; an unknown account (None) costs the same time and never fits."""
    with _at_once:
        try:
            return _hasher.verify(stored or _nobody, password) and stored is not None
        except (VerificationError, InvalidHashError):
            return False
