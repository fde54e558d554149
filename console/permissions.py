"""Who may do what in the console: each permission with the roles that have it.

The use cases check the role once more. That nobody approves what they wrote is a rule of campaigns.
"""

EVERYBODY = frozenset({"viewer", "sender", "approver", "admin"})
_WRITE = frozenset({"sender", "admin"})
_WORK = frozenset({"sender", "approver", "admin"})
_APPROVE = frozenset({"approver", "admin"})
_ADMIN = frozenset({"admin"})

PERMISSIONS = {
    "home": EVERYBODY,
    "me": EVERYBODY,
    "campaign.see": EVERYBODY,
    "campaign.make": _WRITE,
    "campaign.run": _WORK,
    "campaign.approve": _APPROVE,
    "inbox.see": EVERYBODY,
    "task.answer": _WORK,
    "number.show": _WORK,
    "stop.change": _WORK,
    "stop.lift": _WRITE,
    "reply.send": _WORK,
    "template.see": EVERYBODY,
    "template.write": _WRITE,
    "call.see": EVERYBODY,
    "menu.see": EVERYBODY,
    "notice.make": _WRITE,
    "export": _WORK,
    "log.see": _APPROVE,
    "staff.manage": _ADMIN,
}

WITH_FACTOR = _APPROVE
"""Roles that reach nothing but their own account without a second factor, where it is required."""


def allowed(role: str, permission: str) -> bool:
    """Whether the role has the permission. Raises ``KeyError`` for one that there is not."""
    return role in PERMISSIONS[permission]
