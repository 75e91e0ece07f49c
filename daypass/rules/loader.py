"""Load the rules file, and load it again when it changes. Each process has its own loader."""

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

from daypass.errors import ServiceUnavailable
from daypass.rules.errors import InvalidRules, RuleError
from daypass.rules.model import NO_RULES, Rules

CHECK_SECONDS = 1.0  # seconds
SETTLE_NANOSECONDS = 1_000_000_000  # nanoseconds: a file modified more recently may be incomplete
MAX_FILE_BYTES = 1024 * 1024  # bytes

Version = tuple[int, int, int]

log = logging.getLogger("daypass")


class RulesLoader:
    """Provides the rules in force. If a new version has errors, they are logged once and the previous rules stay.

    path: the file, or None to have no rules. parse: turns the text and the name of the file into rules, or raises
    InvalidRules. clock: monotonic time in seconds.
    """

    def __init__(
        self, path: Path | None, parse: Callable[[str, str], Rules], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.path = path
        self.broken: InvalidRules | None = None  # the errors in the newest version
        self._parse = parse
        self._clock = clock
        self._lock = threading.Lock()
        self._rules: Rules | None = None if path else NO_RULES
        self._version: Version | None = None  # of the file that was read last, valid or not
        self._last_seen: Version | None = None
        self._checked_at: float | None = None

    @property
    def rules(self) -> Rules:
        """The rules in force. Raises ServiceUnavailable if this process has never read a valid file."""
        self.refresh()
        if self._rules is None:
            raise ServiceUnavailable("no valid rules have been loaded")
        return self._rules

    def load(self) -> Rules:
        """Read and parse the file now. Raises InvalidRules."""
        if self.path is None:
            return NO_RULES
        return self._parse(_text(self.path), self.path.name)

    def refresh(self) -> None:
        """Check at most once a second whether the file has changed. One thread checks; the others do not wait."""
        if self.path is None or not self._is_time():
            return
        if self._lock.acquire(blocking=self._rules is None):
            try:
                if self._is_time():
                    self._check_file(self.path)
                    self._checked_at = self._clock()
            finally:
                self._lock.release()

    def _is_time(self) -> bool:
        return self._checked_at is None or self._clock() - self._checked_at >= CHECK_SECONDS

    def _check_file(self, path: Path) -> None:
        version, first = _version(path), self._checked_at is None
        if first or (version != self._version and self._is_settled(version)):
            self._version = version
            self._read(path, first)

    def _read(self, path: Path, first: bool) -> None:
        try:
            self._rules, self.broken = self.load(), None
        except InvalidRules as error:
            self.broken = error
            consequence = "no rules are in force" if self._rules is None else "the previous rules stay in force"
            log.error("%s; %s", error.reason.rstrip("."), consequence)
        else:
            if not first:
                log.warning("%s has changed: %d rules are in force", path, len(self._rules))

    def _is_settled(self, version: Version | None) -> bool:
        """Whether the file is complete: modified a while ago, or unchanged since the last check.

        Part of a file could be valid and have fewer rules.
        """
        last_seen, self._last_seen = self._last_seen, version
        return version is None or version == last_seen or time.time_ns() - version[0] > SETTLE_NANOSECONDS


def _version(path: Path) -> Version | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def _text(path: Path) -> str:
    """The text of the file. Raises InvalidRules if it cannot be read."""
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
