"""The one error of patterns."""

__all__ = ["PatternError"]


class PatternError(ValueError):
    """A pattern can't be laid out; names the field and says why in both languages."""

    def __init__(self, field: str, text_zh: str, text_en: str) -> None:
        super().__init__(f"{field}: {text_en}")
        self.field = field
        self.text_zh = text_zh
        self.text_en = text_en
