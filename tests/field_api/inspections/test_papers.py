"""Papers as PDF: all that was filled in is on them, whatever it is, and they are law-proof."""

import io
import re

import pytest
from pypdf import PdfReader

from field_api.features.inspections.forms import forms
from field_api.features.inspections.messages import PaperContent, PaperField, PaperHazard
from field_api.features.inspections.tables import HazardLevel
from field_api.features.inspections.typesetting import (
    TEMPLATES,
    template_of,
    template_sha256,
    typeset,
)
from tests.field_api.inspections.contents import filled_in


def text_of(content: PaperContent) -> str:
    """Return what is written on a paper, without blanks and line ends."""
    pages = PdfReader(io.BytesIO(typeset(content))).pages
    return re.sub(r"\s", "", "".join(page.extract_text() for page in pages))


@pytest.mark.parametrize("code", forms())
def test_every_field_of_a_form_is_on_its_paper(code: str) -> None:
    content = filled_in(code)
    marked = [
        field.model_copy(
            update={
                "text": "" if field.rows else f"Z{number:02d}Z",
                "rows": field.rows and [["X"], *([f"Z{number:02d}Z"] for _ in "ab")],
            }
        )
        for number, field in enumerate(content.fields)
    ]
    text = text_of(content.model_copy(update={"fields": marked}))
    lists = {field.name for field in forms()[code].fields if field.kind == "hazards"}
    # Named by its own sentence, or by the numbers that the list of hazards has.
    told_by_others = {"party", "order_numbers"} | lists
    for number, field in enumerate(content.fields):
        if field.name not in told_by_others:
            assert f"Z{number:02d}Z" in text, f"{code}: {field.name}"
    assert content.party.name in text or "party" in {f.name for f in content.fields}
    assert content.unsigned_sha256 in text
    if lists:
        assert "【重大事故隐患】" in text


@pytest.mark.parametrize("code", forms())
def test_remedies_seal_copies_and_signatures(code: str) -> None:
    form, text = forms()[code], text_of(filled_in(code))
    assert ("六十日内向昆明市西山区人民政府申请行政复议" in text) == (form.remedy == "choice")
    assert ("六个月内依法向昆明铁路运输法院" in text) == (form.remedy == "choice")
    assert ("六十日内先向" in text) == (form.remedy == "reconsideration_first")
    assert ("一式" in text) == (form.copies == 2)
    assert text.count("（签名）") == sum(2 if r == "officer" else 1 for r in form.signers)
    assert "西山区应急管理局" in text
    if form.series:
        assert f"（西）{form.series}〔2026〕12号" in text


def test_a_street_advises_and_does_not_order() -> None:
    plain = filled_in("RECTIFY")
    street = plain.office.model_copy(update={"tier": "street", "name": "某某街道办事处"})
    text = text_of(
        plain.model_copy(
            update={
                "title": "限期整改意见书",
                "number": "（西）应急责改〔2026〕〔督〕12号",
                "office": street,
            }
        )
    )
    assert "第九条第二款" in text
    assert "移送区应急管理部门" in text
    assert "责令你单位" not in text
    assert "行政复议" not in text


def test_a_paper_without_a_number_says_that_it_is_a_draft() -> None:
    content = filled_in("RECORD")
    assert "草稿" not in text_of(content)
    assert "草稿" in text_of(content.model_copy(update={"number": ""}))


def test_a_receipt_has_no_number_and_is_no_draft_once_it_is_signed() -> None:
    content = filled_in("SERVICE")
    assert "草稿" not in text_of(content)
    assert "草稿" in text_of(content.model_copy(update={"signatures": []}))


def test_a_refusal_is_on_the_paper_with_its_reason_and_witness() -> None:
    content = filled_in("RECORD")
    refused = content.signatures[-1].model_copy(
        update={"refused": True, "strokes": [], "reason": "认为情况不符"}
    )
    witness = content.signatures[-1].model_copy(update={"role": "witness", "name": "赵敏"})
    text = text_of(
        content.model_copy(update={"signatures": [*content.signatures[:-1], refused, witness]})
    )
    assert "张建国拒绝签名，理由：认为情况不符。" in text
    assert "见证人（签名）" in text
    assert "赵敏" in text


def test_a_new_issue_names_the_one_before() -> None:
    content = filled_in("ONSITE")
    text = text_of(content.model_copy(update={"issue": 2, "replaces_number": content.number}))
    assert f"本文书为第2版，替代{content.number}，原版同时失效。" in text


@pytest.mark.parametrize(
    ("given", "printed"),
    [
        ("200", "200元（大写：贰佰元整）"),
        ("3000", "3,000元（大写：叁仟元整）"),
        ("10050.5", "10,050.50元（大写：壹万零伍拾元伍角）"),
        ("100000", "100,000元（大写：壹拾万元整）"),
        ("20000300.07", "20,000,300.07元（大写：贰仟万零叁佰元零柒分）"),
        ("1002003", "1,002,003元（大写：壹佰万贰仟零叁元整）"),
        ("叁佰元", "叁佰元"),
    ],
)
def test_money_is_printed_in_figures_and_words(given: str, printed: str) -> None:
    content = filled_in("ONSPOT")
    fields = [
        field.model_copy(update={"text": given}) if field.name == "amount" else field
        for field in content.fields
    ]
    assert printed in text_of(content.model_copy(update={"fields": fields}))


def test_two_hundred_hazards_and_endless_words_stay_on_their_pages() -> None:
    content = filled_in("RECTIFY")
    hazards = [
        PaperHazard(
            number=number,
            text="疏散通道堵塞" * 20 + "A" * 300,
            level=HazardLevel.ORDINARY,
            clauses=["《中华人民共和国安全生产法》第三十六条第二款"] * 3,
        )
        for number in range(1, 201)
    ]
    reader = PdfReader(io.BytesIO(typeset(content.model_copy(update={"hazards": hazards}))))
    assert len(reader.pages) > 20
    last = reader.pages[-1].extract_text()
    assert f"共{len(reader.pages)}页" in re.sub(r"\s", "", last)
    # Nothing runs off the right edge: the last glyph of an endless word starts inside the page.
    places: list[float] = []
    reader.pages[1].extract_text(
        visitor_text=lambda _text, _cm, tm, _font, _size: places.append(tm[4])
    )
    assert max(places) < float(reader.pages[1].mediabox.width)


def test_odd_input_breaks_no_page() -> None:
    content = filled_in("RECORD")
    odd = (
        "#panic() $x$ *_`<label> @ref \\ // /* \u202e \u0001 \U0001f600 垚龘𠮷 \n\n\n " + "𠮷" * 500
    )
    fields = [PaperField(name=f.name, title=f.title, text=odd) for f in content.fields]
    assert "#panic()" in text_of(content.model_copy(update={"fields": fields}))


def test_the_same_content_gives_the_same_bytes() -> None:
    assert typeset(filled_in("COERCE")) == typeset(filled_in("COERCE"))


def test_a_template_is_known_by_its_hash_and_an_unknown_form_is_refused() -> None:
    assert {template_of(code).name for code in forms()} | {"layout.typ", "values.typ"} == {
        path.name for path in TEMPLATES.iterdir()
    }
    assert len({template_sha256(code) for code in forms()}) == len(forms())
    with pytest.raises(ValueError, match="no form is called 'NOTHING'"):
        template_of("NOTHING")


def test_rare_characters_of_names_are_printed_and_the_rest_breaks_nothing() -> None:
    content = filled_in("RECORD")
    # From the third level of 通用规范汉字表: names and places.
    name = "李昇堃垚犇喆玥璟燚赟翀㛃䶮𬭎"
    party = [f.model_copy(update={"text": name + "𠮷龘"}) for f in content.fields]
    assert name in text_of(content.model_copy(update={"fields": party}))
