"""SECURITY.md claims only what a test proves."""

import ast
import re

import pytest

from release.shipped import ROOT

CLAIMS = sorted(
    set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", (ROOT / "SECURITY.md").read_text("utf-8")))
)


def test_there_are_claims() -> None:
    assert len(CLAIMS) > 30


@pytest.mark.parametrize(("file", "name"), CLAIMS)
def test_the_proof_of_a_claim_is_there(file: str, name: str) -> None:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    found = {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert name in found


def test_opencv_opens_no_stream() -> None:
    """Its FFmpeg would, with an OpenSSL that is past its end of support."""
    packages = ("field_api", "fleet", "vision", "mission_plans", "sim")
    using = [
        file
        for package in packages
        for file in (ROOT / package).rglob("*.py")
        if "node_modules" not in file.parts and "VideoCapture" in file.read_text(encoding="utf-8")
    ]
    assert using == []
