"""Browsers: the live socket and the pages."""

from field_api.core.feature import Feature
from field_api.core.services import Services
from field_api.features.accounts.sessions import Sessions
from field_api.links.browsers.hub import Browsers
from field_api.links.browsers.routes import LIVE, router

__all__ = ["FEATURE"]


def _browsers(ctx: Services) -> Browsers:
    browsers = Browsers(ctx)
    ctx.part(Sessions).on_end(browsers.close_session)
    return browsers


FEATURE = Feature(
    name="browsers",
    about="The live socket",
    routers=(router,),
    permissions=(LIVE,),
    parts=(_browsers,),
    follows=lambda ctx, events: ctx.part(Browsers).follow(events),
    hears=lambda ctx, value: ctx.part(Browsers).hear(value),
    starts=lambda ctx: ctx.part(Browsers).start(),
)
