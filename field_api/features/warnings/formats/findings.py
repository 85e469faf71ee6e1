"""What is found in a warning file, by element and line, in both languages."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal
from xml.etree.ElementTree import Element

from field_api.core.errors import Finding
from field_api.core.texts import both
from field_api.features.warnings.formats.model import Alert
from mission_plans.formats.xml_text import line_of, local_name

__all__ = ["Format", "Notes", "Reading", "UnreadableError", "UnwritableError", "Verdict", "found"]

MOST_FINDINGS = 100


class Verdict(StrEnum):
    """What a file is worth."""

    VALID = "valid"
    """By the letter."""
    REMARKS = "remarks"
    """Understood; what is wrong or was passed over is named."""
    REFUSED = "refused"
    """Not taken, and why."""


Format = Literal["cap-1.0", "cap-1.1", "cap-1.2", "national"]


@dataclass(frozen=True, slots=True)
class Reading:
    """A file that was read."""

    format: Format | None
    alert: Alert | None
    """None where the file is refused."""
    findings: list[Finding] = field(default_factory=list[Finding])

    @property
    def verdict(self) -> Verdict:
        """What the file is worth."""
        if self.alert is None:
            return Verdict.REFUSED
        return Verdict.REMARKS if self.findings else Verdict.VALID


class UnreadableError(ValueError):
    """A file is refused for one reason."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(f"{finding.where} {finding.name}: {finding.text_en}")
        self.finding = finding


class UnwritableError(ValueError):
    """A message can't be written as a valid file."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__("; ".join(f"{each.name}: {each.text_en}" for each in findings))
        self.findings = findings


def found(key: str, name: str, where: str = "", /, **values: object) -> Finding:
    """Return a finding whose words stand in the catalogues as `warning_file.KEY`."""
    text = both(f"warning_file.{key}", **values)
    return Finding(where=where, name=name, text_zh=text.zh, text_en=text.en)


class Notes:
    """Collects what is found while a file is read."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def add(self, key: str, at: Element, /, **values: object) -> None:
        """Note something of an element."""
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(found(key, local_name(at), line_of(at), **values))

    def refuse(self, key: str, at: Element, name: str = "", /, **values: object) -> UnreadableError:
        """Return the refusal of a file for the sake of an element, or of one that it lacks."""
        return UnreadableError(found(key, name or local_name(at), line_of(at), **values))
