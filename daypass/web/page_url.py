"""Endpoints of Daypass's own pages, such as `keys.ring`: without the name of the blueprint that all are nested in."""

from typing import Any

from flask import request, url_for

BLUEPRINT = "daypass"


def page_url(endpoint: str, **values: Any) -> str:
    """The URL of a page of ours."""
    return url_for(f"{BLUEPRINT}.{endpoint}", **values)


def own_name(name: str | None) -> str:
    """The name of an endpoint or blueprint of ours, without that of the outer blueprint; empty for those of the app."""
    outer, _, own = (name or "").partition(".")
    return own if outer == BLUEPRINT else ""


def current_endpoint() -> str:
    """The endpoint of this request, such as `keys.ring`; empty if it is not ours."""
    return own_name(request.endpoint)


def current_blueprint() -> str:
    """The blueprint of this request, such as `keys`; empty if it is not ours."""
    return own_name(request.blueprint)
