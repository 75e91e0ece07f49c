"""Why sessions end, in words."""

IN_WORDS = {
    "signed_out": "by signing out",
    "signed_in_again": "by signing in again",
    "ended_by_owner": "by you",
    "ended_by_admin": "by an administrator",
    "password_changed": "because the password was changed",
    "disowned": "because you reported an act that was not yours",
    "account_disabled": "because the account was disabled",
    "end_date_set": "because your account got an end date",
    "account_locked": "because you locked the account",
    "role_changed": "because your roles were changed",
    "too_many": "to make room for a new one",
    "restored": "because a backup was restored",
    "key_dropped": "because its signing key was dropped",
}


def end_reason_in_words(reason: str) -> str:
    """The words that follow "was ended" for a stored `end_reason`."""
    return IN_WORDS.get(reason, "by an administrator")
