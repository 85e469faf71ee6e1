"""A simulated handheld on the command post's public HTTP API."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import httpx
import structlog
from pydantic import TypeAdapter, ValidationError

from field_api.contract.link import Backoff
from sim.handheld import Handheld, Report, TaskSeen, Transition

__all__ = ["HandheldSession"]

log = structlog.get_logger(__name__)

PERIOD_S = 1.0
"""Between two looks at the tasks."""
LONGEST_RETRY_S = 10.0
REFUSED_RETRY_S = 30.0
"""After a refused sign-in: five wrong ones in a row would lock the account."""

_tasks: TypeAdapter[list[TaskSeen]] = TypeAdapter(list[TaskSeen])


class _SignedOutError(Exception):
    """The session has ended; sign in again."""


class HandheldSession:
    """Signs in, reports the position, and works on tasks, over any number of outages."""

    def __init__(
        self,
        handheld: Handheld,
        client: httpx.AsyncClient,
        password: str,
        speedup: float = 1.0,
        acts: bool = True,
        now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Prepare a session.

        Args:
            handheld: who walks and works.
            client: its base URL is the command post's.
            password: of the account named like the terminal in lower case.
            speedup: simulated seconds per second.
            acts: False only reports the position.
            now_ms: the handheld's clock, UTC milliseconds.
            pause: how to wait, seconds.
        """
        self._handheld = handheld
        self._client = client
        self._password = password
        self._speedup = speedup
        self._acts = acts
        self._now_ms = now_ms
        self._pause = pause
        self._token: str | None = None
        self._looked_ms: int | None = None
        self._log = log.bind(terminal_id=handheld.terminal_id)

    async def run(self) -> None:
        """Work until cancelled."""
        backoff = Backoff(PERIOD_S, LONGEST_RETRY_S)
        reachable = True
        while True:
            try:
                await self.look_once()
            except _SignedOutError:
                self._token = None
                await self._pause(PERIOD_S)
            except (httpx.HTTPError, ValidationError) as error:
                if reachable:
                    self._log.warning(
                        "command post not reachable", reason=f"{type(error).__name__}: {error}"
                    )
                refused = (
                    isinstance(error, httpx.HTTPStatusError) and error.response.is_client_error
                )
                reachable = False
                await self._pause(REFUSED_RETRY_S if refused else backoff.next_s())
            else:
                backoff.reset()
                reachable = True
                await self._pause(PERIOD_S)

    async def look_once(self) -> None:
        """Report the position, look at the tasks, and do what is due.

        Raises:
            httpx.HTTPError: the command post is not reachable or does not work.
        """
        if self._token is None:
            await self._sign_in()
        now_ms = self._now_ms()
        if self._looked_ms is not None:
            self._handheld.walk(max(0, now_ms - self._looked_ms) / 1000 * self._speedup)
        self._looked_ms = now_ms
        await self._report_position(now_ms)
        if not self._acts:
            return
        answer = await self._send("GET", "/api/v1/tasks", params={"mine": "1"})
        answer.raise_for_status()
        self._handheld.see(_tasks.validate_json(answer.content))
        step = self._handheld.due(now_ms)
        if step is not None:
            await self._tell(step)

    async def _sign_in(self) -> None:
        answer = await self._client.post(
            "/api/v1/session",
            json={
                "username": self._handheld.terminal_id.lower(),
                "password": self._password,
            },
        )
        answer.raise_for_status()
        self._token = str(answer.json()["token"])
        self._log.info("signed in")

    async def _report_position(self, now_ms: int) -> None:
        position = self._handheld.position
        answer = await self._send(
            "POST",
            f"/api/v1/terminals/{self._handheld.terminal_id}/position",
            json={
                "t_ms": now_ms,
                "lat_deg": position.lat_deg,
                "lon_deg": position.lon_deg,
                "accuracy_m": 4.0,
            },
        )
        answer.raise_for_status()

    async def _tell(self, step: Transition | Report) -> None:
        path = f"/api/v1/tasks/{step.task_id}"
        if isinstance(step, Report):
            picture = await self._send(
                "PUT",
                f"/api/v1/media/{step.photo_sha256}",
                content=step.photo,
                headers={"Content-Type": "image/jpeg"},
            )
            picture.raise_for_status()
            answer = await self._send("POST", f"{path}/reports", json=step.body)
        else:
            answer = await self._send("POST", f"{path}/transitions", json=step.body)
        if answer.is_client_error:
            self._log.error("step refused", path=path, status=answer.status_code, body=answer.text)
            self._handheld.refused()
            return
        answer.raise_for_status()
        self._handheld.told()
        self._log.info("step done", task_id=step.task_id, to=step.body.get("to", "report"))

    async def _send(self, method: str, path: str, **request: object) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._token}"}
        extra = request.pop("headers", None)
        if isinstance(extra, dict):
            headers |= extra
        answer = await self._client.request(method, path, headers=headers, **request)  # pyright: ignore[reportArgumentType]
        if answer.status_code == 401:
            raise _SignedOutError
        return answer
