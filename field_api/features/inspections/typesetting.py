"""Which template sets which form."""

from pathlib import Path

__all__ = ["template_of"]

_FOLDER = Path(__file__).parent / "templates"


def template_of(form_code: str) -> Path:
    """Return the Typst template of a form: its own where there is one, else the common one."""
    own = _FOLDER / f"{form_code.lower()}.typ"
    return own if own.exists() else _FOLDER / "paper.typ"
