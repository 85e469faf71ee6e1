"""Every feature's tables, imported so that the schema is complete."""

from sqlmodel import SQLModel

from field_api.accounts import models as accounts
from field_api.applications import models as applications
from field_api.audit import models as audit
from field_api.detections import models as detections
from field_api.flown import models as flown
from field_api.incidents import models as incidents
from field_api.likelihood import models as likelihood
from field_api.media import models as media
from field_api.nodes import models as nodes
from field_api.plans import models as plans
from field_api.roster import models as roster
from field_api.sorties import models as sorties
from field_api.tasks import models as tasks
from field_api.terminals import models as terminals

__all__ = ["metadata"]

FEATURES = (
    accounts,
    applications,
    audit,
    detections,
    flown,
    incidents,
    likelihood,
    media,
    nodes,
    plans,
    roster,
    sorties,
    tasks,
    terminals,
)
metadata = SQLModel.metadata
