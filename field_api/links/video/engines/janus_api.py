"""The HTTP API of Janus: sessions, handles of its streaming plugin, and what it tells of them."""

import secrets
from typing import Any

import httpx

from field_api.links.video.engines.engine import EngineError

__all__ = ["JanusApi", "JanusHandle"]

PLUGIN = "janus.plugin.streaming"
ASK_WITHIN_S = 10.0
LISTEN_S = 60.0
"""Longer than Janus holds a question for events open: 30 s."""


class JanusApi:
    """One Janus."""

    def __init__(self, url: str, api_secret: str = "") -> None:
        self._url = url.rstrip("/")
        self._secret = {"apisecret": api_secret} if api_secret else {}
        # One connection a viewer is held open for its events.
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=20)
        self._client = httpx.AsyncClient(timeout=ASK_WITHIN_S, limits=limits, trust_env=False)

    async def close(self) -> None:
        """Hang up."""
        await self._client.aclose()

    async def open(self) -> "JanusHandle":
        """Open a session of its own with a handle of the streaming plugin.

        Raises:
            EngineError: Janus is away, or refuses.
        """
        session_id = (await self.ask("", {"janus": "create"}))["data"]["id"]
        attach = {"janus": "attach", "plugin": PLUGIN}
        handle_id = (await self.ask(f"/{session_id}", attach))["data"]["id"]
        return JanusHandle(self, int(session_id), int(handle_id))

    async def ask(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Ask something and return the answer.

        Raises:
            EngineError: Janus is away, or refuses.
        """
        told = {"transaction": secrets.token_hex(8), **self._secret, **body}
        try:
            answer = await self._client.post(self._url + path, json=told)
            found: Any = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise EngineError(f"Janus does not answer: {type(error).__name__}") from error
        if not isinstance(found, dict) or found.get("janus") not in ("success", "ack"):
            raise EngineError(f"Janus refuses {body['janus']}: {_reason(found)}")
        return found

    async def listen(self, session_id: int) -> list[dict[str, Any]]:
        """Wait for what a session is told; asking keeps it alive.

        Raises:
            EngineError: the session is over, or Janus is away.
        """
        try:
            answer = await self._client.get(
                f"{self._url}/{session_id}",
                params={"maxev": "10", **self._secret},
                timeout=LISTEN_S,
            )
            found: Any = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise EngineError(f"Janus does not answer: {type(error).__name__}") from error
        events: list[Any] = found if isinstance(found, list) else [found]
        for event in events:
            if not isinstance(event, dict) or event.get("janus") in ("error", "timeout"):
                raise EngineError(f"Janus ends the session: {_reason(event)}")
        return events


class JanusHandle:
    """One session with one handle."""

    def __init__(self, api: JanusApi, session_id: int, handle_id: int) -> None:
        self._api = api
        self.session_id = session_id
        self._handle_id = handle_id

    async def request(self, body: dict[str, Any]) -> dict[str, Any]:
        """Ask the plugin what it answers at once.

        Raises:
            EngineError: it refuses.
        """
        answer = await self._message({"body": body})
        data = answer.get("plugindata", {}).get("data", {})
        if "error" in data:
            raise EngineError(f"Janus refuses {body['request']}: {str(data['error'])[:200]}")
        return data

    async def watch(self, mountpoint: int, pin: str) -> str:
        """Ask to watch a mountpoint; returns the plugin's offer.

        Raises:
            EngineError: it refuses.
        """
        await self._message({"body": {"request": "watch", "id": mountpoint, "pin": pin}})
        while True:
            for event in await self._api.listen(self.session_id):
                data = event.get("plugindata", {}).get("data", {})
                if "error" in data:
                    raise EngineError(f"Janus refuses to play: {str(data['error'])[:200]}")
                if event.get("jsep", {}).get("type") == "offer":
                    return str(event["jsep"]["sdp"])

    async def start(self, answer_sdp: str) -> None:
        """Tell the plugin the answer to its offer."""
        jsep = {"type": "answer", "sdp": answer_sdp, "trickle": False}
        await self._message({"body": {"request": "start"}, "jsep": jsep})

    async def until_over(self) -> str:
        """Wait until the connection or the session ends; returns why."""
        while True:
            try:
                events = await self._api.listen(self.session_id)
            except EngineError as error:
                return str(error)
            for event in events:
                if event.get("janus") in ("hangup", "detached"):
                    return str(event.get("reason", "over"))[:200]

    async def keep_alive(self) -> None:
        """Say that the session is wanted still: one that is silent for a minute is ended."""
        await self._api.ask(f"/{self.session_id}", {"janus": "keepalive"})

    async def end(self) -> None:
        """End the session, and the connection with it."""
        await self._api.ask(f"/{self.session_id}", {"janus": "destroy"})

    async def _message(self, body: dict[str, Any]) -> dict[str, Any]:
        path = f"/{self.session_id}/{self._handle_id}"
        return await self._api.ask(path, {"janus": "message", **body})


def _reason(found: Any) -> str:
    error: Any = found.get("error", found) if isinstance(found, dict) else found
    reason: Any = error.get("reason", error) if isinstance(error, dict) else error
    return str(reason)[:200]
