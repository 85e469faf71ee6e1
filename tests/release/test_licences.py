"""Everything shipped is listed, under a licence that may be shipped; the page says what is true."""

import json
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from release.licences import PAGE, objections, page, unused
from release.shipped import ROOT, WEB, Component, Policy, ShippedError, load_policy, pinned, shipped

DATA = {
    ".csv",
    ".geojson",
    ".npz",
    ".hgt",
    ".tif",
    ".onnx",
    ".ttf",
    ".otf",
    ".woff2",
    ".png",
    ".svg",
}


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load_policy()


@pytest.fixture(scope="module")
def components(policy: Policy) -> list[Component]:
    try:
        return shipped(policy)
    except ShippedError as error:
        if "make web" in str(error):
            pytest.skip(str(error))
        raise


def test_everything_shipped_may_be_shipped(policy: Policy, components: list[Component]) -> None:
    assert objections(policy, components) == []


def test_the_policy_has_no_entry_that_nothing_needs(
    policy: Policy, components: list[Component]
) -> None:
    assert unused(policy, components) == []


def test_the_page_is_up_to_date(policy: Policy, components: list[Component]) -> None:
    assert PAGE.read_text(encoding="utf-8") == page(policy, components), "run: make licences"


@pytest.mark.parametrize(
    "licence",
    ["SSPL-1.0", "CC-BY-NC-4.0", "MIT AND SSPL-1.0", "LicenseRef-Proprietary", "no such licence"],
)
def test_a_licence_that_nobody_allowed_is_refused(policy: Policy, licence: str) -> None:
    given = Component("python", "newcomer", "1.0", licence)
    (sentence,) = objections(policy, [given])
    assert "newcomer" in sentence
    assert licence in sentence


def test_one_allowed_alternative_is_enough(policy: Policy) -> None:
    assert objections(policy, [Component("npm", "either", "1.0", "SSPL-1.0 OR MIT")]) == []


def test_what_is_for_training_is_refused_as_a_dependency(policy: Policy) -> None:
    (sentence,) = objections(policy, [Component("python", "ultralytics", "8.4", "AGPL-3.0-only")])
    assert "extra only" in sentence


def test_a_distribution_of_unknown_licence_is_told_by_name(policy: Policy) -> None:
    without = replace(policy, python={k: v for k, v in policy.python.items() if k != "lxml"})
    with pytest.raises(ShippedError, match="lxml states no SPDX expression"):
        shipped(without)


def test_a_library_of_unknown_licence_inside_a_wheel_is_told(policy: Policy) -> None:
    without = replace(
        policy, libraries={k: v for k, v in policy.libraries.items() if k != "libx264"}
    )
    with pytest.raises(ShippedError, match="libx264"):
        shipped(without)


def test_encoders_under_gpl_are_listed(components: list[Component]) -> None:
    gpl = {(c.name, c.inside) for c in components if c.licence == "GPL-2.0-or-later"}
    assert gpl == {("libx264", "av"), ("libx265", "av")}


def test_every_pinned_distribution_is_listed(components: list[Component]) -> None:
    listed = {c.name: c.version for c in components if c.kind == "python"}
    assert listed == {name: version for name, (version, _) in pinned().items()}


def test_every_data_file_has_a_licence(policy: Policy) -> None:
    covered = {
        file for entry in policy.files for path in entry["paths"] for file in ROOT.glob(path)
    }
    packages = ("field_api", "fleet", "vision", "mission_plans", "sim")
    missing = [
        file.relative_to(ROOT)
        for package in packages
        for file in (ROOT / package).rglob("*")
        if file.suffix in DATA and not _made(file) and file not in covered
    ]
    assert missing == [], "add them under [[files]] in release/licences.toml"


def _made(file: Path) -> bool:
    return not {"node_modules", "dist"}.isdisjoint(file.parts)


def test_the_program_names_one_licence_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    web = json.loads((WEB / "package.json").read_text(encoding="utf-8"))
    assert web["license"] == project["license"] == "AGPL-3.0-only"
