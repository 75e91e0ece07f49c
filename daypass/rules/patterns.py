"""What the `path` of a rule means: a path and all beneath it, or a glob for the whole path; segment by segment."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from daypass.errors import AmbiguousTarget
from daypass.net import paths

ANY_SEGMENTS = "**"  # any number of segments, none included
UNSUPPORTED = "?[]{}"  # special in other globs: taken for themselves they would match what nobody meant


@dataclass(frozen=True)
class Pattern:
    """A rule's path as it was written, and as segments. In one `*` is any characters; `**` is any segments."""

    text: str
    segments: tuple[str, ...]

    def matches(self, path: Sequence[str]) -> bool:
        """Whether a path, given as its segments, is meant. The work grows with the product of both lengths at most."""
        return _fits(self.segments, path)

    def covers(self, other: "Pattern") -> bool:
        """Whether every path that `other` means is meant here too; no is said where it is hard to tell."""
        return _fits(self.segments, other.segments, _covers)


def read_pattern(text: str) -> Pattern:
    """A pattern from its text. Raises ValueError with the rest of a sentence.

    Without a star it is a path, which means itself and all beneath it; with one it has to fit the whole path.
    """
    if not text.startswith("/"):
        raise ValueError("must begin with a slash")
    if any(character in text for character in UNSUPPORTED):
        raise ValueError("has one of ? [ ] { }, which mean nothing here: only * and ** do")
    if paths.ESCAPE.search(text):
        raise ValueError("is percent-encoded: write the characters themselves")
    try:
        segments = paths.path_segments(paths.check_decoded_path(text))
    except AmbiguousTarget as error:
        raise ValueError(f"could match nothing: {error.reason}") from None
    if any(ANY_SEGMENTS in segment and segment != ANY_SEGMENTS for segment in segments):
        raise ValueError("has ** beside other characters: it stands for whole segments, as in /**/*.pdf")
    return Pattern(text, segments if "*" in text else (*segments, ANY_SEGMENTS))


ALL_PATHS = read_pattern("/")


def _fits(pattern: Sequence[str], path: Sequence[str], fits: Callable[[str, str], bool] = fnmatchcase) -> bool:
    """Whether segments fit a pattern: each `**` takes as few as it can, and one more whenever the rest does not fit.

    Only the last `**` ever has to take more: what stands before it fitted with as little as possible already.
    """
    at = here = 0
    last, taken = -1, 0  # where the last `**` stands, and where in the path the rest after it begins
    while here < len(path):
        if at < len(pattern) and pattern[at] == ANY_SEGMENTS:
            last, taken = at, here
            at += 1
        elif at < len(pattern) and fits(path[here], pattern[at]):
            at, here = at + 1, here + 1
        elif last >= 0:
            taken += 1
            at, here = last + 1, taken
        else:
            return False
    return all(segment == ANY_SEGMENTS for segment in pattern[at:])


def _covers(segment: str, pattern: str) -> bool:
    """Whether a segment of a pattern fits another one, whatever its own stars stand for."""
    return segment != ANY_SEGMENTS and fnmatchcase(segment, pattern)
