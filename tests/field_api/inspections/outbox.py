"""A simulated handheld's outbox: speaks docs/sync.md, gives nothing up, forgets what is there."""

from base64 import b64encode
from dataclasses import dataclass, field
from typing import Any

import httpx

from field_api.contract.ids import new_id

__all__ = ["Outbox"]

CHUNK_BYTES = 256 * 1024
"""As the handheld's pages send them."""


@dataclass
class Outbox:
    """What one person has made on one handheld and the command post has not got."""

    client: httpx.AsyncClient
    author: str
    device: str
    items: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    photos: dict[str, bytes] = field(default_factory=dict[str, bytes])
    topics: dict[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    answered: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    """Statuses by item, in their order."""
    refused: dict[str, str] = field(default_factory=dict[str, str])
    lost: int = 0
    """Requests that nobody answered."""
    _places: dict[str, str] = field(default_factory=dict[str, str])

    def keep(
        self, op: str, body: dict[str, Any], target: str = "", after: str | None = None
    ) -> str:
        """Put an act in; return the item's id."""
        item: dict[str, Any] = {
            "id": new_id(),
            "op": op,
            "target": target,
            "after": after,
            "body": body,
        }
        self.items.append({**item, "made_ms": body["t_ms"]})
        return item["id"]

    async def sync(self) -> None:
        """Send all that waits, over any number of broken connections."""
        while self.items or self.photos:
            try:
                if self.items:
                    await self._push()
                for sha256 in list(self.photos):
                    await self._upload(sha256)
            except httpx.TransportError:
                self.lost += 1
            if self.items and all(i["id"] in self.refused for i in self.items) and not self.photos:
                return

    async def _push(self) -> None:
        body = {"device_id": self.device, "author": self.author, "items": self.items}
        answer = await self.client.post("sync/push", json=body)
        assert answer.status_code == 200, answer.text
        self.refused.clear()
        for one in answer.json()["answers"]:
            self.answered.setdefault(one["id"], []).append(one["status"])
            if one["status"] == "refused":
                self.refused[one["id"]] = one["code"]
        done = ("applied", "repeated")
        self.items = [i for i in self.items if self.answered[i["id"]][-1] not in done]
        # What comes after a refused item is held: it is no more than a repetition away.
        for item in self.items:
            if self.answered[item["id"]][-1] == "held":
                self.refused.setdefault(item["id"], "held")

    async def _upload(self, sha256: str) -> None:
        content, tus = self.photos[sha256], {"Tus-Resumable": "1.0.0"}
        place = self._places.get(sha256)
        if place is None:
            topic, record_id = self.topics[sha256]
            said = {"sha256": sha256, "filetype": "image/jpeg", "topic": topic, "role": "photo"}
            said["record_id"] = record_id
            pairs = ",".join(f"{k} {b64encode(v.encode()).decode()}" for k, v in said.items())
            head = {**tus, "Upload-Length": str(len(content)), "Upload-Metadata": pairs}
            made = await self.client.post("uploads", headers=head)
            assert made.status_code == 201, made.text
            place = self._places[sha256] = made.headers["location"].partition("/api/v1/")[2]
            offset = 0
        else:
            asked = await self.client.head(place, headers=tus)
            offset = int(asked.headers["upload-offset"])
        while offset < len(content):
            head = {**tus, "Upload-Offset": str(offset)}
            head["Content-Type"] = "application/offset+octet-stream"
            part = content[offset : offset + CHUNK_BYTES]
            answer = await self.client.patch(place, headers=head, content=part)
            if answer.status_code in (409, 423):
                return
            assert answer.status_code == 204, answer.text
            offset = int(answer.headers["upload-offset"])
        del self.photos[sha256]
