"""The forms against the bureau's catalogue of 16 documents and its corrections."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from field_api.features.inspections.forms import Form, form_of, forms

CATALOGUE: dict[str, dict[str, Any]] = {
    given["code"]: given
    for given in json.loads(
        Path(__file__).with_name("enforcement_forms.json").read_text(encoding="utf-8")
    )["forms"]
}

# What every paper carries beside its fields (`PaperContent`), by the catalogue's names.
EVERYWHERE = {
    "检查机关": "office",
    "机关": "office",
    "机关印章": "office",
    "印章": "office",
    "日期": "day",
    "页码": "template",
    "一式两份": "copies",
    "行政执法人员": "officers",
    "出示证件": "identified",
    "执法人员1姓名": "officers",
    "执法人员1证号": "officers",
    "执法人员2姓名": "officers",
    "执法人员2证号": "officers",
    "执法人员1签名": "officer",
    "执法人员2签名": "officer",
    "检查人员签名[]": "officer",
    "送达人签名": "officer",
    "签名": "party",
    "当事人签名": "party",
    "收件人签名": "party",
    "被检查单位现场负责人签名": "party",
    "被检查单位负责人签名": "party",
    "被复查单位负责人签名": "party",
    "拒签注明": "party",
    "拒收注明": "party",
    "复议机关(60日)": "remedy",
    "诉讼法院(6个月)": "remedy",
    "复议诉讼": "remedy",
    "审核": "approval",
    "审批": "approval",
}
FIELDS: dict[str, dict[str, str]] = {
    "PLAN": {
        "被检查单位": "party",
        "地址": "address",
        "联系人": "contact",
        "所属行业": "trade",
        "检查时间": "time",
        "检查内容": "items",
        "检查方式": "method",
        "审核意见": "reviewer_opinion",
        "审核人签名": "reviewer",
        "审核日期": "reviewed",
        "审批意见": "approval_opinion",
        "审批人签名": "approver",
        "审批日期": "approved",
        "备注": "remark",
    },
    "RECORD": {
        "被检查单位": "party",
        "地址": "address",
        "法定代表人(负责人)": "representative",
        "职务": "post",
        "联系电话": "phone",
        "检查场所": "site",
        "检查时间起": "began",
        "检查时间止": "ended",
        "检查情况[](逐条, 是否重大隐患, 依据条款, 照片)": "findings",
    },
    "ONSITE": {
        "被检查单位": "party",
        "检查时间": "inspected",
        "发现隐患/违法行为": "hazards",
        "处理依据": "law",
        "处理决定(立即排除/撤人/暂时停产停业/停止使用)": "measure",
    },
    "RECTIFY": {
        "被检查单位": "party",
        "问题[](序号)": "hazards",
        "其中重大隐患项号": "major_numbers",
        "责令整改的项号": "order_numbers",
        "整改截止日期": "due",
        "整改期间措施提示": "meanwhile",
    },
    "REVIEW": {
        "被复查单位": "party",
        "原决定日期": "order_day",
        "原决定文书名称": "order_title",
        "原决定文号": "order_number",
        "复查意见[](逐项 已整改/未整改/部分)": "results",
    },
    "COERCE": {
        "当事人": "party",
        "地址": "address",
        "理由": "reason",
        "依据": "law",
        "期限(≤30日, 可延长30日)": "until",
        "物品清单[](名称,规格,数量)": "things",
    },
    "ENQUIRY": {
        "被询问人": "person",
        "身份": "person_kind",
        "时间起止": "began",
        "地点": "place",
        "询问人": "asker",
        "记录人": "recorder",
        "问答[]": "questions",
    },
    "SURVEY": {
        "勘验时间起止": "began",
        "地点": "place",
        "当事人": "party",
        "勘验人": "surveyors",
        "见证人": "witness",
        "记录": "record",
        "附图照片": "drawings",
    },
    "SAMPLE": {
        "被抽样单位": "party",
        "样品名称": "things",
        "规格批号": "things",
        "数量": "things",
        "地点": "place",
        "时间": "time",
    },
    "REGISTER": {
        "当事人": "party",
        "物品清单[]": "things",
        "地点": "place",
        "期限(7日内处理)": "decide_by",
    },
    "ONSPOT": {
        "当事人": "party",
        "地址": "address",
        "法定代表人": "representative",
        "违法事实及证据": "facts",
        "违反条款": "violated",
        "依据条款": "law",
        "处罚(公民≤200元/单位≤3000元或警告)": "amount",
        "缴纳方式": "pay",
    },
    "CASE": {
        "案由": "cause",
        "案件来源": "case_source",
        "当事人": "party",
        "案情": "facts",
        "承办人意见": "handler_opinion",
    },
    "NOTICE": {
        "当事人": "party",
        "拟处罚事实理由依据": "facts",
        "陈述申辩期限": "statement_days",
        "听证权(5日内)": "hearing",
        "联系人": "contact",
    },
    "PENALTY": {
        "当事人": "party",
        "地址": "address",
        "事实证据": "evidence",
        "种类依据": "law",
        "履行方式期限(15日, 逾期每日3%)": "bank",
    },
    "SERVICE": {
        "受送达人": "party",
        "文书名称文号": "documents",
        "送达时间": "time",
        "地点": "place",
        "方式": "way",
    },
    "TRANSFER": {"移送机关": "receiver", "案由": "cause", "材料清单": "things"},
}

# Where the catalogue's "any of these first" was corrected, with the reason.
CORRECTED = {
    "RECORD": "the notice of inspection (rules of 2025) stands between plan and record",
    "REVIEW": "the order must have been served, not only issued",
    "COERCE": "行政强制法 19: urgent measures come before their approval, within 24 hours",
    "REGISTER": "approval is a state of the paper, not a paper",
    "PENALTY": "the notice must have been served, the case opened",
}


def carries(form: Form, part: str) -> bool:
    """Say whether a paper of a form carries one of the parts of `EVERYWHERE`."""
    names = {field.name for field in form.fields}
    match part:
        case "office" | "day" | "template" | "officers":
            return True
        case "copies":
            return form.copies == 2
        case "identified":
            return part in names
        case "remedy":
            return form.remedy != "none"
        case "approval":
            return {"reviewer_opinion", "approval_opinion"} <= names
        case role:
            return role in form.signers


@pytest.mark.parametrize("code", CATALOGUE)
def test_every_field_of_the_catalogue_is_on_the_form(code: str) -> None:
    form = forms()[code]
    names = {field.name for field in form.fields}
    for wanted in CATALOGUE[code]["fields"]:
        if wanted in FIELDS[code]:
            assert FIELDS[code][wanted] in names, f"{code}: {wanted}"
        else:
            assert carries(form, EVERYWHERE[wanted]), f"{code}: {wanted}"


@pytest.mark.parametrize("code", CATALOGUE)
def test_order_of_the_catalogue_is_kept_or_corrected_for_a_reason(code: str) -> None:
    form, first = forms()[code], CATALOGUE[code]["requires_any"]
    if code not in CORRECTED:
        assert sorted({*form.after, *form.order}) == sorted(first), code
    elif code == "RECORD":
        assert form.after == ("INSPECT_NOTICE",)
        assert forms()["INSPECT_NOTICE"].after == tuple(first)
    elif code == "REVIEW":
        assert sorted(form.order) == sorted(first)
    elif code == "PENALTY":
        assert form.order == tuple(first)
        assert form.after == ("CASE",)
    else:
        assert form.after == tuple(name for name in first if name != "APPROVAL")
        assert form.approval == {"COERCE": "urgent", "REGISTER": "before"}[code]


@pytest.mark.parametrize("code", CATALOGUE)
def test_numbers_have_the_catalogue_series(code: str) -> None:
    shape = re.search(r"）(\w+)〔", CATALOGUE[code]["number_format"])
    assert forms()[code].series == (shape[1] if shape else "")


def test_three_documents_were_added_to_the_sixteen() -> None:
    assert len(CATALOGUE) == 16
    assert set(forms()) - set(CATALOGUE) == {
        "INSPECT_NOTICE",
        "RESULT_FEEDBACK",
        "REGISTER_DECISION",
    }
    assert form_of("NO_SUCH") is None


def test_series_are_not_shared() -> None:
    series = [form.series for form in forms().values() if form.series]
    assert len(series) == len(set(series))


def test_rules_name_forms_and_fields_that_exist() -> None:
    for form in forms().values():
        names = [field.name for field in form.fields]
        assert len(names) == len(set(names)), form.code
        assert set(form.after) | set(form.order) <= set(forms()), form.code
        assert not form.due or form.due in names, form.code
        for field in form.fields:
            assert re.fullmatch(r"[a-z][a-z0-9_]{0,39}", field.name)
            assert (field.kind == "choice") == bool(field.choices), field.name
            for when in (*field.caps, *((field.required_when,) if field.required_when else ())):
                values = next(f for f in form.fields if f.name == when.field).choices
                assert when.value in {choice.value for choice in values}


def test_what_an_order_asks_for_can_be_fulfilled() -> None:
    fulfilled = {code for form in forms().values() if form.fulfils != "none" for code in form.order}
    assert {form.code for form in forms().values() if form.due} <= fulfilled


def test_a_street_issues_no_coercion_and_its_own_three_papers() -> None:
    street = {code for code, form in forms().items() if "street" in form.tiers}
    assert {"RECORD", "RECTIFY", "REVIEW"} <= street
    assert street.isdisjoint({"ONSITE", "COERCE", "ONSPOT", "PENALTY"})
    assert not forms()["COERCE"].empowered
    assert forms()["RECTIFY"].zh_street == "限期整改意见书"


def test_a_penalty_on_the_spot_is_capped_and_goes_to_reconsideration_first() -> None:
    form = forms()["ONSPOT"]
    amount = next(field for field in form.fields if field.name == "amount")
    assert {cap.value: cap.most for cap in amount.caps} == {"citizen": 200, "unit": 3000}
    assert form.remedy == "reconsideration_first"


def test_a_penalty_asks_the_three_questions_of_article_33() -> None:
    asked = {field.name for field in forms()["PENALTY"].fields if field.kind == "yes_no"}
    assert asked == {"minor_corrected", "first_offence", "no_fault"}
    assert all(f.required for f in forms()["PENALTY"].fields if f.name in asked)


def test_texts_are_in_both_languages() -> None:
    for form in forms().values():
        assert bool(form.notice_zh) == bool(form.notice_en), form.code
        for field in form.fields:
            assert field.zh
            assert field.en
            assert bool(field.hint_zh) == bool(field.hint_en), field.name
