"""Path patterns of rules: a path and everything below it, or a glob for the whole path, by segments."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import takewhile

from daypass.errors import AmbiguousTarget
from daypass.net import paths

WILDCARD = "*"
ANY_SEGMENTS = "**"  # any number of segments, including none
UNSUPPORTED = "?[]{}"  # wildcards elsewhere: taken literally, they would not match what was intended


@dataclass(frozen=True)
class Pattern:
    """The path of a rule as written, and as segments. `*` matches characters in one segment, `**` whole segments."""

    text: str
    segments: tuple[str, ...]

    @property
    def first_literal(self) -> str | None:
        """The first segment, which every path that matches begins with; None if it contains a wildcard."""
        first = self.segments[0]
        return None if WILDCARD in first else first

    @property
    def fixed_path(self) -> str:
        """The pattern itself if it has no wildcard, otherwise the folder before the first segment that has one."""
        if WILDCARD not in self.text:
            return self.text
        fixed = takewhile(lambda segment: WILDCARD not in segment, self.segments)
        return "".join(["/", *(f"{segment}/" for segment in fixed)])

    def matches(self, path: Sequence[str]) -> bool:
        """Whether the pattern matches a path, given as segments. Takes at most O(pattern length * path length)."""
        return _matches(self.segments, path)

    def covers(self, other: "Pattern") -> bool:
        """Whether the pattern matches every path that `other` matches. False if that is uncertain."""
        return _matches(self.segments, other.segments, _segment_covers)


def read_pattern(text: str) -> Pattern:
    """Parse a pattern. Raises ValueError, whose text continues a sentence that begins with the pattern.

    Without `*`, it matches the path and everything below it; with `*`, it must match the whole path.
    """
    if not text.startswith("/"):
        raise ValueError("must begin with a slash")
    if any(character in text for character in UNSUPPORTED):
        raise ValueError("must not contain ? [ ] { }: the only wildcards are * and **")
    if paths.ESCAPE.search(text):
        raise ValueError("is percent-encoded: write the characters themselves")
    try:
        segments = paths.path_segments(paths.check_decoded_path(text))
    except AmbiguousTarget as error:
        raise ValueError(f"could never match: {error.reason}") from None
    if any(ANY_SEGMENTS in segment and segment != ANY_SEGMENTS for segment in segments):
        raise ValueError("has ** next to other characters: it matches whole segments, as in /**/*.pdf")
    return Pattern(text, segments if WILDCARD in text else (*segments, ANY_SEGMENTS))


ALL_PATHS = read_pattern("/")


def _segment_matches(segment: str, pattern: str) -> bool:
    """Whether `pattern` matches the segment of a path. Few have wildcards, for which `fnmatch` builds expressions."""
    return fnmatchcase(segment, pattern) if WILDCARD in pattern else segment == pattern


def _matches(
    pattern: Sequence[str], path: Sequence[str], matches_segment: Callable[[str, str], bool] = _segment_matches
) -> bool:
    """Match segments greedily: each `**` takes as few as possible, and one more whenever the rest does not match.

    Only the last `**` ever has to take more, since everything before it has matched as few segments as possible.
    """
    i = j = 0  # positions in the pattern and in the path
    star, resume = -1, 0  # position of the last `**` in the pattern, and of the segment after those that it took
    while j < len(path):
        if i < len(pattern) and pattern[i] == ANY_SEGMENTS:
            star, resume = i, j
            i += 1
        elif i < len(pattern) and matches_segment(path[j], pattern[i]):
            i, j = i + 1, j + 1
        elif star >= 0:
            resume += 1
            i, j = star + 1, resume
        else:
            return False
    return all(segment == ANY_SEGMENTS for segment in pattern[i:])


def _segment_covers(segment: str, pattern: str) -> bool:
    """Whether `pattern` matches everything that `segment`, itself part of a pattern, can match."""
    return segment != ANY_SEGMENTS and fnmatchcase(segment, pattern)
