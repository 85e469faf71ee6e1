"""Who may see, send and work on tasks."""

from field_api.core.roles import Permission, Role

__all__ = ["TASK_ASSIGN", "TASK_OWN", "TASK_VIEW", "TASK_WORK"]

TASK_VIEW = Permission.of(
    "task.view",
    Role.COMMANDER,
    Role.DUTY_OFFICER,
    Role.PILOT,
    Role.INSPECTOR,
    Role.AUDITOR,
    Role.ADMIN,
)
TASK_OWN = Permission.of("task.own", Role.INSPECTOR, Role.REPORTER)
"""See the tasks of one's own handheld."""
TASK_ASSIGN = Permission.of("task.assign", Role.COMMANDER, Role.DUTY_OFFICER)
TASK_WORK = Permission.of("task.work", Role.INSPECTOR, Role.REPORTER)
"""Receipt and report of one's own handheld."""
