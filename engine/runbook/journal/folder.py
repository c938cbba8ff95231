"""The folder beside a SQLite file: payloads, the files that runners lock, and the store's secret.

    <file>.d/payloads/sha256/ab/<digest>     written once: temporary file, fsync, rename, fsync of the folder
    <file>.d/leases/<stream>                 locked by the stream's runner for as long as it lives
    <file>.d/secret                          32 random bytes
    <file>.d/reserve                         space kept for the moment when the disk is full

Everything is its owner's alone; in a group-writable folder the group may read and write too, so that two OS users
can share a store. Locks are `flock`: they end with the process, and its children do not inherit them (files
opened by Python are closed on exec).
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from runbook.errors import StoreError

RESERVE = 2**20  # bytes: the results of some sixty steps at their largest
_MADE = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW  # where others may write, a link could lead to any file of ours
_PATIENCE = 0.1  # seconds that a claim waits for somebody who only looks whether it is taken


class Folder:
    """The folder at `path`, shared with the group when `shared`."""

    def __init__(self, path: Path, *, shared: bool) -> None:
        self.path = path
        self._shared = shared
        self._durable: set[str] = set()

    def put(self, digest: str, data: bytes) -> None:
        """Keep a payload durably. One that lies there whole already is left alone."""
        target = self._payload(digest)
        folder = target.parent
        if digest in self._durable and target.exists():  # another process may have dropped it
            return
        with told(f"write the payload {target}"):
            self.make(folder)
            if self.get(digest) != data:
                self._write(target, data)
            sync(folder)
        self._durable.add(digest)

    def get(self, digest: str) -> bytes | None:
        """A payload as it lies there; None when there is none."""
        path = self._payload(digest)
        with told(f"read the payload {path}"):
            try:
                return path.read_bytes()
            except FileNotFoundError:
                return None

    def payloads(self) -> list[str]:
        """The digests of all that lie there whole."""
        with told(f"list the payloads in {self.path}"):
            return [one.name for one in (self.path / "payloads" / "sha256").glob("*/*") if not one.suffix]

    def drop(self, digest: str) -> bool:
        """Take a payload away durably, with what a crash may have left of its writing; whether there was one."""
        path = self._payload(digest)
        self._durable.discard(digest)
        with told(f"drop the payload {path}"):
            found = [one for one in (path, *path.parent.glob(f"{digest}.*.tmp")) if one.exists()]
            for one in found:
                one.unlink()
            if found:
                sync(path.parent)
        return path in found

    def _payload(self, digest: str) -> Path:
        return self.path / "payloads" / "sha256" / digest[:2] / digest

    def secret(self) -> bytes:
        """The store's secret, made on first use."""
        path = self.path / "secret"
        with told(f"read the store's secret {path}"), self.alone("secret.lock"):
            if not path.exists():
                self._write(path, os.urandom(32))
                sync(self.path)
            return path.read_bytes()

    def keep_secret(self, secret: bytes) -> None:
        """Have this one from now on: another store's, whose records have come here."""
        with told(f"write the store's secret {self.path / 'secret'}"), self.alone("secret.lock"):
            self._write(self.path / "secret", secret)
            sync(self.path)

    def reserve(self) -> None:
        """Set space aside, if there is any: not being able to is no reason to refuse reading."""
        path = self.path / "reserve"
        if path.exists():
            return
        with suppress(OSError):
            self.make(self.path)
            handle = os.open(path, _MADE, self._mode)
            try:
                self._share(handle, self._mode)
                os.posix_fallocate(handle, 0, RESERVE)
            finally:
                os.close(handle)

    def release_reserve(self) -> bool:
        """Give the space free that was set aside; False when there was none."""
        try:
            (self.path / "reserve").unlink()
        except OSError:
            return False
        return True

    def claim(self, name: str) -> Callable[[], None] | None:
        """Lock the stream's file until the process ends or the result is called; None when it is locked."""
        path = self._lease(name)
        with told(f"lock {path}"):
            self.make(path.parent)
            end = time.monotonic() + _PATIENCE
            while True:
                handle = os.open(path, _MADE, self._mode)
                self._share(handle, self._mode)
                if _locked(handle, fcntl.LOCK_EX) and _still_at(handle, path):
                    return lambda: _let_go(handle, path)
                os.close(handle)
                if time.monotonic() > end:
                    return None
                time.sleep(0.005)

    def claimed(self, name: str) -> bool:
        """True while some process holds the claim."""
        path = self._lease(name)
        with told(f"look at {path}"):
            try:
                handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
            except FileNotFoundError:
                return False
            try:
                return not _locked(handle, fcntl.LOCK_SH)
            finally:
                os.close(handle)

    @contextmanager
    def alone(self, name: str) -> Iterator[None]:
        """One process at a time in this block."""
        self.make(self.path)
        handle = os.open(self.path / name, _MADE, self._mode)
        try:
            self._share(handle, self._mode)
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def make(self, folder: Path) -> None:
        """The folder and those above it, up to this one, which may be new too."""
        if folder.is_dir():
            return
        if folder != self.path:
            self.make(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
        if self._shared and folder.stat().st_uid == os.getuid():
            folder.chmod(0o2770)
        sync(folder.parent)

    def create(self, path: Path) -> None:
        """An empty file with the store's permissions, where there is none."""
        handle = os.open(path, os.O_RDWR | os.O_CREAT, self._mode)
        try:
            self._share(handle, self._mode)
        finally:
            os.close(handle)

    def _write(self, target: Path, data: bytes) -> None:
        temporary = target.with_name(f"{target.name}.{os.getpid()}.{time.monotonic_ns()}.tmp")
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, self._mode)
        try:
            try:
                self._share(handle, self._mode)
                view = memoryview(data)
                while view:
                    view = view[os.write(handle, view) :]
                os.fsync(handle)
            finally:
                os.close(handle)
            temporary.rename(target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise

    @property
    def _mode(self) -> int:
        return 0o660 if self._shared else 0o600

    def _share(self, handle: int, mode: int) -> None:
        """The mode that was asked for, whatever the umask; another user's file has it already."""
        found = os.fstat(handle)
        if found.st_uid == os.getuid() and stat.S_IMODE(found.st_mode) != mode:
            os.fchmod(handle, mode)

    def _lease(self, name: str) -> Path:
        return self.path / "leases" / name.replace("/", "_")


@contextmanager
def told(doing: str) -> Iterator[None]:
    """OSErrors become StoreErrors that say what to do."""
    try:
        yield
    except OSError as error:
        hint = _HINTS.get(error.errno or 0, "look at the file system of the store, then resume")
        raise StoreError(f"cannot {doing}: {error.strerror or error}", hint=hint) from error


_HINTS = {
    errno.ENOSPC: "free some space on that file system, then resume",
    errno.EDQUOT: "free some of your quota on that file system, then resume",
    errno.EFBIG: "the limit on file sizes (ulimit -f) is too small for the store",
    errno.EROFS: "the file system is mounted read-only; remount it or name another store with --store",
    errno.EACCES: "check who owns the store's folder, or name another store with --store",
    errno.EPERM: "check who owns the store's folder, or name another store with --store",
}


def sync(folder: Path) -> None:
    """Make the names in a folder durable (a rename is not before this)."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _locked(handle: int, how: int) -> bool:
    try:
        fcntl.flock(handle, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _still_at(handle: int, path: Path) -> bool:
    """False when the file was removed between its opening and its locking: another will be locked by others."""
    try:
        there = path.stat()
    except FileNotFoundError:
        return False
    mine = os.fstat(handle)
    return (there.st_dev, there.st_ino) == (mine.st_dev, mine.st_ino)


def _let_go(handle: int, path: Path) -> None:
    """What cannot be removed, on a disk that has failed, is locked by nobody: the next claim takes it as it is."""
    with suppress(OSError):
        if _still_at(handle, path):
            path.unlink()
    os.close(handle)
