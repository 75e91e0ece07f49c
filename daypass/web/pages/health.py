"""For whoever supervises: is the process up, and can it let people in?"""

from flask import Blueprint, Response, jsonify
from sqlalchemy.exc import SQLAlchemyError

from daypass.errors import ServiceUnavailable
from daypass.runtime import is_current, process

pages = Blueprint("health", __name__)


@pages.get("/healthz")
def healthz() -> Response:
    """The process is up; nothing else is asked."""
    return jsonify(status="up")


@pages.get("/readyz")
def readyz() -> tuple[Response, int]:
    """The database can be reached, its schema is this version's, and the revocation list is fresh."""
    checks = {"database": _is_fine_database(), "revocation": _is_fresh_revocation()}
    ready = all(checks.values())
    return jsonify(status="ready" if ready else "not ready", **checks), 200 if ready else 503


def _is_fine_database() -> bool:
    try:
        return is_current()
    except SQLAlchemyError:
        return False


def _is_fresh_revocation() -> bool:
    try:
        process().mirror.refresh()
    except ServiceUnavailable:
        return False
    return True
