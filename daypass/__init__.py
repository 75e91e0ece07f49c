"""Daypass: a login in front of pages, with sessions that can be revoked at once.

Its names are imported when they are first used, because the commands need none of them.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from daypass.errors import DaypassError
    from daypass.extension import Daypass, LegacyAccount
    from daypass.web import signals
    from daypass.web.current_pass import current_pass
    from daypass.web.gate import token_required

__all__ = ["Daypass", "DaypassError", "LegacyAccount", "current_pass", "signals", "token_required"]

_MODULES = {
    "Daypass": "daypass.extension",
    "DaypassError": "daypass.errors",
    "LegacyAccount": "daypass.extension",
    "current_pass": "daypass.web.current_pass",
    "signals": "daypass.web.signals",
    "token_required": "daypass.web.gate",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = import_module(_MODULES[name])
    return found if name == "signals" else getattr(found, name)
