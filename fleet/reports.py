"""What a node tells the command post: events, answers, tracks. A full disk ends nothing."""

from collections import deque
from collections.abc import Callable

import structlog

from field_api.contract.ids import new_id
from field_api.contract.link import JournalError, LinkClient
from field_api.contract.messages import (
    Command,
    CommandOutcome,
    CommandResult,
    DurableBody,
    VehicleEvent,
)

__all__ = ["Reports"]

log = structlog.get_logger(__name__)

UNSTORED_MOST = 10_000


class Reports:
    """Durable records on their way into the outbox."""

    def __init__(self, client: LinkClient, now_ms: Callable[[], int]) -> None:
        self._client = client
        self._now_ms = now_ms
        self._unstored: deque[DurableBody] = deque(maxlen=UNSTORED_MOST)
        """Records that the disk refused so far, the oldest dropped first."""
        self.disk_refuses = False

    def tell(self, message: DurableBody) -> None:
        """Store a record; one that the disk refuses waits in memory."""
        self._unstored.append(message)
        self.store_waiting()

    def store_waiting(self) -> None:
        """Try again to store what waits."""
        while self._unstored:
            message = self._unstored[0]
            try:
                self._client.send_durable(message)
            except JournalError as error:
                if not self.disk_refuses:
                    self.disk_refuses = True
                    log.error("outbox can't be written", error=str(error))
                return
            except ValueError as error:
                log.error("record dropped", kind=message.kind, error=str(error))
            self.disk_refuses = False
            self._unstored.popleft()

    def event(
        self, vehicle_id: str, severity: str, code: str, zh: str, en: str, source: str
    ) -> None:
        """Tell what happened to an aircraft."""
        fields = {
            "id": new_id(),
            "t_ms": self._now_ms(),
            "vehicle_id": vehicle_id,
            "severity": severity,
            "code": code,
            "text_zh": zh,
            "text_en": en,
            "source": source,
        }
        self.tell(VehicleEvent.model_validate(fields))

    def answer(self, command: Command, outcome: CommandOutcome, code: str, text: str) -> None:
        """Tell how an order ended."""
        self.tell(
            CommandResult(
                id=new_id(),
                t_ms=self._now_ms(),
                command_id=command.id,
                outcome=outcome,
                code=code,
                text=text[:1000],
            )
        )
