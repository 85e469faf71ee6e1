"""The bill of materials names every distribution and package shipped, with what was pinned."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from release.sbom import write
from release.shipped import ROOT, WEB, ShippedError, pinned

VERSION: str = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> str:
    file: Path = tmp_path_factory.mktemp("sbom") / "below" / "xunshan.cdx.json"
    try:
        write(file)
    except ShippedError as error:
        if "make web" in str(error):
            pytest.skip(str(error))
        raise
    return file.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def found(text: str) -> dict[str, dict[str, Any]]:
    return {c["purl"]: c for c in json.loads(text)["components"] if "purl" in c}


def test_it_is_valid_against_the_schema(text: str) -> None:
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    broken = text.replace('"type": "library"', '"type": "a library"', 1)
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(broken) is not None


def test_it_is_about_this_version_of_the_program(text: str) -> None:
    program = json.loads(text)["metadata"]["component"]
    assert (program["name"], program["version"]) == ("xunshan", VERSION)


def test_every_pinned_distribution_is_in_it_with_its_hashes(
    found: dict[str, dict[str, Any]],
) -> None:
    for name, (version, hashes) in pinned().items():
        entry = found[f"pkg:pypi/{name}@{version}"]
        assert hashes
        assert {p["value"] for p in entry["properties"]} == set(hashes)
        assert entry["licenses"]


def test_every_npm_package_of_production_is_in_it(found: dict[str, dict[str, Any]]) -> None:
    lock = json.loads((WEB / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    listed = {purl.replace("%40", "@") for purl in found}
    wanted = {
        f"pkg:npm/{path.rpartition('node_modules/')[2]}@{package['version']}"
        for path, package in lock.items()
        if path and not package.get("dev")
    }
    assert len(wanted) > 50
    assert wanted <= listed


def test_packages_that_are_in_the_pages_are_in_it_though_npm_calls_them_dev(
    found: dict[str, dict[str, Any]],
) -> None:
    names = {purl.split("@")[0] for purl in found}
    # The service worker's parts are bundled by workbox itself.
    assert {"pkg:npm/svelte", "pkg:npm/workbox-core", "pkg:npm/idb"} <= names


def test_libraries_stand_below_the_distribution_they_are_in(
    found: dict[str, dict[str, Any]],
) -> None:
    version = pinned()["av"][0]
    inside = {c["name"] for c in found[f"pkg:pypi/av@{version}"]["components"]}
    assert {"libavcodec", "libx264"} <= inside
