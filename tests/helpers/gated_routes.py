"""The routes of Daypass: which are open, and which role the others need."""

from flask import Flask

OPEN_ROUTES = {
    "/",
    "/login",
    "/logout",
    "/signup",
    "/join",
    "/guest",
    "/setup",
    "/forgot",
    "/reset",
    "/disown",
    "/confirm-address",
    "/healthz",
    "/readyz",
    "/.well-known/jwks.json",
    "/.well-known/security.txt",
    "/.well-known/change-password",
    "/static/<path:filename>",
    "/gate/nginx",  # proxies ask it about visitors who are not signed in as well
    "/gate/forward",  # the same
}
# The role that each gated route needs; None: anyone signed in.
REQUIRED_ROLES = {
    "/members": None,
    "/api/me": None,
    "/account": None,
    "/account/settings": None,
    "/account/password": None,
    "/account/password/strength": None,
    "/account/email": None,
    "/account/email/remove": None,
    "/account/export": None,
    "/account/lock": None,
    "/account/delete": None,
    "/account/sessions": None,
    "/account/sessions/<session_id>/end": None,
    "/account/sessions/<session_id>/name": None,
    "/account/sessions/end-others": None,
    "/account/tokens": None,
    "/account/tokens/<session_id>/revoke": None,
    "/account/tokens/<session_id>/name": None,
    "/account/events": None,
    "/account/invitations": None,
    "/account/invitations/<invitation_id>/revoke": None,
    "/lab": None,
    "/lab/attacks": None,
    "/lab/attacks/<name>": None,
    "/admin": "admin",
    "/admin/accounts": "admin",
    "/admin/accounts/<account_id>/email": "admin",
    "/admin/accounts/<account_id>/email/remove": "admin",
    "/admin/accounts/<account_id>/sign-out": "admin",
    "/admin/accounts/<account_id>/disable": "admin",
    "/admin/accounts/<account_id>/enable": "admin",
    "/admin/accounts/<account_id>/reset": "admin",
    "/admin/accounts/<account_id>/delete": "admin",
    "/admin/accounts/<account_id>/roles/add": "admin",
    "/admin/accounts/<account_id>/roles/remove": "admin",
    "/admin/accounts/<account_id>/end-date": "admin",
    "/admin/accounts/<account_id>/end-date/remove": "admin",
    "/admin/accounts/<account_id>/sessions/<session_id>/end": "admin",
    "/admin/accounts/<account_id>": "admin",
    "/admin/accounts/new": "admin",
    "/admin/sign-out-everybody": "admin",
    "/admin/guest-links": "admin",
    "/admin/guest-links/<link_id>/revoke": "admin",
    "/admin/invitations": "admin",
    "/admin/invitations/<invitation_id>/revoke": "admin",
    "/admin/requests": "admin",
    "/admin/requests/<account_id>/approve": "admin",
    "/admin/requests/<account_id>/reject": "admin",
    "/admin/events": "admin",
    "/admin/events/<kind>": "admin",
    "/admin/keys": "admin",
    "/admin/keys/rotate": "admin",
    "/admin/keys/<kid>/drop": "admin",
    "/admin/rules": "admin",
    "/admin/mails": "admin",
}


def gated_routes(app: Flask) -> list[tuple[str, str]]:
    """Path and method of every route that is not open."""
    return [
        (rule.rule, method)
        for rule in app.url_map.iter_rules()
        if rule.rule not in OPEN_ROUTES
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    ]
