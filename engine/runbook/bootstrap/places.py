"""What a run needs of its project, put together: its place, the secrets that it may ask for, how it is sealed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runbook.clients.secrets import Secrets

if TYPE_CHECKING:
    from runbook.bootstrap import Project
    from runbook.hosts.place import Place
    from runbook.hosts.sealing import Sealing


def place_of(project: Project) -> Place:
    """All that a run needs of the project."""
    from runbook.hosts.connections import Connections
    from runbook.hosts.place import Place
    from runbook.policy.auto import policy_digest

    secrets = secrets_of(project)
    return Place(
        journal=project.journal,
        project=project.root,
        environ=project.environ,
        connections=Connections(project.config.connections, secrets.resolve),
        secrets=secrets,
        channels=project.config.channels,
        people=project.people,
        policy_digest=policy_digest(project.bytes_of(project.policy_file)) if project.policy_file else None,
        attempts=project.attempts,
        layout=project.layout,
        specs=project.specs,
        console=project.console,
        sealing=sealing_of(project, secrets),
    )


def sealing_of(project: Project, secrets: Secrets | None = None) -> Sealing | None:
    """How its runs are sealed; None where the config does not say."""
    seals = project.config.seals
    if seals is None:
        return None
    from runbook.hosts.publishing import Places
    from runbook.hosts.sealing import Sealing

    secrets = secrets or secrets_of(project)
    places = Places(
        seals.publish,
        project=project.root,
        environ=project.environ,
        channels=project.config.channels,
        secret=secrets.resolve,
        console=project.console,
    )
    return Sealing(
        seals, journal=project.journal, project=project.root, secrets=secrets, places=places, tell=project.console
    )


def secrets_of(project: Project) -> Secrets:
    """What resolves references. Whatever it finds is masked from then on; what is too short for that is said."""

    def learned(secret: str) -> None:
        warning = project.masker.add(secret)
        if warning:
            project.console(f"warning: {warning}")

    return Secrets(project.environ, project.root, learned)
