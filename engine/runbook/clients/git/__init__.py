"""A git repository, read from its object database: commits, the files of a tree, their bytes. Never a checkout.

    repository = opened(folder, environ)                 NotARepository
    commit = repository.resolve("origin/main")           full hash; UnknownRevision
    fork = repository.fork("origin/main", "HEAD")        where two histories parted; UnknownRevision
    files = repository.files(commit, "ops/runbooks")     {path below the folder: File(mode, oid)}; {} if there is none
    file = repository.entry(commit, "ops/policy.yaml")   File, or None where there is nothing
    data = repository.bytes_of([files["a.yaml"].oid])    {oid: bytes, or its size where it is larger than `most`}
    data = repository.blob(oid)                          bytes; GitFailed where it is larger than `most`
    about = repository.about(commit)                     Commit: author, committer, when, subject
    between = repository.between(base, head)             the Commits that head has and base has not, newest first
    when = repository.fetched("origin/main")             when the clone last heard of a remote's branch, or None
    names = repository.present("ops")                    files of the working tree: known to git, or new and not ignored
    linked = repository.submodules()                     {path: oid} of other repositories, as the index has them
    repository.tag("seals/run/1/7", data)                a tag that is these bytes; GitFailed where another has the name
    tagged = repository.tagged("seals/run/1")            {name: bytes} of such tags below a name
    me = repository.whoever()                            addresses that the next commit here would have; () for none

A repository is somebody else's text: nothing that its config, attributes, hooks or replaced objects say makes git run
a program, fetch an object or read another tree. So no `log`, `diff` or `show` (filters, signatures, external differs),
only plumbing (`state.py` alone asks for the status, which is the working tree's, with every filter of the config
switched off); no variable `GIT_…` is passed on; a name that begins with `-` is no revision. Submodules (mode 160000)
and symbolic links (120000) are listed as what they are, and nobody follows them. Paths are `str` as `os.fsdecode`
gives them.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

from runbook.clients.git.calls import LONG, GitFailed, last, run
from runbook.clients.git.commits import Commit, parsed
from runbook.errors import UsageError

LINK: Final = "120000"
SUBMODULE: Final = "160000"
LARGEST: Final = 16 * 1024 * 1024  # bytes of a blob that are read unless somebody asks for more
_MOST_COMMITS: Final = 500
_LISTING: Final = 64 * 1024 * 1024


class NotARepository(UsageError):
    """There is no git repository here, or git does not want to read it."""

    code = "not-a-repository"


class UnknownRevision(UsageError):
    """The repository has no such commit, or it was cut off where it would be."""

    code = "unknown-revision"


class File(NamedTuple):
    """An entry of a tree: `mode` as git writes it (100644, 100755, 120000, 160000), and the object."""

    mode: str
    oid: str

    @property
    def regular(self) -> bool:
        """Whether it is a file, and neither a link nor another repository."""
        return self.mode not in (LINK, SUBMODULE)


class Repository:
    """A repository with a working tree: `root` is its top folder, `prefix` the way from there to what was asked for."""

    def __init__(self, root: Path, prefix: str, environ: Mapping[str, str]) -> None:
        self.root = root
        self.prefix = prefix
        self._environ = environ

    def resolve(self, revision: str) -> str:
        """The commit that a branch, tag or hash means; UnknownRevision."""
        if not revision or revision.startswith("-") or not revision.isprintable():
            raise UnknownRevision(f"{revision!r} cannot be a revision", hint="name a commit, a branch or a tag")
        code, out, err = self._said("rev-parse", "--verify", f"{revision}^{{commit}}")
        if code == 0:
            return out.decode("ascii", "replace").strip()
        if b"ambiguous" in err:
            raise UnknownRevision(f"{revision} means more than one object", hint="write more of the hash")
        raise UnknownRevision(f"the repository has no commit {revision}", hint=self._cut_off() or _FETCH)

    def fork(self, one: str, other: str) -> str:
        """The last commit that two histories have in common; UnknownRevision where there is none to be seen."""
        commits = self.resolve(one), self.resolve(other)
        code, out, _ = self._said("merge-base", *commits)
        if code == 0:
            return out.decode("ascii", "replace").split()[0]
        hint = self._cut_off() or f"compare the two as they are: {one}..{other}"
        raise UnknownRevision(f"{one} and {other} have no commit in common", hint=hint)

    def files(self, commit: str, path: str = "") -> dict[str, File]:
        """The entries below a folder of a commit's tree, links and submodules too, by path from that folder."""
        folder = path.strip("/")
        code, out, err = self._said("ls-tree", "-r", "-z", f"{commit}:{folder}", output=_LISTING)
        if code != 0:
            if folder and not self._is_tree(commit, folder):
                return {}
            raise GitFailed(f"the tree of {commit[:12]} cannot be read: {last(err)}", hint=_PARTIAL)
        found = {}
        for entry in filter(None, out.split(b"\0")):
            about, _, name = entry.partition(b"\t")
            mode, _, oid = about.decode("ascii").split(" ")
            found[os.fsdecode(name)] = File(mode, oid)
        return found

    def entry(self, commit: str, path: str) -> File | None:
        """One entry of a commit's tree; None where nothing has that path."""
        code, out, err = self._said("ls-tree", "-z", "--full-tree", commit, "--", f":(literal){path.strip('/')}")
        if code != 0:
            raise GitFailed(f"the tree of {commit[:12]} cannot be read: {last(err)}", hint=_PARTIAL)
        words = out.partition(b"\t")[0].decode("ascii").split(" ")
        return File(words[0], words[2]) if len(words) == 3 else None

    def fetched(self, revision: str) -> datetime | None:
        """When a remote's branch was last fetched, whatever came of it; None for what no fetch brings up to date."""
        code, out, _ = self._said("rev-parse", "--verify", "--symbolic-full-name", revision)
        name = os.fsdecode(out).strip()
        if code != 0 or not name.startswith("refs/remotes/"):
            return None
        argv = [word for file in ("FETCH_HEAD", name, "packed-refs") for word in ("--git-path", file)]
        _, out, _ = self._said("rev-parse", "--git-common-dir", *argv)
        folder, own, *others = (self.root / os.fsdecode(line) for line in out.splitlines())
        heard = [at for file in (own, folder / "FETCH_HEAD") if (at := _touched(file))]
        heard = heard or [at for file in others if (at := _touched(file))]  # never fetched since it was cloned
        return max(heard, default=None)

    def bytes_of(self, oids: Iterable[str], most: int = LARGEST) -> dict[str, bytes | int]:
        """The bytes of blobs, all read at once; of one with more than `most` bytes, its size."""
        sizes = self._sizes(dict.fromkeys(oids))
        wanted = [oid for oid, size in sizes.items() if size <= most]
        found: dict[str, bytes | int] = dict(sizes)
        total = sum(sizes[oid] + len(oid) + 32 for oid in wanted)
        found.update(self._objects(wanted, b"blob", total))
        return found

    def blob(self, oid: str, most: int = LARGEST) -> bytes:
        """The bytes of one blob; GitFailed where it has more than `most`."""
        data = self.bytes_of([oid], most)[oid]
        if isinstance(data, int):
            raise GitFailed(f"the object {oid[:12]} has {data:,} bytes; {most:,} are read at most")
        return data

    def about(self, commit: str) -> Commit:
        """What a commit says of itself."""
        return self._commits([commit])[0]

    def between(self, base: str, head: str) -> list[Commit]:
        """The newest commits (500 at most) that `head` has and `base` has not, newest first."""
        code, out, err = self._said("rev-list", f"--max-count={_MOST_COMMITS}", head, f"^{base}")
        if code != 0:
            raise GitFailed(f"the history of {head[:12]} cannot be read: {last(err)}", hint=self._cut_off())
        return self._commits(out.decode("ascii").split())

    def present(self, path: str = "") -> list[str]:
        """Files below a folder of the working tree that git knows, or that are new and not ignored, in order."""
        folder = self.root / path
        if not folder.is_dir():
            return []
        argv = ("ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", ".")
        code, out, err = self._said(*argv, output=_LISTING, cwd=folder)
        if code != 0:
            raise GitFailed(f"the files of {folder} cannot be listed: {last(err)}")
        return sorted({os.fsdecode(name) for name in out.split(b"\0") if name})

    def submodules(self) -> dict[str, str]:
        """The commits of other repositories, by path from the root, as the index has them."""
        code, out, _ = self._said("ls-files", "-s", "-z", output=_LISTING)
        entries = (entry.partition(b"\t") for entry in out.split(b"\0") if entry and code == 0)
        found = ((about.decode("ascii").split(" "), os.fsdecode(name)) for about, _, name in entries)
        return {name: about[1] for about, name in found if about[0] == SUBMODULE}

    def whoever(self) -> tuple[str, ...]:
        """The address and the name that git would write into the next commit, as far as they are configured."""
        asked = (self._said("config", "--get", key) for key in ("user.email", "user.name"))
        return tuple(out.decode(errors="replace").strip() for code, out, _ in asked if code == 0 and out.strip())

    def tag(self, name: str, data: bytes) -> None:
        """Keep bytes in the repository, under a tag; nothing where it is there with them. GitFailed, also where the
        tag is something else: it stays what it was.
        """
        code, out, err = self._said("hash-object", "-w", "--stdin", stdin=data)
        oid = out.decode("ascii", "replace").strip()
        if code != 0:
            raise GitFailed(f"the repository cannot be written to: {last(err)}")
        ref = f"refs/tags/{name}"
        code, _, err = self._said("update-ref", ref, oid, "0" * len(oid))  # zeros: it must not be there
        if code != 0 and self._said("rev-parse", "--verify", ref)[1].decode("ascii", "replace").strip() != oid:
            raise GitFailed(f"the tag {name} cannot be made: {last(err)}")

    def tagged(self, prefix: str) -> dict[str, bytes]:
        """Tags below a name that are bytes, not commits, and their bytes, in order of their names."""
        wanted = "--format=%(objecttype) %(objectname) %(refname:strip=2)"
        _, out, _ = self._said("for-each-ref", wanted, f"refs/tags/{prefix}/", output=_LISTING)
        rows = [os.fsdecode(line).split(" ", 2) for line in out.splitlines()]
        names = {name: oid for type_, oid, name in rows if type_ == "blob"}
        found = self.bytes_of(names.values())
        return {name: data for name, oid in names.items() if isinstance(data := found[oid], bytes)}

    # --- how it is asked --------------------------------------------------------------------------------------

    def _said(
        self, *argv: str, stdin: bytes | None = None, output: int = 1 << 20, cwd: Path | None = None
    ) -> tuple[int, bytes, bytes]:
        done = run(argv, cwd or self.root, self._environ, stdin=stdin, output=output)
        if done.timed_out or done.stdout_cut:
            why = f"did not answer within {LONG:.0f} s" if done.timed_out else "has more to say than can be read"
            raise GitFailed(f"git {argv[0]} {why}")
        return done.exit_code, done.stdout, done.stderr

    def _sizes(self, oids: Iterable[str]) -> dict[str, int]:
        asked = list(oids)
        given = "".join(f"{oid}\n" for oid in asked).encode()
        argv = ("cat-file", "--batch-check=%(objectname) %(objecttype) %(objectsize)")
        _, out, err = self._said(*argv, stdin=given, output=_LISTING) if asked else (0, b"", b"")
        lines = out.decode("ascii", "replace").splitlines()
        if len(lines) != len(asked):
            raise GitFailed(f"objects cannot be read: {last(err)}", hint=_PARTIAL)
        sizes = {}
        for oid, line in zip(asked, lines, strict=True):
            words = line.split(" ")  # name, type, size
            if words[1:2] != ["blob"]:
                raise GitFailed(f"the object {oid[:12]} cannot be read: {line}", hint=_PARTIAL)
            sizes[oid] = int(words[2])
        return sizes

    def _commits(self, oids: list[str]) -> list[Commit]:
        return [parsed(oid, data) for oid, data in self._objects(oids, b"commit", _LISTING)]

    def _objects(self, oids: list[str], type_: bytes, output: int) -> Iterator[tuple[str, bytes]]:
        """Objects with their bytes; GitFailed for one that is missing, or of another type."""
        given = "".join(f"{oid}\n" for oid in oids).encode()
        _, out, err = self._said("cat-file", "--batch", stdin=given, output=output) if oids else (0, b"", b"")
        at = 0
        for oid in oids:
            start = out.find(b"\n", at) + 1
            words = out[at : max(0, start - 1)].split(b" ")  # name, type, size
            if words[1:2] != [type_]:
                raise GitFailed(f"the object {oid[:12]} cannot be read: {last(err)}", hint=self._cut_off() or _PARTIAL)
            at = start + int(words[2]) + 1
            yield oid, out[start : at - 1]

    def _is_tree(self, commit: str, path: str) -> bool:
        code, out, _ = self._said("cat-file", "-t", f"{commit}:{path}")
        return code == 0 and out.strip() == b"tree"

    def _cut_off(self) -> str | None:
        """What to do where the clone holds a part of the history only; None for a whole one."""
        _, out, _ = self._said("rev-parse", "--is-shallow-repository")
        if out.strip() != b"true":
            return None
        return "this clone is shallow: `git fetch --unshallow`, or `fetch-depth: 0` where a CI job checks it out"


_FETCH: Final = "`git fetch` it, or check how it is written"
_PARTIAL: Final = "this clone may hold a part of the objects only: `git fetch --refetch --filter=blob:limit=10m`"


def opened(folder: Path, environ: Mapping[str, str]) -> Repository:
    """The repository that a folder is in; NotARepository, or GitFailed where there is no git."""
    done = run(("rev-parse", "--show-toplevel", "--show-prefix"), folder, environ)
    if done.exit_code == 0:
        root, _, prefix = done.stdout.removesuffix(b"\n").partition(b"\n")
        return Repository(Path(os.fsdecode(root)), os.fsdecode(prefix).strip("/"), environ)
    said = done.stderr.decode(errors="replace")
    if "dubious ownership" in said:
        hint = f"if you trust it: git config --global --add safe.directory {folder.resolve()}"
        raise NotARepository(f"git does not read the repository of {folder}: it belongs to somebody else", hint=hint)
    raise NotARepository(f"{folder} is not in a git repository", hint="name two files, or two folders, to compare them")


def _touched(file: Path) -> datetime | None:
    try:
        return datetime.fromtimestamp(file.stat().st_mtime, UTC)
    except OSError:
        return None
