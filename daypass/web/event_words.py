"""Audit events in words, for pages."""

from daypass.audit.events import Event

# What was done, and what is said of a refusal.
WORDS: dict[str, tuple[str, str]] = {
    Event.ACCOUNT_APPROVED: ("Account approved", "Account not approved"),
    Event.ACCOUNT_CREATED: ("Account created", "Account not created"),
    Event.ACCOUNT_DELETED: ("Account deleted", "Wrong password for deleting the account"),
    Event.ACCOUNT_DISOWNED: ("Account taken back by its owner", "Link to take the account back refused"),
    Event.ADDRESS_CHANGED: ("E-mail address changed", "E-mail address not changed"),
    Event.ADDRESS_REQUESTED: ("New e-mail address to be confirmed", "E-mail address refused"),
    Event.ACCOUNT_DISABLED: ("Account disabled", "Account not disabled"),
    Event.ACCOUNT_ENABLED: ("Account enabled", "Account not enabled"),
    Event.ACCOUNT_LOCKED: ("Account locked by its owner", "Account not locked"),
    Event.ACCOUNT_REOPENED: ("Locked account opened with a reset link", "Locked account not opened"),
    Event.ACCOUNT_REJECTED: ("Request for an account rejected", "Request for an account not rejected"),
    Event.ACCOUNT_REQUESTED: ("Account requested", "Request for an account refused"),
    Event.ALL_SESSIONS_ENDED: ("Everybody signed out", "Nobody signed out"),
    Event.API_TOKEN_CREATED: ("API token created", "API token not created"),
    Event.API_TOKEN_REFUSED: ("API token used", "API token refused"),
    Event.AUDIT_RESTARTED: ("Audit trail restarted", "Audit trail not restarted"),
    Event.BACKUP_CREATED: ("Backup created", "Backup failed"),
    Event.BACKUP_RESTORED: ("Backup restored", "Restore failed"),
    Event.BUSY: ("Was busy", "Turned away, because the server was busy"),
    Event.CONFIRM_PASSWORD: ("Password confirmed", "Wrong password to confirm"),
    Event.CROSS_SITE_REFUSED: ("Request from another site", "Request from another site refused"),
    Event.DATABASE_COPIED: ("Database copied", "Copy of the database failed"),
    Event.DATA_EXPORTED: ("Own data downloaded", "Own data not downloaded"),
    Event.END_DATE_SET: ("End date set or removed", "End date not set"),
    Event.GUEST_LINK_CREATED: ("Guest link created", "Guest link not created"),
    Event.GUEST_LINK_OPENED: ("Guest link opened", "Guest link refused"),
    Event.GUEST_LINK_REVOKED: ("Guest link revoked", "Guest link not revoked"),
    Event.INVITATION_CREATED: ("Invitation created", "Invitation not created"),
    Event.INVITATION_REVOKED: ("Invitation revoked", "Invitation not revoked"),
    Event.INVITATION_USED: ("Invitation used", "Invitation refused"),
    Event.KEYS_REENCRYPTED: ("Signing keys encrypted again", "Signing keys not encrypted again"),
    Event.KEYS_ROTATED: ("Signing key rotated", "Signing key not rotated"),
    Event.KEY_DROPPED: ("Signing key dropped", "Signing key not dropped"),
    Event.MAIL_FAILED: ("Mail delivered", "Mail could not be delivered"),
    Event.OTHER_SESSIONS_ENDED: ("All other sessions revoked", "Other sessions not revoked"),
    Event.PAGE_CLOSED: ("Page opened", "Page refused by the rules"),
    Event.PAGE_REFUSED: ("Page opened", "Page refused by the rules"),
    Event.PASSWORD_CHANGE: ("Password changed", "Wrong password for changing the password"),
    Event.PASSWORD_RESET: ("Password reset with a link", "Reset link refused"),
    Event.PASSWORD_SET: ("Password set", "Password not set"),
    Event.PROXY_REFUSED: ("Proxy check", "Check from an unknown proxy refused"),
    Event.RENEWAL: ("Pass renewed", "Pass not renewed"),
    Event.RESET_LINK_CREATED: ("Reset link created", "Reset link not created"),
    Event.RESET_REQUESTED: ("Reset link asked for", "Reset link not asked for"),
    Event.ROLES_SET: ("Roles changed", "Roles not changed"),
    Event.ROLE_MISSING: ("Page opened", "Page refused: role missing"),
    Event.SESSIONS_ENDED: ("Signed out everywhere", "Not signed out"),
    Event.SESSION_ENDED: ("Session revoked", "Session not revoked"),
    Event.SESSION_NAMED: ("Session named", "Session not named"),
    Event.SET_UP: ("First account created", "Set-up refused"),
    Event.SIGN_IN: ("Signed in", "Sign-in failed"),
    Event.SIGN_OUT: ("Signed out", "Not signed out"),
    Event.SIGN_UP: ("Signed up", "Sign-up refused"),
    Event.SLOW_BODY: ("Slow request", "Request ended, because it was too slow"),
    Event.THROTTLED: ("Attempt counted", "Too many attempts"),
    Event.TOKEN_REFUSED: ("Pass accepted", "Pass refused or missing"),
}


def describe(event: str, outcome: str) -> str:
    """An event in words. An event that has none, for instance of another version, is described by its name."""
    name = event.replace("_", " ").capitalize()
    done, refused = WORDS.get(event, (name, f"{name}: refused"))
    return done if outcome == "success" else refused
