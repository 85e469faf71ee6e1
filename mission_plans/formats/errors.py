"""The one error of plan files."""

__all__ = ["PlanFileError"]


class PlanFileError(ValueError):
    """A file can't be used; the text names the line or field and what is allowed."""

    def __init__(self, where: str, text: str) -> None:
        super().__init__(f"{where}: {text}")
        self.where = where
