"""The browser's engine and the command post's give the same bytes."""

import asyncio
import hashlib
import importlib.metadata
import io
import json
import os
import re
import shutil
import sys
from pathlib import Path

import pytest
from pypdf import PdfReader

import field_api
from field_api.features.inspections.messages import PaperContent
from field_api.features.inspections.typesetting import template_sha256, typeset
from tests.field_api.inspections.contents import WILD, filled_in, wild

ROOT = Path(field_api.__file__).parents[1]
WEB = ROOT / "field_api" / "web"
COMPILER = "@myriaddreamin/typst-ts-web-compiler"
ENGINES = {"0.8.0-rc3": "0.15.0"}
"""The Typst inside each version of the browser's compiler."""


def pinned(requirements: str) -> str:
    text = (ROOT / "requirements" / requirements).read_text("utf-8")
    found = re.search(r"^typst==(\S+)", text, re.MULTILINE)
    assert found, requirements
    return found[1]


def test_both_engines_are_pinned_to_one_version() -> None:
    wanted = json.loads((WEB / "package.json").read_text("utf-8"))["dependencies"][COMPILER]
    lock = json.loads((WEB / "package-lock.json").read_text("utf-8"))
    locked = lock["packages"][f"node_modules/{COMPILER}"]["version"]
    assert locked == wanted, "pin one version, no range"
    engine = ENGINES[wanted]
    assert {pinned(name) for name in ("run.txt", "dev.txt", "release.txt")} == {engine}
    assert f'"typst=={engine}"' in (ROOT / "pyproject.toml").read_text("utf-8")


def test_the_engine_that_runs_is_the_pinned_one() -> None:
    engine = pinned("run.txt")
    assert importlib.metadata.version("typst") == engine
    about = PdfReader(io.BytesIO(typeset(filled_in("SAMPLE")))).metadata
    assert about is not None
    assert about.creator == f"Typst {engine}"
    assert about.creation_date is None


async def test_fifty_papers_have_the_same_bytes_in_the_browsers_engine(tmp_path: Path) -> None:
    node = shutil.which("node") or shutil.which("node", path=str(Path(sys.executable).parent))
    if node is None or not (WEB / "node_modules" / COMPILER).is_dir():
        pytest.skip("no Node or the web workspace is not installed (make web)")
    sent = [wild(code, seed).model_dump(mode="json") for code, seed in WILD]
    file = tmp_path / "contents.json"
    file.write_text(json.dumps(sent, ensure_ascii=False), "utf-8")
    # As the command post gets them: nothing may change on the way, not even a blank at an end.
    contents = [PaperContent.model_validate_json(json.dumps(content)) for content in sent]
    there = await asyncio.create_subprocess_exec(
        node,
        str(WEB / "src" / "shared" / "typeset" / "papers.node.mjs"),
        str(file),
        cwd=WEB,
        env={**os.environ, "NODE_ENV": "test"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(300):
            said = asyncio.create_task(there.communicate())
            here = await asyncio.to_thread(
                lambda: [
                    {
                        "sha256": hashlib.sha256(typeset(content)).hexdigest(),
                        "template_sha256": template_sha256(content.form),
                    }
                    for content in contents
                ]
            )
            out, errors = await said
    finally:
        if there.returncode is None:
            there.kill()
    assert there.returncode == 0, errors.decode()
    assert len({one["sha256"] for one in here}) == len(contents) == 50
    assert json.loads(out) == here
