"""Daypass with a password hash that costs less than a millisecond, so that the rest of a sign-in can be measured.

Run: python -m benchmarks.apps.daypass_without_hash
"""

from flask import Flask

from benchmarks.apps import daypass_app
from daypass.accounts import password_hasher

METHOD = "scrypt:256:8:1"


def create_worker() -> Flask:
    """Create the app of one server worker. It does not replace hashes of METHOD by more expensive ones."""
    password_hasher.METHOD = METHOD
    return daypass_app.create_worker()


if __name__ == "__main__":
    daypass_app.main("benchmarks.apps.daypass_without_hash:create_worker")
