"""Signals to the app about accounts and sessions (https://blinker.readthedocs.io).

The sender is the app, and the argument `event` is the audit event (`audit.entry.Entry`). A signal is sent in the
process in which something happened, after it happened.
"""

import logging
from functools import partial

from blinker import Namespace
from flask import Flask

from daypass.audit.entry import Entry
from daypass.audit.events import Event
from daypass.audit.trail import AuditTrail

_namespace = Namespace()
signed_in = _namespace.signal("daypass-signed-in")
sign_in_refused = _namespace.signal("daypass-sign-in-refused")
session_revoked = _namespace.signal("daypass-session-revoked")
password_changed = _namespace.signal("daypass-password-changed")
account_created = _namespace.signal("daypass-account-created")
account_deleted = _namespace.signal("daypass-account-deleted")

REFUSED = {Event.SIGN_IN: (sign_in_refused,)}
DONE = {
    Event.SIGN_IN: (signed_in,),
    Event.SIGN_UP: (account_created, signed_in),
    Event.SET_UP: (account_created, signed_in),
    Event.ACCOUNT_CREATED: (account_created,),
    Event.ACCOUNT_REQUESTED: (account_created,),
    Event.ACCOUNT_DELETED: (account_deleted, session_revoked),
    Event.ACCOUNT_REJECTED: (account_deleted,),
    Event.ACCOUNT_DISABLED: (session_revoked,),
    Event.ACCOUNT_DISOWNED: (session_revoked,),
    Event.ACCOUNT_LOCKED: (session_revoked,),
    Event.END_DATE_SET: (session_revoked,),
    Event.PASSWORD_CHANGE: (password_changed, session_revoked),
    Event.PASSWORD_RESET: (password_changed, session_revoked),
    Event.PASSWORD_SET: (password_changed, session_revoked),
    Event.ROLES_SET: (session_revoked,),
    Event.SIGN_OUT: (session_revoked,),
    Event.SESSION_ENDED: (session_revoked,),
    Event.SESSIONS_ENDED: (session_revoked,),
    Event.OTHER_SESSIONS_ENDED: (session_revoked,),
    Event.ALL_SESSIONS_ENDED: (session_revoked,),
}

log = logging.getLogger("daypass")


def init_app(app: Flask, trail: AuditTrail) -> None:
    """Send the signals of this app from now on."""
    trail.observe(partial(_send, app))


def _send(app: Flask, entry: Entry) -> None:
    """Send the signals of an event. A receiver that fails is logged: it cannot undo what happened."""
    for signal in (DONE if entry.is_success else REFUSED).get(entry.event, ()):
        for receiver in signal.receivers_for(app):
            try:
                receiver(app, event=entry)
            except Exception:
                log.exception("a receiver of the signal %s failed", signal.name)
