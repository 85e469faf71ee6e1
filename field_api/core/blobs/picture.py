"""Which bytes are a picture we take."""

__all__ = ["MEDIA_TYPES", "sniff"]

MEDIA_TYPES = ("image/jpeg", "image/png")

_MAGIC = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}


def sniff(data: bytes) -> str | None:
    """Return the media type that the first bytes say, None for anything but JPEG and PNG."""
    return next((kind for magic, kind in _MAGIC.items() if data.startswith(magic)), None)
