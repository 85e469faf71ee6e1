"""argon2id password hashing, off the request path and a few at a time."""

import asyncio
import functools
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from field_api.core.errors import refuse

__all__ = ["hash_password", "hashing", "verify_password"]

# One lane: with the four that are usual, one sign-in would take every core for a moment.
_hasher = PasswordHasher(parallelism=1)
# Made so from random bytes that nobody kept; making one at the start takes a quarter second.
_nobody = (
    "$argon2id$v=19$m=65536,t=3,p=1$ifixSSg4i/ZUo6Qwl1tXYw"
    "$QAQuvoUqHH/UEBXYaSM+m3l10OmRAcsFwLjd1Rm+cVA"
)

AT_ONCE = 1
"""Each verification takes 64 MiB and a core: a flood of sign-ins must not slow everybody down."""
MOST_WAITING = 32

_workers = ThreadPoolExecutor(AT_ONCE, "argon2")
_waiting = threading.BoundedSemaphore(MOST_WAITING)

T = TypeVar("T")


def hash_password(password: str) -> str:
    """Return the argon2id hash to store."""
    return _hasher.hash(password)


def verify_password(stored: str | None, password: str) -> bool:
    """Whether `password` fits; an unknown account (None) costs the same time and never fits."""
    try:
        return _hasher.verify(stored or _nobody, password) and bool(stored)
    except (VerificationError, InvalidHashError):
        return False


async def hashing(work: Callable[..., T], *arguments: object) -> T:
    """Do hashing work in its own thread, in its turn.

    Raises:
        ApiError: 429, too many wait already; try again.
    """
    if not _waiting.acquire(blocking=False):
        error = refuse(429, "too_many_tries", seconds=5)
        error.retry_after_s = 5
        raise error
    try:
        call = functools.partial(work, *arguments)
        return await asyncio.get_running_loop().run_in_executor(_workers, call)
    finally:
        _waiting.release()
