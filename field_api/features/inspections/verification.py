"""What anybody who holds a paper may ask: whether it is real, and whether it still stands."""

import threading
from collections import OrderedDict

from sqlmodel import Session

from field_api.core.errors import ApiError, refuse
from field_api.core.services import Services
from field_api.features.inspections.calendar import local_day
from field_api.features.inspections.forms import form_of
from field_api.features.inspections.messages import VerificationView
from field_api.features.inspections.tables import Paper, PaperState

__all__ = ["VerificationLimits", "verify"]

WINDOW_MS = 60_000
MOST_A_WINDOW = 30
MOST_SOURCES = 10_000


class VerificationLimits:
    """How often one source may ask in a minute; may be used from any thread."""

    def __init__(self, ctx: Services) -> None:
        self._ctx = ctx
        self._lock = threading.Lock()
        self._asked: OrderedDict[str, tuple[int, int]] = OrderedDict()

    def admit(self, source: str) -> ApiError | None:
        """Count one question; return the refusal where there were too many."""
        now_ms = self._ctx.clock()
        with self._lock:
            began_ms, count = self._asked.pop(source, (now_ms, 0))
            if now_ms - began_ms >= WINDOW_MS:
                began_ms, count = now_ms, 0
            self._asked[source] = (began_ms, count + 1)
            if len(self._asked) > MOST_SOURCES:
                self._asked.popitem(last=False)
        if count < MOST_A_WINDOW:
            return None
        seconds = max(1, -(-(began_ms + WINDOW_MS - now_ms) // 1000))
        error = refuse(429, "too_many_verifications", seconds=seconds)
        error.retry_after_s = seconds
        return error


def verify(session: Session, paper_id: str) -> VerificationView:
    """Return what a paper's code leads to.

    Raises:
        ApiError: 404, no paper of this id was issued.
    """
    row = session.get(Paper, paper_id)
    if row is None or row.state in (PaperState.DRAFT, PaperState.DROPPED):
        raise refuse(404, "no_issued_paper")
    form = form_of(row.form)
    tier = row.content["office"]["tier"] if row.content is not None else "bureau"
    return VerificationView(
        paper_id=row.id,
        form=row.form,
        title=form.title(tier).zh if form is not None else row.form,
        state=row.state,
        issue=row.issue,
        sha256=row.sha256,
        issued_day=row.day or (local_day(row.issued_ms) if row.issued_ms else None),
        replaced_by=row.replaced_by,
    )
