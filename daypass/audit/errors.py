"""Errors of the audit trail."""

from daypass.errors import DaypassError


class BrokenTrail(DaypassError):
    """The stored events are not as Daypass wrote them; the text says what is wrong."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem, message=problem)
