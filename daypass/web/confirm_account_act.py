"""The page before an administrator's act that ends sessions of an account."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from flask import url_for

from daypass.database.models import Account
from daypass.sessions import lifecycle
from daypass.web.confirm_act import confirm_page
from daypass.web.context import current_db


def confirm_account_act(
    account: Account,
    title: str,
    consequences: Sequence[str],
    *,
    button: str,
    endpoint: str,
    ending: int | None = None,
    fields: Mapping[str, str] | None = None,
) -> str:
    """A page that says how many sessions end, and has a button that posts the fields to the act.

    consequences: further sentences. endpoint: of the act. ending: how many sessions end; None for all.
    """
    count = live_sessions(account) if ending is None else ending
    return confirm_page(
        title,
        [sessions_end(count), *consequences] if count else consequences,
        button=button,
        action=url_for(endpoint, account_id=account.id),
        back=url_for("managed_account.account", account_id=account.id),
        fields=fields,
    )


def live_sessions(account: Account) -> int:
    """How many sessions and API tokens of an account are live."""
    return lifecycle.live_counts(current_db(), [account.id], datetime.now(UTC)).get(account.id, 0)


def sessions_end(count: int) -> str:
    """What an act ends, as a sentence."""
    return "1 session or API token ends now." if count == 1 else f"{count} sessions and API tokens end now."
