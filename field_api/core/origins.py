"""Whether a browser says that another site makes it ask (CSRF)."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers

__all__ = ["Origins"]

SHOWN = 100
"""Most characters of a header that an answer repeats."""


class Origins:
    """The sites whose pages may act here: the post's own, and those the settings name."""

    def __init__(self, allowed: Iterable[str]) -> None:
        self._allowed = frozenset(origin.rstrip("/").lower() for origin in allowed)

    def foreign(self, headers: Headers) -> str | None:
        """Return the other site that makes the browser ask, None for one's own page or a program.

        Headers may hold anything: what can't be read as an origin is another site.
        """
        origin = headers.get("origin")
        if origin is None:
            return "cross-site" if headers.get("sec-fetch-site") == "cross-site" else None
        if origin.lower() in self._allowed:
            return None
        host = headers.get("host", "").lower()
        try:
            own = host != "" and urlsplit(origin).netloc.lower() == host
        except ValueError:
            own = False
        return None if own else _shown(origin)


def _shown(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text[:SHOWN])
