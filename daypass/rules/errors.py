"""Errors in the rules file."""

from collections.abc import Iterable
from dataclasses import dataclass

from daypass.settings.errors import SettingsError


@dataclass(frozen=True, order=True)
class RuleError:
    """One error in the rules file, with its line number."""

    line: int
    text: str


class InvalidRules(SettingsError):
    """The rules file cannot be used. `errors` has every error, sorted by line; `messages` has them as text."""

    def __init__(self, name: str, errors: Iterable[RuleError]) -> None:
        self.errors = tuple(sorted(errors))
        self.messages = [f"{name}, line {error.line}: {error.text}" for error in self.errors]
        others = len(self.messages) - 1
        more = f" (and {others} more: `daypass rules check` lists them)" if others else ""
        super().__init__(f"DAYPASS_RULES cannot be used: {self.messages[0]}{more}.")
