"""The rules in force in one process: read from their file, and again whenever it has changed."""

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

from daypass.errors import ServiceUnavailable
from daypass.rules.errors import InvalidRules, RuleError
from daypass.rules.model import NO_RULES, Rules

CHECK_SECONDS = 1.0  # seconds
SETTLE_NANOSECONDS = 1_000_000_000  # nanoseconds: a file that was written this lately may be half written
MAX_FILE_BYTES = 1024 * 1024  # bytes

Version = tuple[int, int, int]

log = logging.getLogger("daypass")


class RulesLoader:
    """Hands out the rules. A new version that is broken is reported once, and the last good one stays in force.

    path: the file, or None where there is none, and so no host is named. parse: makes rules of the text and the name of
    the file, or raises InvalidRules. clock: seconds, monotonic.
    """

    def __init__(
        self, path: Path | None, parse: Callable[[str, str], Rules], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.path = path
        self.broken: InvalidRules | None = None  # what is wrong with the newest version
        self._parse = parse
        self._clock = clock
        self._lock = threading.Lock()
        self._rules: Rules | None = None if path else NO_RULES
        self._version: Version | None = None  # of what was read last, good or broken
        self._seen: Version | None = None
        self._looked_at: float | None = None

    @property
    def rules(self) -> Rules:
        """The rules in force. Raises ServiceUnavailable if this process has never read any that can be used."""
        self.refresh()
        if self._rules is None:
            raise ServiceUnavailable("there are no rules that can be used")
        return self._rules

    def load(self) -> Rules:
        """Read the file as it is now. Raises InvalidRules."""
        if self.path is None:
            return NO_RULES
        return self._parse(_text(self.path), self.path.name)

    def refresh(self) -> None:
        """Look at most once a second whether the file is another one; one thread looks, the others go on."""
        if self.path is None or not self._is_time():
            return
        if self._lock.acquire(blocking=self._rules is None):
            try:
                if self._is_time():
                    self._look(self.path)
                    self._looked_at = self._clock()
            finally:
                self._lock.release()

    def _is_time(self) -> bool:
        return self._looked_at is None or self._clock() - self._looked_at >= CHECK_SECONDS

    def _look(self, path: Path) -> None:
        version, first = _version(path), self._looked_at is None
        if first or (version != self._version and self._is_settled(version)):
            self._version = version
            self._read(path, first)

    def _read(self, path: Path, first: bool) -> None:
        try:
            self._rules, self.broken = self.load(), None
        except InvalidRules as error:
            self.broken = error
            kept = "nobody is let in by it" if self._rules is None else "the last good version stays in force"
            log.error("%s; %s", error.reason.rstrip("."), kept)
        else:
            if not first:
                log.warning("%s has changed: %d rules are in force", path, len(self._rules))

    def _is_settled(self, version: Version | None) -> bool:
        """Whether a version is whole: written a while ago, or seen at the look before. Half a file has fewer rules."""
        seen, self._seen = self._seen, version
        return version is None or version == seen or time.time_ns() - version[0] > SETTLE_NANOSECONDS


def _version(path: Path) -> Version | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def _text(path: Path) -> str:
    """What the file says. Raises InvalidRules where it cannot be read."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
        if len(content) > MAX_FILE_BYTES:
            raise InvalidRules(path.name, [RuleError(1, "the file is larger than 1 MiB")])
        return content.decode().replace("\r\n", "\n")
    except OSError as error:
        raise InvalidRules(path.name, [RuleError(1, f"the file cannot be read: {error.strerror}")]) from None
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InvalidRules(path.name, [RuleError(line, "this is not UTF-8")]) from None
