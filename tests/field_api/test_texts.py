"""Texts: both languages have the same keys and values, and the program names no missing one."""

import ast
import json
import re
import string
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import field_api
from field_api.contract.messages import CommandBody
from field_api.core.texts import Both, both, catalogue, has_text, told

ROOT = Path(field_api.__file__).parent


def placeholders(text: str) -> set[str]:
    found = {name for _, name, _, _ in string.Formatter().parse(text) if name}
    return {name.partition("|")[0] for name in found}


NEVER_ONE = {
    *("errors.too_large", "errors.parameter_reason_needed", "errors.too_many_filters"),
    *("errors.officers_needed", "errors.password_short", "errors.mask_too_long"),
    *("errors.footage_too_much", "errors.too_many_viewers", "words.password_short"),
    "errors.day_long_past",
}
"""Limits of more than one."""
VERBS = re.compile(
    r"(has|is|was|this|asks|stands|flies|needs|sees|comes|waits|watches|says|does|holds|makes)$"
)
OTHERS = re.compile(r"acts\.inspection.*\.demo$")


def test_one_of_a_thing_is_said_as_one() -> None:
    for key, text in catalogue("en").items():
        if key in NEVER_ONE or OTHERS.match(key):
            continue
        for noun in re.findall(r"\{\w+(?::[^}]*)?\} ([a-z]+s)\b", text):
            assert VERBS.match(noun), f"{key}: {{n|thing|things}}, not {noun}"
    one = both("acts.plan.stated", by="A", count=1).en, both("acts.plan.stated", by="A", count=2).en
    assert one == ("A stated 1 fact of the flight", "A stated 2 facts of the flight")


def test_both_languages_have_the_same_keys_and_nothing_empty() -> None:
    zh, en = catalogue("zh"), catalogue("en")
    assert zh.keys() == en.keys()
    assert all(text.strip() for text in (*zh.values(), *en.values()))


def test_a_nodes_words_are_told_in_one_language_each() -> None:
    assert told("已停止 / stopped") == Both("已停止", "stopped")
    assert told("起飞时限已过 / 3 s / late") == Both("起飞时限已过", "3 s / late")
    for same in ("AUTO", "12 / 14 items", "已停止", "已停止 / 停", "", " / "):
        assert told(same) == Both(same, same)


def test_refusals_put_the_same_values_into_both_languages() -> None:
    for key, text in catalogue("zh").items():
        if not key.startswith("errors."):
            continue
        extra = placeholders(catalogue("en")[key]) - placeholders(text)
        # What can be done instead is listed in English names of states; the Chinese says it is not.
        assert extra <= {"options"}, key


def calls(name: str) -> Iterator[tuple[Path, ast.Call]]:
    for file in ROOT.rglob("*.py"):
        if "migrations" in file.parts:
            continue
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else None
            called = node.func.id if isinstance(node.func, ast.Name) else called
            if called == name:
                yield file, node


def test_every_refusal_has_its_words() -> None:
    named = 0
    for file, call in calls("refuse"):
        # A link's server has a `refuse` of its own, for nodes.
        ours = isinstance(call.func, ast.Name) and len(call.args) == 2
        if not ours or not isinstance(call.args[1], ast.Constant):
            continue
        assert has_text(f"errors.{call.args[1].value}"), (file, call.lineno)
        named += 1
    assert named > 50


def test_every_act_has_its_words_and_gives_the_values_they_name() -> None:
    named = 0
    for file, call in calls("record"):
        text = next((k.value for k in call.keywords if k.arg == "text"), None)
        key = text or (call.args[0] if call.args else None)
        if not isinstance(key, ast.Constant):
            continue
        assert has_text(f"acts.{key.value}"), (file, call.lineno)
        given = {keyword.arg for keyword in call.keywords}
        for language in ("zh", "en"):
            wanted = placeholders(catalogue(language)[f"acts.{key.value}"])
            assert wanted <= given, (file, call.lineno, wanted - given)
        named += 1
    assert named > 50


def test_a_pair_of_texts_goes_into_each_language_as_its_own_half() -> None:
    words = both("acts.detection.reviewed", by="王", verdict=Both("确认", "confirmed"), why="")
    assert words == ("王 确认告警。", "Detection confirmed by 王.")


def test_every_order_has_its_words_on_timeline_and_console() -> None:
    bodies = get_args(get_args(CommandBody)[0])
    assert len(bodies) >= 7
    web = ROOT / "web" / "src" / "features"
    for language in ("zh", "en"):
        shown: dict[str, str] = {}
        for feature in ("flights", "cameras"):
            shown |= json.loads((web / feature / f"{language}.json").read_text("utf-8"))
        for body in bodies:
            action = body.model_fields["action"].default
            assert has_text(f"words.action.{action}"), action
            assert shown.get(f"order.{action}"), (language, action)
