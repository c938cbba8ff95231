"""A disk of a test's own that can be made to fail: an ext4 file system in a file, mounted by a loop device.

`dies()` is what the kernel does where a disk has failed (`errors=remount-ro`): whatever is open stays open, and nothing
can be written any more. `fails()` leaves the file that it is kept in without room, so that what is written comes back
as an I/O error.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

SIZE = 64 * 1024 * 1024  # of the disk, which holds more than the memory that it is kept in
KEPT = 32 * 1024 * 1024


class Disk:
    """A file system in an image below `kept`, to be seen at `folder` while it is mounted."""

    def __init__(self, kept: Path, folder: Path) -> None:
        self.image, self.folder = kept / "image", folder

    def make(self) -> None:
        """An empty one."""
        with self.image.open("wb") as file:
            file.truncate(SIZE)
        _run("mkfs.ext4", "-q", "-F", str(self.image))
        self.mount()

    def mount(self) -> None:
        """Make it be seen."""
        _run("mount", "-o", "loop,errors=remount-ro", str(self.image), str(self.folder))

    def unmount(self) -> None:
        """Let go of it; what is still open keeps it until it is closed."""
        _run("umount", "--lazy", str(self.folder))

    def dies(self) -> None:
        """From now on it is read-only, for what is open too."""
        _run("mount", "-o", "remount,abort", str(self.folder))

    def fails(self) -> None:
        """From now on what is written in a new place cannot be kept."""
        with suppress(OSError), (self.image.parent / "ballast").open("wb", buffering=0) as file:
            while True:
                file.write(bytes(1 << 16))

    def mends(self) -> None:
        """Have it checked, and make it be seen anew."""
        (self.image.parent / "ballast").unlink(missing_ok=True)
        self.unmount()
        subprocess.run(["e2fsck", "-fy", str(self.image)], capture_output=True, check=False)
        self.mount()


@contextmanager
def disk(kept: Path, folder: Path) -> Iterator[Disk | None]:
    """A disk, mounted at `folder`, and kept below another folder; None where that may not be done here."""
    for each in (kept, folder):
        each.mkdir(parents=True, exist_ok=True)
    made = Disk(kept, folder)
    if os.geteuid() != 0 or not all(map(shutil.which, ("mkfs.ext4", "e2fsck", "mount", "umount"))):
        yield None
        return
    try:
        _run("mount", "-t", "tmpfs", "-o", f"size={KEPT}", "tmpfs", str(kept))
    except subprocess.CalledProcessError:
        yield None
        return
    try:
        with suppress(subprocess.CalledProcessError):  # no loop devices, as in most containers
            made.make()
        mounted = folder.is_mount()
        yield made if mounted else None
        if mounted:
            made.unmount()
    finally:
        _run("umount", "--lazy", str(kept))


def _run(*argv: str) -> None:
    subprocess.run(argv, capture_output=True, check=True)
