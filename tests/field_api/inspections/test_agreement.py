"""What is printed against what was drafted, field by field."""

from typing import Any

import pytest

from field_api.features.inspections.agreement import Printed, differences
from field_api.features.inspections.forms import Form
from field_api.features.inspections.messages import PaperContent, PaperOffice

FORM = Form.model_validate(
    {
        "code": "X",
        "zh": "表",
        "en": "Form",
        "series": "",
        "tiers": ["bureau"],
        "signers": [],
        "basis": "",
        "fields": [
            {"name": kind, "zh": kind, "en": kind, "kind": kind}
            for kind in ("text", "day", "time", "number", "money", "yes_no", "things")
        ]
        + [
            {"name": "opinion", "zh": "o", "en": "o", "kind": "text", "fill": "approval.opinion"},
        ],
    }
)
OFFICE = PaperOffice(name="局", short_name="西", tier="bureau")
THINGS = [["酒精", "25 kg/桶", "2桶"]]
HEAD = ["名称", "规格", "数量"]


def differs(name: str, value: Any, text: str = "", rows: list[list[str]] | None = None) -> bool:
    """Whether a printed field is told to be another than the drafted value."""
    content = PaperContent.model_validate(
        {
            "form": "XX",
            "title": "表",
            "day": "2025-03-15",
            "office": OFFICE.model_dump(),
            "party": {"name": "厂"},
            "officers": [],
            "fields": [{"name": name, "title": name, "text": text, "rows": rows or []}],
        }
    )
    printed = Printed(FORM, {name: value}, OFFICE, [], [], "", 1, "")
    return f"content.fields.{name}" in differences(printed, content)


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("time", "2025-03-15T14:05", "2025年3月15日14时5分"),
        ("time", "2025-03-15T14:05", "2025-03-15T14:05"),
        ("time", "当日下午", "当日下午"),
        ("number", 3, "3"),
        ("number", "3", "3"),
        ("number", "三", "三"),
        ("money", 2000, "2,000.00元"),
        ("money", "2000.50", "2000.5"),
        ("yes_no", True, "是"),
        ("yes_no", False, "否"),
        ("text", None, ""),
        ("opinion", None, "同意"),
    ],
)
def test_the_same(name: str, value: Any, text: str) -> None:
    assert not differs(name, value, text)


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("time", "2025-03-15T14:05", "2025年3月15日14时6分"),
        ("time", "2025-03-15T14:05", "2025年3月15日"),
        ("time", "当日下午", "次日上午"),
        ("number", 3, "30"),
        ("number", 3, ""),
        ("number", "三", "四"),
        ("money", 2000, "20,000元"),
        ("money", 2000, "贰仟"),
        ("money", 2000, "NaN"),
        ("yes_no", True, "否"),
        ("yes_no", False, "是"),
        ("yes_no", False, ""),
        ("text", None, "没有写过的话"),
        ("opinion", "同意", "不同意"),
    ],
)
def test_another(name: str, value: Any, text: str) -> None:
    assert differs(name, value, text)


def test_rows_are_those_of_the_draft_with_a_head_or_without() -> None:
    assert not differs("things", THINGS, rows=[HEAD, *THINGS])
    assert not differs("things", [HEAD, *THINGS], rows=[HEAD, *THINGS])
    assert differs("things", THINGS, rows=[HEAD, ["酒精", "25 kg/桶", "3桶"]])
    assert differs("things", THINGS, rows=[HEAD])
    assert differs("things", THINGS)
    assert differs("things", None, rows=[HEAD, *THINGS])
