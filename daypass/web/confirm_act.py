"""The page that says what an act will do, or why it is not possible, before it is done."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from daypass.database.models import Account
from daypass.sessions import lifecycle
from daypass.web.context import current_db
from daypass.web.page_url import page_url
from daypass.web.rendering import render_page


def confirm_page(
    title: str,
    consequences: Sequence[str],
    *,
    button: str,
    action: str,
    back: str,
    fields: Mapping[str, str] | None = None,
) -> str:
    """A page with one button that does the act, and a link back.

    title: the act and its object, as a question. consequences: sentences. action: the URL that the button posts to.
    back: the URL of the page that the visitor came from. fields: what the button posts.
    """
    return render_page(
        "daypass/pages/confirm_act.html",
        title=title,
        consequences=consequences,
        button=button,
        action=action,
        back=back,
        fields=fields or {},
    )


def refusal_page(title: str, reasons: Sequence[str], *, back: str) -> str:
    """The same page for an act that is not possible now: it says why, and has only the link back."""
    return render_page("daypass/pages/confirm_act.html", title=title, consequences=reasons, button=None, back=back)


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
    """The page before an administrator's act on an account, which says how many of its sessions end.

    consequences: further sentences. endpoint: of the act, to which the button posts the fields. ending: how many
    sessions end; None for all.
    """
    count = _live_sessions(account) if ending is None else ending
    return confirm_page(
        title,
        [_sessions_end(count), *consequences] if count else consequences,
        button=button,
        action=page_url(endpoint, account_id=account.id),
        back=page_url("managed_account.account", account_id=account.id),
        fields=fields,
    )


def _live_sessions(account: Account) -> int:
    """How many sessions and API tokens of an account are live."""
    return lifecycle.live_counts(current_db(), [account.id], datetime.now(UTC)).get(account.id, 0)


def _sessions_end(count: int) -> str:
    """What an act ends, as a sentence."""
    return "1 session or API token ends now." if count == 1 else f"{count} sessions and API tokens end now."
