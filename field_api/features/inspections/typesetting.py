"""Setting papers: the same content gives the same bytes here and on a handheld.

The handheld bundles the same templates and fonts with the same engine (Typst 0.15.0), see
`web/src/shared/typeset/`.
"""

import hashlib
import json
from pathlib import Path

import typst

from field_api.core.documents.pdf import FONTS
from field_api.features.inspections.forms import form_of
from field_api.features.inspections.messages import PaperContent

__all__ = ["TEMPLATES", "template_of", "template_sha256", "typeset"]

TEMPLATES = Path(__file__).parent / "templates"
SHARED = ("layout.typ", "values.typ")
"""What every template imports."""


def template_of(form_code: str) -> Path:
    """Return the template of a form.

    Raises:
        ValueError: there is no such form.
    """
    if form_of(form_code) is None:
        msg = f"no form is called {form_code!r}"
        raise ValueError(msg)
    return TEMPLATES / f"{form_code.lower()}.typ"


def template_sha256(form_code: str) -> str:
    """Return the hash of all that shapes a form's papers: its template and the shared ones.

    Raises:
        ValueError: there is no such form.
    """
    digest = hashlib.sha256()
    for path in (template_of(form_code), *(TEMPLATES / name for name in SHARED)):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def typeset(content: PaperContent) -> bytes:
    """Return a paper as PDF.

    Raises:
        ValueError: there is no such form.
    """
    data = json.dumps(content.model_dump(mode="json"), ensure_ascii=False)
    return typst.compile(
        str(template_of(content.form)),
        root=str(TEMPLATES),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        sys_inputs={"data": data},
        format="pdf",
    )
