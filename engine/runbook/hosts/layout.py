"""The files of a project at one commit, laid out in a private place: what the commands of a run are started in.

A command of a reviewed runbook is a file of the commit, and so are the files that it opens beside it. They are written
from their objects, with git's modes, under a name that is the digest of the listing, which the run's first record
pins; whenever a run is started or gone on with, each file is held to its object's id, and what differs is written
anew. So the place can be relied upon after the ref has moved and the clone is gone.

A submodule is an empty folder, a link that leads out leads nowhere, and files above 64 MiB are left out. What commands
write there themselves stays, and belongs to no run.
"""

from __future__ import annotations

import hashlib
import os
import posixpath
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from runbook.clients.git import LINK, SUBMODULE, File, Repository, opened
from runbook.errors import RunbookError, StoreError, UsageError
from runbook.hosts.clock import wall
from runbook.hosts.documents import Reviewed

MOST_FILES: Final = 20_000
UNUSED: Final = 30 * 86400.0  # seconds
MOST_BYTES: Final = 512 * 1024 * 1024
LARGEST: Final = 64 * 1024 * 1024
OUTSIDE: Final = ".leads-out-of-the-commit"  # where a link points to that led out: nowhere

Listing = Mapping[str, File]
Read = Callable[[Iterable[str]], Mapping[str, bytes | int]]


def listed(repository: Repository, reviewed: Reviewed) -> tuple[str, Listing]:
    """The files of the project's folder at the commit, and the digest that they are pinned by.

    UsageError for too many.
    """
    files = repository.files(reviewed.commit, repository.prefix)
    if len(files) > MOST_FILES:
        raise UsageError(
            f"{reviewed.repository} has {len(files):,} files at {reviewed.commit[:12]}; {MOST_FILES:,} can be laid out",
            hint="keep runbook.yaml, the runbooks and what they run in a folder of their own, and name that as `git:`",
        )
    return hashlib.sha256(_text(files)).hexdigest(), files


class Layout:
    """Where such places are: one folder for each user beside the store, which nobody else may look into."""

    def __init__(self, base: Path, environ: Mapping[str, str]) -> None:
        self._base = base / f"reviewed-{os.getuid()}"
        self._environ = environ
        self._done: dict[Reviewed, tuple[Reviewed, Path]] = {}

    def laid_out(self, reviewed: Reviewed) -> tuple[Reviewed, Path]:
        """The files of a commit, laid out and looked at once; and with their digest, what is recorded of it."""
        if reviewed not in self._done:
            self._done[reviewed] = self._now(reviewed)
        return self._done[reviewed]

    def _now(self, reviewed: Reviewed) -> tuple[Reviewed, Path]:
        repository = opened(Path(reviewed.repository), self._environ)
        digest, files = listed(repository, reviewed)
        folder = self._folder(digest)
        self._written(folder, files, lambda oids: repository.bytes_of(oids, LARGEST))
        self._tidied()
        return reviewed.pinned(digest), folder / reviewed.start

    def again(self, reviewed: Reviewed) -> Path:
        """The files that a run was started with, as they were; StoreError where neither they nor the clone are left."""
        folder = self._folder(str(reviewed.files))
        if (files := self._kept(folder, str(reviewed.files))) is None:
            return self._from_clone(reviewed)
        try:
            self._written(folder, files, self._mending(reviewed))
        except RunbookError as error:
            raise _lost(reviewed, error) from error
        return folder / reviewed.start

    def nowhere(self) -> Path:
        """The place of a run that uses no files."""
        return self._base / "none"

    def _from_clone(self, reviewed: Reviewed) -> Path:
        try:
            found, folder = self._now(reviewed)
        except RunbookError as error:
            raise _lost(reviewed, error) from error
        if found.files != reviewed.files:
            raise StoreError(f"{reviewed.repository} lists other files for {reviewed.commit[:12]} than were pinned")
        return folder

    def _mending(self, reviewed: Reviewed) -> Read:
        def read(oids: Iterable[str]) -> Mapping[str, bytes | int]:
            return opened(Path(reviewed.repository), self._environ).bytes_of(oids, LARGEST)

        return read

    def _folder(self, digest: str) -> Path:
        return self._base / digest[:24]

    def _kept(self, folder: Path, digest: str) -> Listing | None:
        """The listing that was kept with a folder, if it is the one that was pinned."""
        try:
            data = _list_of(folder).read_bytes()
        except OSError:
            return None
        return _files(data) if hashlib.sha256(data).hexdigest() == digest else None

    def _tidied(self) -> None:
        """Take away places that nobody has used for a long time; a run that still waits gets its own from the clone."""
        from shutil import rmtree

        for kept in self._base.glob("*.list"):
            with suppress(OSError):
                if wall() - kept.stat().st_mtime > UNUSED:
                    rmtree(kept.with_suffix(""), ignore_errors=True)
                    kept.unlink()

    def _written(self, folder: Path, files: Listing, read: Read) -> None:
        try:
            self._base.mkdir(parents=True, exist_ok=True, mode=0o700)
            _private(self._base)
            folder.mkdir(exist_ok=True, mode=0o700)
            wanted = [(name, file) for name, file in files.items() if not _as_it_should_be(folder, name, file)]
            for name, file, data in _read(wanted, read):
                _put(folder, name, file, data)
            _replaced(_list_of(folder), _text(files), 0o600)
        except OSError as error:
            raise StoreError(f"the files of a commit cannot be laid out in {folder}: {error}") from error


def _private(base: Path) -> None:
    status = base.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid() or status.st_mode & 0o077:
        raise StoreError(f"{base} is not used: others may write there, or it is somebody else's", hint="take it away")


def _lost(reviewed: Reviewed, error: RunbookError) -> StoreError:
    return StoreError(
        f"the files of {reviewed.commit[:12]}, with which the run was started, are not here any more, and cannot be "
        f"read from {reviewed.repository}: {error.message}",
        hint="bring the clone back with that commit, or resume where the run was started",
    )


# --- files ------------------------------------------------------------------------------------------------


def _read(wanted: list[tuple[str, File]], read: Read) -> Iterator[tuple[str, File, bytes]]:
    """What has to be written, with its bytes, a part at a time."""
    left, total = list(wanted), 0
    while left:
        part, left = left[:500], left[500:]
        datas = read({file.oid for _, file in part if file.mode != SUBMODULE})
        for name, file in part:
            data = datas.get(file.oid, b"")
            if isinstance(data, bytes):
                total += len(data)
                yield name, file, data
        if total > MOST_BYTES:
            raise UsageError(f"the files of the project have more than {MOST_BYTES >> 20} MiB; they are not laid out")


def _as_it_should_be(folder: Path, name: str, file: File) -> bool:
    path = folder / name
    try:
        status = path.lstat()
    except OSError:
        return False
    if file.mode == SUBMODULE:
        return stat.S_ISDIR(status.st_mode)
    if file.mode == LINK:
        target = os.fsencode(path.readlink()) if stat.S_ISLNK(status.st_mode) else b""
        return target == OUTSIDE.encode() or (_id(target, file.oid) == file.oid and not leads_out(name, target))
    if not stat.S_ISREG(status.st_mode) or stat.S_IMODE(status.st_mode) != _mode(file):
        return False
    return not _through_a_link(folder, name) and _id(path.read_bytes(), file.oid) == file.oid


def _put(folder: Path, name: str, file: File, data: bytes) -> None:
    path = folder / name
    for above in reversed(list(Path(name).parents)[:-1]):
        made = folder / above
        if made.is_symlink() or (made.exists() and not made.is_dir()):
            made.unlink()  # a command of an earlier run put it there
        made.mkdir(exist_ok=True, mode=0o700)
    if file.mode == SUBMODULE:
        path.mkdir(exist_ok=True, mode=0o700)
    elif file.mode == LINK:
        path.unlink(missing_ok=True)
        path.symlink_to(OUTSIDE if leads_out(name, data) else os.fsdecode(data))
    else:
        _replaced(path, data, _mode(file))


def leads_out(name: str, target: bytes) -> bool:
    """Whether a link of that name leads out of the folder that it was committed in."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), os.fsdecode(target))).startswith(("..", "/"))


def _replaced(path: Path, data: bytes, mode: int) -> None:
    new = path.with_name(f".{path.name[:200]}.{os.getpid()}")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(data)
        os.fchmod(out.fileno(), mode)
    new.replace(path)


def _through_a_link(folder: Path, name: str) -> bool:
    return any((folder / above).is_symlink() for above in list(Path(name).parents)[:-1])


def _mode(file: File) -> int:
    return 0o755 if file.mode == "100755" else 0o644


def _id(data: bytes, like: str) -> str:
    """git's own name of a blob, in the hash that the other name is in."""
    made = hashlib.sha256() if len(like) == 64 else hashlib.sha1(usedforsecurity=False)
    made.update(b"blob %d\0" % len(data))
    made.update(data)
    return made.hexdigest()


def _list_of(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.list")


def _text(files: Listing) -> bytes:
    return b"".join(
        b"%s %s\t%s\0" % (f.mode.encode(), f.oid.encode(), os.fsencode(n)) for n, f in sorted(files.items())
    )


def _files(text: bytes) -> Listing:
    entries = (entry.partition(b"\t") for entry in text.split(b"\0") if entry)
    return {os.fsdecode(name): File(*about.decode().split(" ")) for about, _, name in entries}
