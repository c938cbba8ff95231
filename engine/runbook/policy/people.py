"""People and groups: from the name that a system knows somebody by to the person that a policy means.

A person is a name under `people`. Who is not listed there gets a name that no list can contain (`os:bob`), so
that an OS user who happens to be called like a person or a group never passes for one. Without a Policy
document there is nobody to tell apart: the OS user is everyone.
"""

from __future__ import annotations

from collections.abc import Iterable

from runbook.document.findings import Finding
from runbook.document.model import Policy
from runbook.document.suggest import did_you_mean
from runbook.errors import DocumentError

UNLISTED = "os:"


class People:
    """The people of a policy, seen by one OS user. `path` is the policy's file, for messages.

    DocumentError when two people have the same OS user (nobody could say which of them is there), or somebody
    is called like a person who is not listed.
    """

    def __init__(self, policy: Policy | None, user: str, *, path: str = "policy.yaml") -> None:
        self.policy = policy
        self._path = path
        self._by_user: dict[str, str] = {}
        for name, person in (policy.people if policy else {}).items():
            if name.startswith(UNLISTED):
                raise self._error("RB030", f"'{name}' is what somebody is called who is not listed", "rename it")
            if person.user and self._by_user.setdefault(person.user, name) != name:
                message = f"'{self._by_user[person.user]}' and '{name}' have the same user, '{person.user}'"
                raise self._error("RB030", message, "give each person a user of their own")
        self._unshared()
        self.me = self.named(user)

    def named(self, user: str) -> str:
        """The person whose OS user this is; `os:<user>` for somebody whom the policy does not list."""
        if self.policy is None:
            return user
        return self._by_user.get(user) or f"{UNLISTED}{user}"

    def keys(self, person: str) -> tuple[str, ...]:
        """The public keys that the policy lists for a person, without comments; none for who is not listed."""
        listed = self.policy.people.get(person) if self.policy is not None else None
        return tuple(" ".join(key.split()[:2]) for key in listed.keys) if listed is not None else ()

    def _unshared(self) -> None:
        """A key is one person's: by a shared one nobody could say who has signed."""
        of: dict[str, str] = {}
        for name in self.policy.people if self.policy is not None else ():
            for key in self.keys(name):
                if of.setdefault(key, name) != name:
                    message = f"'{of[key]}' and '{name}' have the same key, {key[:40]}…"
                    raise self._error("RB030", message, "give each person a key of their own")

    def members(self, names: Iterable[str]) -> frozenset[str]:
        """All persons of a list of people and groups; DocumentError for a name that is neither.

        Without a policy that is the OS user, whatever the list says.
        """
        if self.policy is None:
            return frozenset({self.me})
        return frozenset(person for name in names for person in self._persons(self.policy, name))

    def runners(self) -> frozenset[str]:
        """All persons known who may start, resume and abort runs."""
        if self.policy is None:
            return frozenset({self.me})
        return self.members(self.policy.people if self.policy.run is None else self.policy.run.from_)

    def _persons(self, policy: Policy, name: str) -> tuple[str, ...]:
        if name in policy.people:
            return (name,)
        if name not in policy.groups:
            hint = did_you_mean(name, [*policy.people, *policy.groups])
            raise self._error("RB054", f"the policy has no person or group '{name}'", hint)
        return policy.groups[name]

    def _error(self, code: str, message: str, hint: str | None) -> DocumentError:
        return DocumentError([Finding(path=self._path, line=1, column=1, code=code, message=message, hint=hint)])
