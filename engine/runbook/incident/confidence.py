"""Who is shown a confidential incident without asking for it.

Not a lock: whoever can read the store can read its records. It keeps what is confidential from a screen where nobody
meant to look at it, and from lists that are passed on.
"""

from __future__ import annotations

from runbook.document.catalog import Catalog
from runbook.incident.history import Incident
from runbook.policy.people import People


def may_see(people: People, catalog: Catalog, incident: Incident) -> bool:
    """True for what is open to all; else for who declared it, who has a role in it, and the type's team and escalation.

    A team is the policy's group, or person, of that name, in upper or lower case.
    """
    if not incident.confidential:
        return True
    me = people.me
    if me == incident.declared_by or me in (holder.person for holder in incident.roles.values()):
        return True
    class_ = catalog.class_(incident.type)
    if class_ is None or people.policy is None:
        return False
    named = {name.casefold() for name in (*class_.team, *class_.escalation)}
    groups = [group for group in people.policy.groups if group.casefold() in named]
    return me.casefold() in named or me in people.members(groups)
