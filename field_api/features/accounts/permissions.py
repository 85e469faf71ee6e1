"""Who may look after accounts and devices.

The three administrative roles are apart (GB/T 22239): who runs accounts can't read the trail away,
and who reads the trail can't act.
"""

from field_api.core.roles import Permission, Role

__all__ = ["ACCOUNT_UNLOCK", "AUDIT_READ", "GUEST_INVITE", "USER_ADMIN"]

USER_ADMIN = Permission.of("user.admin", Role.ADMIN)
"""Accounts, areas, devices and nodes."""
ACCOUNT_UNLOCK = Permission.of("account.unlock", Role.COMMANDER, Role.DUTY_OFFICER, Role.ADMIN)
"""Break-glass: open a locked account in an emergency, with a reason on record."""
GUEST_INVITE = Permission.of("guest.invite", Role.COMMANDER)
"""Show one incident to a neighbour for some hours (story C14)."""
AUDIT_READ = Permission.of("audit.read", Role.AUDITOR)
