"""The secrets of a collection that are in its outputs."""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from daypass.tokens.base64url import InvalidBase64url, decode_base64url
from tests.leaks.collection import OUTPUTS, SECRETS, read_secrets
from tests.leaks.expected import EXPECTED, ORDINARY, Expected, are_without_secrets
from tests.leaks.forms import forms
from tests.leaks.search import Match, find_texts, find_tokens


@dataclass(frozen=True)
class Finding:
    """A secret in a file, whose path is relative to the collection. users: tests that used the secret.

    kinds: several if, for instance, a test typed a key as a password.
    """

    kinds: frozenset[str]
    file: str
    match: Match
    users: frozenset[str]

    @property
    def expected(self) -> Expected | None:
        """The entry of the list that allows it."""
        fitting = (entry for entry in EXPECTED for kind in self.kinds if entry.matches(kind, self.file))
        return next(fitting, None)

    def __str__(self) -> str:
        kinds, users = " or ".join(sorted(self.kinds)), ", ".join(sorted(self.users)[:3])
        return f"{kinds} in {self.file}, written by {self.match.test}, used by {users}: {self.match.text!r:.60}"


def find(folder: Path) -> Iterator[Finding]:
    """Every secret, and everything that has the form of a token, in every output; without ordinary texts."""
    places = [path for path in folder.iterdir() if path.name != SECRETS]
    yield from _find_secrets(folder, places)
    for match in find_tokens(places):
        yield Finding(frozenset({_purpose(match.text)}), _name(match, folder), match, frozenset())


def _find_secrets(folder: Path, places: Sequence[Path]) -> Iterator[Finding]:
    kinds: dict[bytes, set[str]] = defaultdict(set)
    users: dict[bytes, set[str]] = defaultdict(set)
    for secret in read_secrets(folder):
        for form in forms(secret) if secret.value not in ORDINARY else ():
            kinds[form].add(secret.kind)
            users[form].add(secret.test)
    for match in find_texts([form for form in kinds if not are_without_secrets(users[form])], places):
        yield Finding(frozenset(kinds[match.text]), _name(match, folder), match, frozenset(users[match.text]))


def _name(match: Match, folder: Path) -> str:
    return str(match.path.relative_to(folder))


def _purpose(token: bytes) -> str:
    """The kind of a token, by its own words."""
    try:
        payload = json.loads(decode_base64url(token.split(b".")[1].decode()))
    except (InvalidBase64url, ValueError):
        return "unreadable token"
    return f"{payload.get('aud')} token" if isinstance(payload, dict) else "unreadable token"


def outputs(folder: Path) -> dict[str, int]:
    """How many bytes of each kind of output were collected: recorded ones, and files of tests by their names."""
    sizes: dict[str, int] = defaultdict(int)
    for path in folder.rglob("*"):
        parts = path.relative_to(folder).parts
        if path.is_file() and parts[0] != SECRETS:
            sizes[parts[1] if parts[0] == OUTPUTS else path.name] += path.stat().st_size
    return sizes
