"""Who may see the map's ground."""

from field_api.core.roles import Permission, Role

__all__ = ["MAP_VIEW"]

MAP_VIEW = Permission.of("map.view", *Role)
