"""Errors in the rules file."""

from collections.abc import Iterable
from dataclasses import dataclass

from daypass.settings.errors import SettingsError


@dataclass(frozen=True, order=True)
class RuleError:
    """What is wrong in the rules file, and in which line."""

    line: int
    text: str


class InvalidRules(SettingsError):
    """The rules file cannot be used: `faults` has all that was found, in the order of the lines."""

    def __init__(self, name: str, faults: Iterable[RuleError]) -> None:
        self.faults = tuple(sorted(faults))
        self.told = [f"{name}, line {fault.line}: {fault.text}" for fault in self.faults]
        more = f" (and {len(self.told) - 1} more: `flask rules check` lists them)" if len(self.told) > 1 else ""
        super().__init__(f"DAYPASS_RULES cannot be used: {self.told[0]}{more}.")
