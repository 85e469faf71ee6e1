"""The one error of plan files, in both languages."""

__all__ = ["PlanFileError", "TooMuchError"]


class PlanFileError(ValueError):
    """A file can't be used; the text names the line or field and what is allowed."""

    def __init__(self, where: str, zh: str, en: str) -> None:
        super().__init__(f"{where}: {zh} / {en}")
        self.where = where
        self.zh = zh
        self.en = en


class TooMuchError(PlanFileError):
    """The whole file is over a limit, whatever its parts are worth."""
