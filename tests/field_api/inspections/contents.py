"""Contents of papers as an officer would fill them in, and wilder ones by a seed."""

import hashlib
import math
import random
from collections.abc import Sequence

from field_api.features.inspections.forms import Form, FormField, forms
from field_api.features.inspections.messages import (
    PaperAttachment,
    PaperContent,
    PaperField,
    PaperHazard,
    PaperOffice,
    PaperOfficer,
    PaperParty,
    Signature,
)
from field_api.features.inspections.tables import HazardLevel

__all__ = ["ORDINARY", "WILD", "filled_in", "scribble", "wild"]

DAY = "2026-11-29"
T_MS = 1_795_931_100_000
ORDINARY = {
    "law": "《中华人民共和国安全生产法》第六十五条第一款",
    "violated": "《中华人民共和国安全生产法》第三十六条第二款",
    "items": "安全管理制度和责任制落实情况\n动火、有限空间等危险作业审批情况\n消防设施和疏散通道",
    "findings": "",
    "facts": "该单位冲压车间3台压力机的光电保护装置被拆除,从业人员在未停机状态下伸手取料。"
    "有现场检查记录、照片和询问笔录为证。",
    "evidence": "现场检查记录1份,照片6张,询问笔录2份,营业执照复印件1份。",
    "amount": "2000",
    "order_title": "责令限期整改指令书",
    "order_number": "（西）应急责改〔2026〕31号",
    "order_numbers": "1、2、3",
    "major_numbers": "2",
    "handling": "责令限期整改;对第2项重大事故隐患采取现场处理措施。",
    "penalty": "处人民币30,000元罚款",
    "intended": "处人民币30,000元罚款",
    "contact": "李晓燕",
    "contact_phone": "0871-6800 0000",
    "complaint_phone": "0871-6800 1111",
    "bank": "某某银行西山支行,账户 0000 1111 2222 3333",
    "reason": "冲压车间压力机光电保护装置缺失,设备不符合国家标准,继续使用有现实危险",
    "statement": "无",
    "heard": "无",
    "post": "安全总监",
    "site": "冲压车间、危险化学品仓库",
    "place": "西山区某某路12号厂区",
    "trade": "工贸(机械轻工等)",
    "cause": "未按规定维护安全设备案",
    "receiver": "西山区市场监督管理局",
    "visit_number": "1",
    "assistants": "0",
    "statement_days": "3",
}
SENTENCES = (
    "配电箱未接地,箱门破损",
    "危险化学品仓库内违规存放酒精约40 kg,未设置防爆型电气设备和可燃气体检测报警装置",
    "疏散通道堆放纸箱,宽度不足1.1 m",
    "压力机光电保护装置被拆除,从业人员带电、未停机伸手取料",
    "有限空间作业未审批、未检测、未配备救援装备",
)
CLAUSES = (
    "《中华人民共和国安全生产法》(2021年修正)第三十六条第二款",
    "《工贸企业重大事故隐患判定标准》(应急管理部令第10号,2023年)第十一条",
)
RARE = "垚犇喆昇堃龘𠮷㛃"


def scribble(seed: int) -> list[list[int]]:
    """Return strokes that look like a short signature."""
    random_ = random.Random(seed)
    strokes = []
    for _ in range(random_.randint(3, 7)):
        x, y, turn = random_.uniform(60, 800), random_.uniform(80, 320), random_.uniform(0, 6.3)
        stroke = []
        for _ in range(random_.randint(2, 40)):
            stroke += [round(x), round(y)]
            turn += random_.uniform(-0.6, 0.6)
            x = min(1000, max(0, x + 18 * math.cos(turn)))
            y = min(400, max(0, y + 14 * math.sin(turn)))
        strokes.append(stroke)
    return strokes


def _field(field: FormField) -> PaperField:
    text, rows = ORDINARY.get(field.name, ""), list[list[str]]()
    match field.kind:
        case "day":
            text = "2026-12-28" if field.name in {"due", "until", "decide_by"} else DAY
        case "time":
            text = f"{DAY}T14:35" if field.name == "ended" else f"{DAY}T13:05"
        case "choice":
            text = field.choices[-1 if field.name in {"party_kind", "penalty"} else 0].zh
        case "yes_no":
            text = "否" if field.name in {"minor_corrected", "first_offence", "no_fault"} else "是"
        case "things":
            text, rows = (
                "",
                [
                    ["名称", "规格", "数量"],
                    ["开式压力机", "JB23-63", "3台"],
                    ["工业酒精", "25 kg/桶", "2桶"],
                ],
            )
        case "questions":
            text, rows = (
                "",
                [
                    ["问", "答"],
                    [
                        "你单位的光电保护装置什么时候拆除的?",
                        "上个月检修后没有装回去,具体哪天记不清。",
                    ],
                    ["由谁决定?", "车间主任口头决定,没有书面手续。"],
                ],
            )
        case "hazards":
            text = ""
        case _:
            text = text or {
                "party": "西山某某机械制造有限公司",
                "address": "云南省昆明市西山区某某路12号",
                "representative": "张建国",
                "phone": "138 0000 0000",
            }.get(field.name, "见附件。" if field.kind == "long_text" else "王志强")
    return PaperField(name=field.name, title=field.zh, text=text, rows=rows)


def _signed(form: Form) -> list[Signature]:
    signed = []
    for role in form.signers:
        for seed, (name, certificate) in enumerate(
            [("王志强", "53010219870001"), ("李晓燕", "53010219870002")]
            if role == "officer"
            else [({"party": "张建国", "witness": "赵敏"}.get(role, "陈立"), None)]
        ):
            signed.append(
                Signature(
                    role=role,
                    name=name,
                    certificate=certificate,
                    strokes=scribble(seed + len(role)),
                    t_ms=T_MS + 60_000 * seed,
                )
            )
    return signed


def filled_in(code: str) -> PaperContent:
    """Return a paper of a form as it is on an ordinary day."""
    form = forms()[code]
    return PaperContent(
        form=code,
        title=form.zh,
        number=f"（西）{form.series}〔2026〕12号" if form.series else "",
        day=DAY,
        office=PaperOffice(
            name="西山区应急管理局",
            short_name="西",
            tier="bureau",
            reconsideration="昆明市西山区人民政府",
            court="昆明铁路运输法院",
        ),
        party=PaperParty(name="西山某某机械制造有限公司", credit_code="91530112MA00000000"),
        officers=[
            PaperOfficer(name="王志强", certificate="53010219870001"),
            PaperOfficer(name="李晓燕", certificate="53010219870002"),
        ],
        fields=[_field(field) for field in form.fields],
        hazards=[
            PaperHazard(
                number=number,
                text=SENTENCES[number - 1],
                level=HazardLevel.MAJOR if number == 2 else HazardLevel.ORDINARY,
                clauses=list(CLAUSES[: 1 + (number == 2)]),
                measure="责令限期整改",
                due="2026-12-28",
                result="已整改" if code == "REVIEW" else "",
            )
            for number in range(1, 4)
        ]
        if form.about == "hazards"
        else [],
        attachments=[
            PaperAttachment(
                number=1,
                caption="危险化学品仓库内部照片",
                sha256=hashlib.sha256(code.encode()).hexdigest(),
                t_ms=T_MS,
            )
        ],
        signatures=_signed(form),
        unsigned_sha256=hashlib.sha256(b"unsigned").hexdigest(),
        qr=_pattern(37, random.Random(7)),
    )


def _pattern(side: int, random_: random.Random) -> list[str]:
    return ["".join(random_.choice("01") for _ in range(side - 1)) + "1" for _ in range(side)]


def _prose(random_: random.Random, most: int) -> str:
    pieces: Sequence[str] = (*SENTENCES, *CLAUSES, RARE, "\n", "A" * 60, "“引号”#*_$[]\\<>@", " ")
    return "".join(random_.choice(pieces) for _ in range(random_.randint(0, most)))[:4000]


def wild(code: str, seed: int) -> PaperContent:
    """Return a paper with what nobody expects: long, empty, rare and odd, by the seed."""
    random_ = random.Random(f"{code}{seed}")
    plain = filled_in(code)
    fields = [
        field.model_copy(
            update={
                "text": random_.choice([field.text, _prose(random_, 8), ""]),
                "rows": field.rows
                and [*field.rows, *([_prose(random_, 3)] * random_.randint(0, 5) for _ in "ab")],
            }
        )
        for field in plain.fields
    ]
    hazards = [
        PaperHazard(
            number=number,
            text=_prose(random_, 6),
            level=random_.choice(list(HazardLevel)),
            clauses=[_prose(random_, 2) for _ in range(random_.randint(0, 3))],
            measure=random_.choice(["", "责令立即排除"]),
            due=random_.choice(["", DAY]),
            result=random_.choice(["", "未整改"]),
        )
        for number in range(1, 1 + random_.choice([0, 1, 4, 12]))
    ]
    signatures = [
        signature.model_copy(
            update={"strokes": [], "refused": True, "reason": _prose(random_, 3)}
            if random_.random() < 0.3
            else {"strokes": scribble(random_.randint(0, 99))}
        )
        for signature in plain.signatures
    ]
    return plain.model_copy(
        update={
            "number": random_.choice([plain.number, ""]),
            "issue": random_.choice([1, 2]),
            "replaces_number": random_.choice(["", plain.number]),
            "fields": fields,
            "hazards": hazards,
            "signatures": random_.choice([signatures, []]),
            "attachments": plain.attachments * random_.choice([0, 1, 6]),
            "qr": random_.choice([[], _pattern(33, random_)]),
        }
    )


WILD = [(code, seed) for seed in range(3) for code in forms()][:50]
"""Fifty contents of all forms."""
