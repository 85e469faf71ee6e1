"""`make licences`: check the licence of everything shipped and write `docs/licences.md`."""

import sys
import tomllib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from license_expression import ExpressionError, LicenseSymbol, get_spdx_licensing
from packaging.requirements import Requirement

from release.shipped import ROOT, WEB, Component, Policy, ShippedError, load_policy, shipped

__all__ = ["PAGE", "objections", "page", "unused"]

PAGE = ROOT / "docs" / "licences.md"

_SPDX = get_spdx_licensing()

_HEAD = """# Licences of what is shipped

Made by `make licences` from the pins, the installed wheels, the built pages and
`release/licences.toml`; a test fails where this page is out of date or a licence is unknown. The
program is under AGPL-3.0-only (`LICENSE`).

The wheel of Xunshan holds the program, the web pages with the npm packages marked "in the pages"
(full texts in `field_api/web/dist/licences.json`), fonts and data. The container image holds the
Python distributions as well, each with its licence texts in its `*.dist-info` folder; the texts of
libraries built into one library without a file of their own are in that distribution (numpy,
onnxruntime `ThirdPartyNotices.txt`, opencv `LICENSE-3RD-PARTY.txt`). The image's Debian packages
have theirs in `/usr/share/doc/*/copyright`. Libraries are those of the wheels for Linux on x86-64.
"""


def _parsed(expression: str) -> Any:
    """Return an SPDX expression as a tree of operators and licences.

    Raises:
        ExpressionError: it is none, or names a licence that SPDX does not know.
    """
    parsed = _SPDX.parse(expression, validate=True)
    if parsed is None:
        raise ExpressionError("no licence")
    return parsed


def _named(policy: Policy, expression: str) -> set[str]:
    """Return the licences of an expression by which the policy knows it."""
    if expression in policy.conditional:
        return {expression}
    return {str(part) for part in _parsed(expression).literals}


def _permits(policy: Policy, expression: str) -> bool:
    known = policy.allowed | set(policy.conditional)
    if expression in known:
        return True
    parsed = _parsed(expression)
    if isinstance(parsed, LicenseSymbol) or not parsed.args:
        return False
    answers = [_permits(policy, str(part)) for part in parsed.args]
    return any(answers) if parsed.operator.strip() == "OR" else all(answers)


def objections(policy: Policy, components: Iterable[Component]) -> list[str]:
    """Return a sentence for everything that may not be shipped."""
    found: list[str] = []
    for component in components:
        try:
            if not _permits(policy, component.licence):
                found.append(
                    f"{component.kind} {component.name} {component.version} is under "
                    f"{component.licence}: neither allowed nor conditional in release/licences.toml"
                )
        except ExpressionError as error:
            found.append(f"{component.kind} {component.name}: {component.licence}: {error}")
        if component.kind == "python" and component.name in policy.only_as_extra:
            found.append(
                f"{component.name} may be an extra only: {policy.only_as_extra[component.name]}"
            )
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = {Requirement(text).name for text in project["dependencies"]}
    found += [
        f"{name} stands among the dependencies: {reason}"
        for name, reason in policy.only_as_extra.items()
        if name in needed
    ]
    return found


def unused(policy: Policy, components: Iterable[Component]) -> list[str]:
    """Return the entries of the policy that nothing shipped needs (any more)."""
    used = {licence for c in components for licence in _named(policy, c.licence)}
    names = {(c.kind, c.name) for c in components}
    versions = {f"{c.name}.{c.version.split('.')[0]}" for c in components if c.kind == "library"}
    return [
        *(sorted((policy.allowed | set(policy.conditional)) - used)),
        *(name for name in policy.python if ("python", name) not in names),
        *(name for name in policy.npm if ("npm", name) not in names),
        *(
            name
            for name in policy.libraries
            if ("library", name) not in names and name not in versions
        ),
    ]


def page(policy: Policy, components: Sequence[Component]) -> str:
    """Return the page as Markdown."""
    conditions = [
        f"| {licence} | {names} | {reason} |"
        for licence, reason in policy.conditional.items()
        if (names := _names(policy, components, licence))
    ]
    extras = [f"* `{name}`: {why}." for name, why in policy.only_as_extra.items()]
    return "\n".join(
        [
            _HEAD,
            "## With conditions\n",
            "| licence | of | why it may be shipped |\n|---|---|---|",
            *conditions,
            "\nOnly as an extra that its users install for themselves:\n",
            *extras,
            "\n## Python distributions\n\n| distribution | version | licence |\n|---|---|---|",
            *_lines(components, "python", lambda c: (c.name, c.version, c.licence)),
            "\n## Libraries inside them\n\n| library | version | in | licence |\n|---|---|---|---|",
            *_lines(components, "library", lambda c: (c.name, c.version, c.inside, c.licence)),
            "\n## npm packages\n",
            "| package | version | licence | in the pages |\n|---|---|---|---|",
            *_lines(
                components,
                "npm",
                lambda c: (c.name, c.version, c.licence, "yes" if c.bundled else ""),
            ),
            "\n## Fonts, data, model\n\n| what | files | licence | from |\n|---|---|---|---|",
            *_lines(components, "file", lambda c: (c.name, c.inside, c.licence, c.source)),
            *_texts(components),
            "",
        ]
    )


def _lines(
    components: Iterable[Component], kind: str, cells: Callable[[Component], Iterable[object]]
) -> list[str]:
    """Return the lines of a table, one for each component of a kind."""
    return [f"| {' | '.join(map(str, cells(c)))} |" for c in components if c.kind == kind]


def _texts(components: Iterable[Component]) -> list[str]:
    """Return the licence texts of packages that are in the service worker, which Vite can't see."""
    names: dict[str, list[str]] = {}
    for component in components:
        if component.in_worker:
            file = WEB / "node_modules" / component.name / "LICENSE"
            names.setdefault(file.read_text(encoding="utf-8").strip(), []).append(component.name)
    lines = ["\n## Texts of packages in the service worker"]
    for text, packages in names.items():
        lines += [f"\n{', '.join(packages)}:\n", "```", text, "```"]
    return lines


def _names(policy: Policy, components: Iterable[Component], licence: str) -> str:
    names = {
        f"{c.name} (in {c.inside})" if c.kind == "library" else c.name
        for c in components
        if licence in _named(policy, c.licence)
    }
    return ", ".join(sorted(names, key=str.lower))


def main(target: Path = PAGE) -> int:
    """Write the page; return 1 and say why where something may not be shipped."""
    policy = load_policy()
    try:
        components = shipped(policy)
    except ShippedError as error:
        print(error, file=sys.stderr)
        return 1
    if bad := objections(policy, components):
        print("\n".join(bad), file=sys.stderr)
        return 1
    target.write_text(page(policy, components), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
