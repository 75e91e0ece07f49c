"""Kinds of outgoing messages."""

from enum import StrEnum


class Kind(StrEnum):
    """What a message is about; also the name of its template, and the event of a webhook."""

    RESET_REQUEST = "reset_request"  # never sent: the sender looks up the account, and writes a RESET
    RESET = "reset"
    CONFIRM_ADDRESS = "confirm_address"
    NEW_SIGN_IN = "new_sign_in"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  # a name
    PASSWORD_RESET = "password_reset"  # noqa: S105  # a name
    ADDRESS_CHANGED = "address_changed"
    ACCOUNT_THROTTLED = "account_throttled"
    ACCOUNT_DISABLED = "account_disabled"
    ACCOUNT_LOCKED = "account_locked"
    ACCOUNT_DISOWNED = "account_disowned"
    ACCOUNT_REQUESTED = "account_requested"  # for administrators


# Sent to the owner of an account, and to the webhook.
NOTICES = (
    Kind.NEW_SIGN_IN,
    Kind.PASSWORD_CHANGED,
    Kind.PASSWORD_RESET,
    Kind.ADDRESS_CHANGED,
    Kind.ACCOUNT_THROTTLED,
    Kind.ACCOUNT_DISABLED,
    Kind.ACCOUNT_LOCKED,
    Kind.ACCOUNT_DISOWNED,
)
# Notices with a "this wasn't me" link. There is nothing that the owner could undo in the others.
DISOWNABLE = (Kind.NEW_SIGN_IN, Kind.PASSWORD_CHANGED, Kind.PASSWORD_RESET, Kind.ADDRESS_CHANGED)

MAIL, WEBHOOK = "mail", "webhook"  # channels
