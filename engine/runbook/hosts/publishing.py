"""Where seals are published, and found again: files and tags of the project; a web address and channels only send.

<folder>/run/<id>/<size>.seal      one file for each seal, written once
refs/tags/seals/run/<id>/<size>    a tag that is the seal's text
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from runbook.document.model import Channel, SealPlace
from runbook.errors import RunbookError
from runbook.journal.folder import sync
from runbook.journal.seals import Seal, seals_in

_TAGS = "seals"


class Places:
    """The places of a project; `secret` and `console` are what channels need."""

    def __init__(
        self,
        places: tuple[SealPlace, ...],
        *,
        project: Path,
        environ: Mapping[str, str],
        channels: tuple[Channel, ...],
        secret: Callable[[Any], str],
        console: Callable[[str], None],
    ) -> None:
        self._places = places
        self._project = project
        self._environ = environ
        self._channels = {channel.name: channel for channel in channels}
        self._secret = secret
        self._console = console

    def publish(self, seal: Seal, text: str) -> list[tuple[str, str]]:
        """Send a seal everywhere; where that failed, and why. Raises nothing for what the world does."""
        failed = []
        for place in self._places:
            try:
                self._put(place, seal, text)
            except (RunbookError, OSError) as error:
                failed.append((_named(place), str(error)))
        return failed

    def found(self, stream: str) -> list[str]:
        """The seals of a stream that lie in folders and tags of this project; those that cannot be read are not."""
        texts: list[str] = []
        for place in self._places:
            with suppress(RunbookError, OSError):
                texts += [
                    text for data in self._kept(place, stream) for text in seals_in(data.decode(errors="replace"))
                ]
        return list(dict.fromkeys(texts))

    def _put(self, place: SealPlace, seal: Seal, text: str) -> None:
        if place.file is not None:
            _written(self._project / place.file / seal.stream / f"{seal.size}.seal", text.encode())
        elif place.git is not None:
            from runbook.clients import git

            repository = git.opened(self._project, self._environ)
            repository.tag(f"{_TAGS}/{seal.stream}/{seal.size}", text.encode())
        else:
            self._send(place, seal, text)

    def _send(self, place: SealPlace, seal: Seal, text: str) -> None:
        from runbook.errors import NotConfigured
        from runbook.messages.channels import send

        channel = self._channels.get(place.channel or "")
        if place.webhook is not None:
            channel = Channel(name="seals", type="webhook", settings=place.webhook)
        if channel is None:
            raise NotConfigured(f"there is no channel {place.channel!r}", hint="add it under `channels`")
        sent = send(
            channel,
            text,
            key=f"{seal.stream}:seal#{seal.size}",
            run=seal.stream.partition("/")[2],
            runbook="",
            repeated=False,
            project=self._project,
            secret=self._secret,
            console=self._console,
        )
        if sent.error is not None:
            raise NotConfigured(sent.error.message) if sent.error.code == "usage" else OSError(sent.error.message)

    def _kept(self, place: SealPlace, stream: str) -> Iterator[bytes]:
        if place.file is not None:
            for path in sorted((self._project / place.file / stream).glob("*.seal"), key=lambda p: (len(p.name), p)):
                yield path.read_bytes()
        elif place.git is not None:
            from runbook.clients import git

            yield from git.opened(self._project, self._environ).tagged(f"{_TAGS}/{stream}").values()


def _written(path: Path, data: bytes) -> None:
    """A file that appears whole, durably, and is never written over."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.link(part, path)
    except FileExistsError:
        if path.read_bytes() != data:
            raise OSError(errno.EEXIST, "another seal of this size is there, and stays", str(path)) from None
    finally:
        part.unlink(missing_ok=True)
    sync(path.parent)


def _named(place: SealPlace) -> str:
    """A place as records and people name it; addresses may be secrets."""
    if place.file is not None:
        return f"file {place.file}"
    return "git" if place.git is not None else f"channel {place.channel}" if place.channel else "webhook"
