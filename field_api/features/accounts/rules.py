"""What a password, a name and a session must be like. Pure."""

import re

from field_api.core.texts import Both, both

__all__ = ["MIN_PASSWORD", "password_fault", "username_fault"]

MIN_PASSWORD = 10
_USERNAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$")


def username_fault(username: str) -> Both | None:
    """Return what is wrong with a name to sign in with, None where nothing is."""
    return None if _USERNAME.match(username) else both("words.username_fault")


def password_fault(password: str, username: str) -> Both | None:
    """Return what is wrong with a new password, None where nothing is."""
    if password != password.strip():
        return both("words.password_spaces")
    if len(password) < MIN_PASSWORD:
        return both("words.password_short", least=MIN_PASSWORD)
    if len(password) > 200:
        return both("words.password_long")
    if username.lower() in password.lower():
        return both("words.password_has_name")
    if len(set(password)) < 5:
        return both("words.password_plain")
    return None
