"""15 March 2025: HT-01 and HT-02 inspect from 13:30, and are without a network 14:10 to 15:05."""

import hashlib
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

import httpx

from field_api.contract.ids import new_id
from field_api.features.inspections.forms import forms
from tests.field_api.inspections.outbox import Outbox
from tests.field_api.inspections.shipped_chain import ShippedCase

__all__ = ["CRITERION_2017", "DemoDay", "at"]

CRITERION_2017 = "HG121-5"
"""安监总管三〔2017〕121号: 一级、二级重大危险源的罐区未实现紧急切断功能."""
MAJOR = "一级重大危险源储罐区紧急切断阀失效,远程关闭无动作"
OFFLINE_FORMS = ("RECORD", "ONSITE", "RECTIFY")
BUREAU = timezone(timedelta(hours=8))


def at(clock: str) -> int:
    """Return a time of that day, UTC milliseconds."""
    hour, minute = map(int, clock.split(":"))
    return int(datetime(2025, 3, 15, hour, minute, tzinfo=BUREAU).timestamp() * 1000)


def photo(seed: int) -> bytes:
    """Return bytes that begin as a JPEG's do, of a size that a handheld's photos have."""
    random_ = random.Random(seed)
    return b"\xff\xd8\xff\xe0" + random_.randbytes(random_.randint(150_000, 300_000)) + b"\xff\xd9"


@dataclass
class DemoDay(ShippedCase):
    """The inspection of the phosphorus works."""

    enterprise: str = "demo-1"
    sector: str = "危险化学品"
    major: dict[str, Any] = field(default_factory=dict[str, Any])
    found: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    """Hazards by id, as the handheld has them."""
    papers: dict[str, str] = field(default_factory=dict[str, str])
    """Ids of what was issued offline, by form."""
    photos: dict[str, bytes] = field(default_factory=dict[str, bytes])
    drawn: dict[str, str] = field(default_factory=dict[str, str])

    def it_is(self, clock: str) -> None:
        """Let the command post's clock show a time; people at desks sign in anew."""
        self.post.clock.now_ms = at(clock)
        self.post.forget_sessions()

    async def outbox(self, username: str, base_url: str, timeout_s: float = 120) -> Outbox:
        """Return an account's outbox that sends to an address."""
        known = await self.client(username)
        me = (await known.get("session")).json()["user"]["id"]
        client = httpx.AsyncClient(
            base_url=f"{base_url}/api/v1/",
            headers={**known.headers, "Connection": "close"},
            timeout=timeout_s,
        )
        return Outbox(client, me, username.upper())

    async def hazard(self, hazard_id: str) -> dict[str, Any]:
        """Return a hazard as the handheld has it."""
        return self.found[hazard_id]

    async def until_the_network_is_lost(self) -> None:
        """13:30 to 14:10, online: plan, notice, entry, the major hazard, numbers."""
        self.it_is("13:30")
        await self.open()
        for code in ("PLAN", "INSPECT_NOTICE"):
            await self.make(forms()[code])
        await self.enter()
        self.it_is("13:50")
        self.major = await self.find(text=MAJOR, level="major", clause_ids=[CRITERION_2017])
        self.found[self.major["id"]] = self.major
        for code in OFFLINE_FORMS:
            self.drawn[code] = (await self.draw(code))[0]
        self.it_is("14:10")

    def confirm(self, outbox: Outbox) -> str:
        """14:20, on the other handheld: the second person confirms."""
        body = {"id": new_id(), "t_ms": at("14:20"), "confirm": True}
        return outbox.keep("hazard.confirm", body, self.major["id"])

    def find_more(self, outbox: Outbox, pictures: int) -> list[str]:
        """14:15, offline: two ordinary hazards with photos; return the items' ids."""
        made: list[str] = []
        for number in range(2):
            shots = [photo(number * pictures + n) for n in range(pictures // 2)]
            media = {hashlib.sha256(shot).hexdigest(): shot for shot in shots}
            body: dict[str, Any] = {
                "id": new_id(),
                "inspection_id": self.id,
                "text": f"配电箱{number + 1}前堆放杂物",
                "clause_ids": ["AQSCF-35"],
                "media": list(media),
                "t_ms": at("14:15"),
            }
            made.append(outbox.keep("hazard.find", body))
            outbox.photos |= media
            outbox.topics |= dict.fromkeys(media, ("hazard", body["id"]))
            self.photos |= media
            self.found[body["id"]] = {"level": "ordinary", **body}
        return made

    async def issue_offline(self, outbox: Outbox) -> dict[str, str]:
        """14:30 to 14:55, offline: three papers, signed and handed over; return issuing items."""
        issued: dict[str, str] = {}
        for minute, code in zip((30, 40, 50), OFFLINE_FORMS, strict=True):
            form, t_ms = forms()[code], at(f"14:{minute}")
            hazard_ids = [self.major["id"]] if code == "ONSITE" else list(self.found)
            draft: dict[str, Any] = {
                **self.begin_body(code, self.values(form), hazard_ids=hazard_ids),
                "t_ms": t_ms,
            }
            begun = outbox.keep("paper.begin", draft)
            content = await self.content(draft, self.drawn[code])
            body = {**self.issue_body(content), "t_ms": t_ms + 180_000}
            issued[code] = outbox.keep("paper.issue", body, draft["id"], begun)
            served = {"way": "handed", "receiver": "示例负责人", "t_ms": t_ms + 240_000}
            outbox.keep("paper.serve", {"id": new_id(), **served}, draft["id"], issued[code])
            self.papers[code] = draft["id"]
        return issued

    async def seen(self) -> dict[str, Any]:
        """Return all of the inspection."""
        duty = await self.post.sign_in("duty")
        return (await duty.get(f"inspections/{self.id}/dossier")).json()
