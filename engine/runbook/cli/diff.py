"""`runbook diff`: what a change of runbooks means, riskiest first, before it is merged."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from runbook.cli.options import examples
from runbook.cli.session import Session
from runbook.errors import DocumentError, Exit, UsageError

if TYPE_CHECKING:
    from runbook.clients.git import Repository
    from runbook.hosts.comparing import Comparison
    from runbook.hosts.trees import Tree


class Options(NamedTuple):
    """What `diff` was asked for. No words: what is not committed yet."""

    words: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    fail_on: str = "never"
    output: str = "text"


class Trees(NamedTuple):
    """Both sides: their trees, the project's folder in each, what findings of the base begin with, and who wrote it."""

    before: Tree
    after: Tree
    roots: tuple[str, str] = ("", "")
    label: str = ""
    authors: tuple[str, ...] = ()
    config: str | None = None


@click.command(
    "diff",
    epilog=examples(
        "diff                              # what is not committed yet",
        "diff origin/main                  # the working tree beside main",
        "diff origin/main...HEAD --output markdown --fail-on danger   # in CI",
        "diff old.yaml new.yaml            # two files, or two folders",
    ),
)
@click.argument("words", nargs=-1, metavar="[BASE[..HEAD] | OLD NEW]")
@click.option(
    "--author",
    "authors",
    multiple=True,
    metavar="NAME",
    help="Who wrote the change: a person of the policy, a login or an address. Default: the authors of the commits.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["danger", "caution", "never"]),
    default="never",
    show_default=True,
    help="What makes the exit code 3.",
)
@click.option(
    "--output",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    show_default=True,
    help="Text for people, JSON for scripts, Markdown for a comment on a pull request; to stdout.",
)
@click.pass_obj
def command(session: Session, words: tuple[str, ...], authors: tuple[str, ...], fail_on: str, output: str) -> int:
    """Say what a change of runbooks, policy, configuration, scripts and templates means, riskiest first.

    BASE..HEAD compares two commits, BASE...HEAD the head with where it left the base, BASE the working tree. The base's
    scenarios are played against the head. Reads the repository's objects; nothing is checked out.
    """
    return diff(session, Options(words, authors, fail_on, output))


def diff(session: Session, options: Options) -> Exit:
    """0, or 3 with a meaning of the level that counts; 3 as well for documents that cannot be compared."""
    trees = _trees(session, options.words)
    comparison = _compared(session, trees, options.authors)
    exit_ = _exit(comparison, options.fail_on)
    if options.output == "json":
        from runbook.report.diff import diff_object

        return session.result(diff_object(*comparison), exit_)
    if options.output == "markdown":
        from runbook.report.diff_markdown import diff_markdown

        session.print(diff_markdown(comparison.before, comparison.after, comparison.meanings).rstrip("\n"))
        return exit_
    _told(session, comparison)
    return exit_


def _compared(session: Session, trees: Trees, authors: tuple[str, ...]) -> Comparison:
    from runbook.hosts.comparing import compared

    try:
        return compared(
            trees.before,
            trees.after,
            session.project.specs,
            roots=trees.roots,
            label=trees.label,
            config=trees.config,
            authors=authors or trees.authors,
        )
    except DocumentError as error:
        base = [finding for finding in error.findings if trees.label and finding.path.startswith(trees.label)]
        side = "the base" if base and len(base) == len(error.findings) else "one side"
        session.say(f"nothing was compared: {side} has documents that cannot be used")
        raise


def _exit(comparison: Comparison, fail_on: str) -> Exit:
    from runbook.authoring.diff.codes import Level

    counted = {"danger": (Level.DANGER,), "caution": (Level.DANGER, Level.CAUTION)}.get(fail_on, ())
    return Exit.INVALID if any(one.level in counted for one in comparison.meanings) else Exit.OK


def _told(session: Session, comparison: Comparison) -> None:
    from runbook.report.diff import diff_summary, diff_text
    from runbook.report.safe import shown

    if comparison.meanings:
        session.print(diff_text(comparison.meanings, session.out_style))
    played = f"; {comparison.scenarios} scenarios of the base played" if comparison.scenarios else ""
    played += f", {comparison.left} not, for there are too many" if comparison.left else ""
    documents = f"{comparison.documents} document{'' if comparison.documents == 1 else 's'} changed"
    session.say(f"{shown(comparison.before)} → {shown(comparison.after)}: {documents}{played}")
    session.say(diff_summary(comparison.meanings))


# --- what is compared -------------------------------------------------------------------------------------------


def _trees(session: Session, words: tuple[str, ...]) -> Trees:
    paths = [Path(word) for word in words]
    if len(words) == 2 and all(path.exists() for path in paths):
        return _on_disk(*paths)
    if len(words) > 2:
        raise UsageError("`diff` compares two sides", hint="name BASE..HEAD, or two files, or two folders")
    return _of_repository(session, words)


def _on_disk(old: Path, new: Path) -> Trees:
    from runbook.hosts.trees import OnDisk, Single

    if old.is_dir() != new.is_dir():
        raise UsageError(f"{old} and {new} are a folder and a file", hint="name two files, or two folders")
    if old.is_dir():
        return Trees(OnDisk(old, str(old)), OnDisk(new, str(new)), label=f"{old}/")
    return Trees(Single(old, new.as_posix()), Single(new, new.as_posix()), label=f"{old}: ")


def _of_repository(session: Session, words: tuple[str, ...]) -> Trees:
    from runbook.clients.git import opened
    from runbook.hosts.trees import Committed, working_tree

    project = session.project
    repository = opened(project.root, session.environ)
    base, parted, head = _revisions(words)
    tip, end = repository.resolve(base), repository.resolve(head or "HEAD")
    start = repository.fork(tip, end) if parted else tip
    if not parted and _has_gone_on(repository, tip, end):
        session.say(f"{base} has gone on since; `runbook diff {base}...{head or 'HEAD'}` shows the change alone")
    authors = [name for commit in repository.between(tip, end) for name in (commit.author_email, commit.author)]
    after: Tree
    if head is None:
        after = working_tree(repository)
        authors += repository.whoever()
    else:
        after = Committed(repository, end, _called(head, end))
    before = Committed(repository, start, _called(base, start))
    root = repository.prefix
    config = project.config_path.name if project.config_path else None
    return Trees(before, after, (root, root), f"{base}:", tuple(dict.fromkeys(filter(None, authors))), config)


def _has_gone_on(repository: Repository, base: str, head: str) -> bool:
    """Whether the base has commits that the head has not; nobody can tell in a clone that is cut off between them."""
    from runbook.clients.git import UnknownRevision

    try:
        return repository.fork(base, head) != base
    except UnknownRevision:
        return False


def _revisions(words: tuple[str, ...]) -> tuple[str, bool, str | None]:
    """The base, whether it is compared from where the two parted, and the head: None for the working tree."""
    if len(words) == 2:
        return words[0], False, words[1]
    [word] = words or ("HEAD",)
    for dots in ("...", ".."):
        base, found, head = word.partition(dots)
        if found:
            return base or "HEAD", dots == "...", head or ("HEAD" if dots == "..." else None)
    return word, False, None


def _called(revision: str, commit: str) -> str:
    return commit[:12] if commit.startswith(revision) else f"{revision} ({commit[:12]})"
