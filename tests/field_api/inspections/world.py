"""A district with a bureau, two streets, their officers and enterprises, and papers as printed."""

import hashlib
from dataclasses import dataclass, field
from typing import Any

import httpx

from field_api.contract.ids import new_id
from field_api.core.roles import Role
from field_api.features.accounts.tables import User
from field_api.features.inspections.calendar import local_day
from field_api.features.inspections.demo import BIJI, HAIKOU, seed_inspections
from field_api.features.inspections.forms import forms
from field_api.features.inspections.messages import PaperContent
from field_api.features.inspections.registers import Officer
from field_api.features.inspections.typesetting import template_sha256, typeset
from field_api.features.roster.tables import Terminal, TerminalKind
from tests.field_api.post import OPERATOR, Post

PEOPLE = {
    "ht-01": ("执法员甲", ""),
    "ht-02": ("执法员乙", ""),
    "ht-03": ("街道安监员", HAIKOU),
    "ht-08": ("街道安监员二", HAIKOU),
    "ht-09": ("碧鸡安监员", BIJI),
}
ACCOUNT_OF = {1: "ht-01", 2: "ht-02", 3: "ht-03", 4: "ht-08", 5: "ht-09"}
HEADS = {"things": ["名称", "规格", "数量"], "questions": ["问", "答"]}
STROKES = [[10, 10, 500, 200]]
CLAUSE = "AQSCF-35"
CRITERION = "GM10-3-1"


def settle(post: Post) -> None:
    """Put officers with their accounts and handhelds, offices and enterprises in."""
    with post.services.store.change(OPERATOR) as change:
        for username, (name, area) in PEOPLE.items():
            terminal = username.upper()
            change.create(
                Terminal(
                    id=terminal,
                    area=area,
                    holder=name,
                    holder_en=name,
                    kind=TerminalKind.ENFORCEMENT,
                )
            )
            user = change.create(
                User(
                    id=new_id(),
                    username=username,
                    name=name,
                    role=Role.INSPECTOR,
                    password_hash="",
                    areas=[area] if area else [],
                    terminal_id=terminal,
                    created_ms=change.t_ms,
                )
            )
            change.record("node.connected", user.id, node="test")
        change.session.flush()
        seed_inspections(change)
        change.session.flush()
        for number, username in ACCOUNT_OF.items():
            officer = change.session.get_one(Officer, f"officer-{number}")
            if officer.username != username:
                officer.username = username
                change.put(officer)


@dataclass
class Case:
    """One inspection and who works on it."""

    post: Post
    id: str = field(default_factory=new_id)
    enterprise: str = "demo-2"
    office: str = "bureau"
    username: str = "ht-01"
    second: str = "ht-02"
    officers: tuple[str, ...] = ("officer-1", "officer-2")
    sector: str = "工贸"
    source: str = "plan"
    numbers: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def day(self) -> str:
        """Today, where the bureau is."""
        return local_day(self.post.clock())

    async def client(self, username: str = "") -> httpx.AsyncClient:
        """Return the first officer's client, or somebody's."""
        return await self.post.sign_in(username or self.username)

    async def send(
        self, url: str, body: dict[str, Any], username: str = "", status: int = 200
    ) -> Any:
        """Post a body; the answer has this status."""
        answer = await (await self.client(username)).post(url, json=body)
        assert answer.status_code in (status, {200: 201}.get(status)), answer.text
        return answer.json()

    async def refused(
        self, url: str, body: dict[str, Any], code: str, username: str = ""
    ) -> dict[str, Any]:
        """Post a body that must be refused with a code and words in both languages."""
        answer = await (await self.client(username)).post(url, json=body)
        assert answer.status_code in (403, 404, 409, 422), answer.text
        detail = answer.json()["detail"]
        assert detail["code"] == code, detail
        assert detail["text_zh"]
        assert detail["text_en"]
        return detail

    async def open(self, username: str = "", **changes: Any) -> dict[str, Any]:
        """Plan the inspection."""
        body = {
            "id": self.id,
            "enterprise_id": self.enterprise,
            "office_id": self.office,
            "sector": self.sector,
            "source": self.source,
            "day": self.day,
            "officer_ids": list(self.officers),
            **changes,
        }
        return await self.send("inspections", body, username)

    async def enter(self, **changes: Any) -> dict[str, Any]:
        """Enter the premises."""
        code = f"DEMO-JDM-{int(self.enterprise.removeprefix('demo-')):04d}"
        body = {"id": new_id(), "t_ms": self.post.clock(), "scan_code": code, **changes}
        return await self.send(f"inspections/{self.id}/enter", body)

    async def find(self, username: str = "", **changes: Any) -> dict[str, Any]:
        """Note a hazard."""
        body = {
            "id": new_id(),
            "inspection_id": self.id,
            "text": "配电箱前堆放杂物",
            "clause_ids": [CLAUSE],
            "t_ms": self.post.clock(),
            **changes,
        }
        return await self.send("hazards", body, username)

    def begin_body(self, form: str, values: dict[str, Any], **more: Any) -> dict[str, Any]:
        """Return the body that begins a draft."""
        return {
            "id": new_id(),
            "inspection_id": self.id,
            "form": form,
            "values": values,
            "t_ms": self.post.clock(),
            **more,
        }

    async def begin(self, form: str, values: dict[str, Any], **more: Any) -> dict[str, Any]:
        """Begin a draft."""
        return await self.send("papers", self.begin_body(form, values, **more))

    async def draw(self, form: str, count: int = 1, username: str = "") -> list[str]:
        """Draw numbers and return them as printed."""
        body = {
            "id": new_id(),
            "office_id": self.office,
            "year": int(self.day[:4]),
            "forms": {form: count},
        }
        blocks = await self.send("number-blocks", body, username)
        return [
            f"{block['prefix']}{n}{block['suffix']}"
            for block in blocks
            for n in range(block["first"], block["last"] + 1)
        ]

    async def hazard(self, hazard_id: str) -> dict[str, Any]:
        """Return a hazard."""
        return (await (await self.post.sign_in("duty")).get(f"hazards/{hazard_id}")).json()

    async def content(self, paper: dict[str, Any], number: str, **changes: Any) -> dict[str, Any]:
        """Return what a paper prints, as a handheld would put it together from what it knows."""
        form = forms()[paper["form"]]
        duty = await self.post.sign_in("duty")
        office = (await duty.get(f"registers/offices/{self.office}")).json()
        officers = [(await duty.get(f"registers/officers/{one}")).json() for one in self.officers]
        hazards = [await self.hazard(one) for one in paper["hazard_ids"]]
        clauses = {
            one: (await duty.get(f"registers/law_clauses/{one}")).json()
            for hazard in hazards
            for one in hazard["clause_ids"]
        }
        fields: list[dict[str, Any]] = []
        for one in form.fields:
            value = paper["values"].get(one.name)
            if (one.kind == "hazards" and hazards) or value is None:
                continue
            choices = {choice.value: choice.zh for choice in one.choices}
            rows = [HEADS[one.kind], *value] if isinstance(value, list) else []
            words = {True: "是", False: "否"}.get(value) if isinstance(value, bool) else None
            text = "" if rows else words or choices.get(str(value), str(value))
            fields.append({"name": one.name, "title": one.zh, "text": text, "rows": rows})
        signed = [
            {"role": "officer", "name": one["name"], "strokes": STROKES, "t_ms": self.post.clock()}
            for one in officers
        ]
        signed += [
            {"role": role, "name": "示例负责人", "strokes": STROKES, "t_ms": self.post.clock()}
            for role in form.signers
            if role != "officer"
        ]
        return {
            "form": form.code,
            "title": form.title(office["tier"]).zh,
            "number": number,
            "day": self.day,
            "office": {
                "name": office["name"],
                "short_name": office["short_name"],
                "tier": office["tier"],
            },
            "party": {"name": "示例机械厂(虚构)"},
            "officers": [
                {"name": one["name"], "certificate": one["certificate"]} for one in officers
            ],
            "fields": fields,
            "hazards": [
                {
                    "number": at,
                    "text": hazard["text"],
                    "level": hazard["level"],
                    "clauses": [
                        f"《{clauses[one]['standard']}》{clauses[one]['article']}"
                        for one in hazard["clause_ids"]
                    ],
                }
                for at, hazard in enumerate(hazards, start=1)
            ],
            "signatures": signed,
            **changes,
        }

    def issue_body(self, content: dict[str, Any], **changes: Any) -> dict[str, Any]:
        """Return the body that issues a paper, with the hash that its bytes have."""
        pdf = typeset(PaperContent.model_validate(content))
        return {
            "id": new_id(),
            "t_ms": self.post.clock(),
            "content": content,
            "sha256": hashlib.sha256(pdf).hexdigest(),
            "template_sha256": template_sha256(content["form"]),
            **changes,
        }

    async def issue(
        self, paper: dict[str, Any], number: str | None = None, **changes: Any
    ) -> dict[str, Any]:
        """Draw a number and issue a paper."""
        if number is None:
            series = forms()[paper["form"]].series
            number = (await self.draw(paper["form"]))[0] if series else ""
        content = await self.content(paper, number, **changes)
        return await self.send(f"papers/{paper['id']}/issue", self.issue_body(content))

    async def serve(self, paper: dict[str, Any]) -> dict[str, Any]:
        """Hand a paper over."""
        body = {
            "id": new_id(),
            "t_ms": self.post.clock(),
            "way": "handed",
            "receiver": "示例负责人",
        }
        return await self.send(f"papers/{paper['id']}/serve", body)

    async def approve(self, paper: dict[str, Any], *, approve: bool = True) -> dict[str, Any]:
        """Ask for approval and give it."""
        body = {"id": new_id(), "t_ms": self.post.clock()}
        await self.send(f"papers/{paper['id']}/submit", body)
        answer = {"id": new_id(), "approve": approve, "opinion": "" if approve else "不必"}
        return await self.send(f"papers/{paper['id']}/approve", answer, "commander")

    async def until_record(self, **finding: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """Go from the plan to the issued record; return the hazard found and the record."""
        await self.open()
        plan = await self.begin("PLAN", {"subject": "年度计划检查"})
        plan = await self.approve(plan)
        await self.issue(plan)
        await self.enter()
        notice = await self.begin("INSPECT_NOTICE", {"party": "示例机械厂(虚构)"})
        await self.issue(notice)
        hazard = await self.find(**finding)
        values = {"party": "示例机械厂(虚构)", "site": "一车间", "identified": True}
        record = await self.begin("RECORD", values, hazard_ids=[hazard["id"]])
        return hazard, await self.issue(record)

    async def order(self, hazard: dict[str, Any], due: str) -> dict[str, Any]:
        """Issue and serve an order to rectify."""
        values = {"party": "示例机械厂(虚构)", "due": due}
        paper = await self.begin("RECTIFY", values, hazard_ids=[hazard["id"]])
        await self.issue(paper)
        return await self.serve(paper)


def street_case(post: Post, **changes: Any) -> Case:
    """Return an inspection of the street of Haikou."""
    given: dict[str, Any] = {
        "office": "street-haikou",
        "username": "ht-03",
        "second": "ht-08",
        "officers": ("officer-3", "officer-4"),
        **changes,
    }
    return Case(post, **given)
