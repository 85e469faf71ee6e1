"""One signed-in person at the command post's HTTP API."""

from typing import Any, Self

import httpx

from sim.demo.options import DEMO_PASSWORD

__all__ = ["Operator", "RefusedError"]


class RefusedError(RuntimeError):
    """The command post refused a step; the text is its own."""


class Operator:
    """A person by account name."""

    def __init__(self, name: str, client: httpx.AsyncClient, token: str) -> None:
        self.name = name
        self._client = client
        self._token = token

    @classmethod
    async def sign_in(cls, name: str, client: httpx.AsyncClient) -> Self:
        """Sign in with the demo's password.

        Raises:
            RefusedError: the account is not there.
            httpx.TransportError: the command post is not reachable.
        """
        answer = await client.post(
            "/api/v1/session", json={"username": name, "password": DEMO_PASSWORD}
        )
        token = _content(answer)["token"]
        # Several people share one client here, so the cookie of the last must not speak for all.
        client.cookies.clear()
        return cls(name, client, str(token))

    async def get(self, path: str, **query: str) -> Any:
        """Read something."""
        return await self._ask("GET", path, params=query)

    async def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """Do something."""
        return await self._ask("POST", path, json=body or {})

    async def _ask(self, method: str, path: str, **request: Any) -> Any:
        answer = await self._client.request(
            method,
            f"/api/v1{path}",
            headers={"Authorization": f"Bearer {self._token}"},
            **request,
        )
        return _content(answer)


def _content(answer: httpx.Response) -> Any:
    if answer.is_success:
        return answer.json() if answer.content else None
    raise RefusedError(
        f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text}"
    )
