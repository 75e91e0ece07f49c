"""Health checks: whether the process is up, and whether it is ready to serve."""

from flask import Blueprint, Response, jsonify
from sqlalchemy.exc import SQLAlchemyError

from daypass.database import schema
from daypass.errors import ServiceUnavailable
from daypass.web.context import current_runtime

pages = Blueprint("health", __name__)


@pages.get("/healthz")
def healthz() -> Response:
    """Report that the process is up. Checks nothing else."""
    return jsonify(status="up")


@pages.get("/readyz")
def readyz() -> tuple[Response, int]:
    """Report whether schema, revocations and keys are ready to serve."""
    checks = {"database": _is_schema_usable(), "revocation": _is_fresh_revocation(), "keys": _are_keys_readable()}
    ready = all(checks.values())
    return jsonify(status="ready" if ready else "not ready", **checks), 200 if ready else 503


def _is_schema_usable() -> bool:
    try:
        return schema.is_usable(current_runtime().engine)
    except SQLAlchemyError:
        return False


def _is_fresh_revocation() -> bool:
    try:
        current_runtime().replica.refresh()
    except ServiceUnavailable:
        return False
    return True


def _are_keys_readable() -> bool:
    try:
        return not current_runtime().keys.current().unreadable
    except ServiceUnavailable:
        return False
