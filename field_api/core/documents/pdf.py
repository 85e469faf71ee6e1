"""PDF from a Typst template and plain data: the same data give the same bytes."""

import json
from pathlib import Path

import typst
from pydantic import BaseModel

__all__ = ["render_pdf"]

FONTS = Path(__file__).parent / "fonts"


def render_pdf(template: Path, data: BaseModel) -> bytes:
    """Return a document as PDF with the fonts of this package only.

    Args:
        template: a `.typ` file that reads its data from `sys.inputs.data` (JSON).
        data: what it shows.
    """
    text = json.dumps(data.model_dump(mode="json"), ensure_ascii=False)
    return typst.compile(
        str(template),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        sys_inputs={"data": text},
        format="pdf",
    )
