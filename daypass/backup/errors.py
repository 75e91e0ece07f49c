"""Errors of backups and restores; each text says what to do."""

from daypass.errors import DaypassError


class BackupError(DaypassError):
    """The backup cannot be written or used, or the database must not be replaced; the text says why."""
