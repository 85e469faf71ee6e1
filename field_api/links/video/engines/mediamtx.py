"""MediaMTX brings streams to browsers: it fetches each from this post by RTSP, once for all.

Written from its published control API (openapi.yaml) and its documentation of WHEP and of HTTP
authentication. Viewers' offers are passed on by the post, so browsers never speak HTTP with it, and
it asks the post about whoever does (`mediamtx_auth`).
"""

import asyncio
from dataclasses import dataclass
from urllib.parse import quote, urlencode, urljoin

import httpx
import structlog

from field_api.contract.ids import new_id
from field_api.links.video.engines.connected import Connected, Connection
from field_api.links.video.engines.engine import Answer, Clock, EngineError
from field_api.links.video.renditions import Size

__all__ = ["USER", "MediaMtxEngine"]

log = structlog.get_logger(__name__)

USER = "xunshan"
ASK_WITHIN_S = 15.0
LOOK_EVERY_S = 2.0
AWAY_TIMES = 5
"""Looks in a row without an answer after which its viewings are over."""
CLOSE_AFTER = "10s"


@dataclass(eq=False)
class _Connection(Connection):
    address: str
    """Of the viewing, where it is hung up."""
    number: str
    """By which the control API knows it."""


class MediaMtxEngine(Connected[_Connection]):
    """WHEP by a MediaMTX beside the post. Lives on the event loop."""

    name = "mediamtx"

    def __init__(
        self,
        api_url: str,
        whep_url: str,
        rtsp_url: str,
        secret: str,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """Begin.

        Args:
            api_url: its control API, e.g. `http://127.0.0.1:9997`.
            whep_url: where it answers viewers, e.g. `http://127.0.0.1:8889`.
            rtsp_url: where it reaches this post's RTSP.
            secret: what it fetches streams by, and what the post signs in there with.
            transport: in place of the network, for tests.
        """
        super().__init__()
        self._api = api_url.rstrip("/")
        self._whep = whep_url.rstrip("/")
        self._rtsp = rtsp_url.rstrip("/")
        self._secret = secret
        self._paths: set[str] = set()
        self._client = httpx.AsyncClient(
            auth=httpx.BasicAuth(USER, secret),
            timeout=ASK_WITHIN_S,
            transport=transport,
            trust_env=False,
        )

    async def answer(self, stream_id: str, offer_sdp: str, size: Size) -> Answer:
        """Pass a viewer's offer on and return its answer."""
        path = stream_id if size == "full" else f"{stream_id}~{size}"
        known = path in self._paths
        if not known:
            await self._add(path, stream_id, size)
        answer = await self._offer(path, offer_sdp)
        if answer.status_code == 404 and known:
            # It was started anew and has forgotten what it was told.
            await self._add(path, stream_id, size)
            answer = await self._offer(path, offer_sdp)
        location, number = answer.headers.get("Location"), answer.headers.get("ID")
        if answer.status_code != 201 or not location or not number:
            raise EngineError(f"MediaMTX refuses the offer: {_reason(answer)}")
        session_id = new_id()
        address = urljoin(f"{self._whep}/", location)
        connection = self._connections[session_id] = _Connection(address, number)
        connection.watch = asyncio.create_task(self._look(session_id, connection))
        return Answer(session_id, answer.text)

    def clock(self, session_id: str) -> Clock | None:
        """It gives every viewer times of its own, and says them to nobody."""
        return None

    async def _end(self, session_id: str, connection: _Connection) -> None:
        try:
            await self._ask("DELETE", connection.address)
        except EngineError as error:
            # It ends by itself whom it does not hear any more.
            log.info("mediamtx_session_left", reason=str(error))

    async def close(self) -> None:
        """End them all."""
        await super().close()
        await self._client.aclose()

    async def _add(self, path: str, stream_id: str, size: Size) -> None:
        query = urlencode({"token": self._secret, "size": size, "for": "browser"})
        body: dict[str, object] = {
            "source": f"{self._rtsp}/{stream_id}?{query}",
            "sourceOnDemand": True,
            "sourceOnDemandCloseAfter": CLOSE_AFTER,
            "rtspTransport": "tcp",
        }
        where = f"{self._api}/v3/config/paths"
        answer = await self._ask("POST", f"{where}/add/{quote(path)}", json=body)
        if answer.status_code == 400:
            # It is there, perhaps with another address or secret.
            answer = await self._ask("POST", f"{where}/replace/{quote(path)}", json=body)
        if answer.status_code != 200:
            raise EngineError(f"MediaMTX refuses the stream: {_reason(answer)}")
        self._paths.add(path)

    async def _offer(self, path: str, offer_sdp: str) -> httpx.Response:
        return await self._ask(
            "POST",
            f"{self._whep}/{quote(path)}/whep",
            content=offer_sdp.encode(),
            headers={"Content-Type": "application/sdp"},
        )

    async def _ask(
        self,
        method: str,
        url: str,
        *,
        json: dict[str, object] | None = None,
        content: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        try:
            return await self._client.request(
                method, url, json=json, content=content, headers=headers
            )
        except httpx.HTTPError as error:
            raise EngineError(f"MediaMTX does not answer: {type(error).__name__}") from error

    async def _look(self, session_id: str, connection: _Connection) -> None:
        """Look whether a viewing goes on: nothing tells of its end."""
        away = 0
        while away < AWAY_TIMES:
            await asyncio.sleep(LOOK_EVERY_S)
            url = f"{self._api}/v3/webrtcsessions/get/{quote(connection.number)}"
            try:
                answer = await self._ask("GET", url)
            except EngineError:
                away += 1
                continue
            if answer.status_code == 404:
                break
            away = 0
        log.info("viewing_over", engine=self.name, away=away >= AWAY_TIMES)
        await self.hang_up(session_id)


def _reason(answer: httpx.Response) -> str:
    return f"{answer.status_code} {answer.text[:160]}"
