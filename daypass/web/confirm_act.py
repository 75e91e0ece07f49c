"""The page that says what an act will do, or why it is not possible, before it is done."""

from collections.abc import Mapping, Sequence

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
