"""The probability map of an incident: the table."""

from field_api.core.columns import integer64, shape
from field_api.core.records import Record
from field_api.features.likelihood.messages import MakeLikelihood

__all__ = ["LikelihoodRecord"]


class LikelihoodRecord(Record, table=True):
    """What an incident's map is made from; its id is the incident's, the newest replaces."""

    body: MakeLikelihood = shape(MakeLikelihood)
    revision: int = 1
    made_ms: int = integer64()
    made_by: str
