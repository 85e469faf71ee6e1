"""The whole address of something at this post, as whoever asks can reach it."""

from starlette.requests import Request

from field_api.settings import Settings

__all__ = ["whole_address"]


def whole_address(settings: Settings, request: Request, path: str) -> str:
    """Return the address of a path at this post.

    Behind a proxy that rewrites `Host` a request's own address leads nowhere: `public_url` counts
    where it is set.
    """
    return f"{settings.public_url or f'{request.url.scheme}://{request.url.netloc}'}{path}"
