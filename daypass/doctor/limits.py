"""Check numbers that are valid but probably not intended."""

from daypass.doctor.finding import Finding, Findings
from daypass.settings.definitions import DAY, Settings

MONTH = 31 * DAY  # seconds


def check_lifetimes(settings: Settings) -> Findings:
    """Check for how long a copied pass stays valid."""
    for name, seconds in (
        ("DAYPASS_TOKEN_LIFETIME", settings.token_lifetime),
        ("DAYPASS_IDLE_LIFETIME", settings.idle_lifetime),
    ):
        if seconds > MONTH:
            yield Finding(
                f"{name} is {seconds // DAY} days: a stolen pass stays valid that long, unless its session is ended.",
                "Set it to a month (2678400) or less. “Keep me signed in” renews passes automatically.",
                is_problem=False,
            )
            return


def check_workers(settings: Settings, cores: int) -> Findings:
    """Check that there are not many more processes than cores."""
    if settings.workers > 2 * cores:
        yield Finding(
            f"DAYPASS_WORKERS is {settings.workers}, but this machine has {cores} "
            f"{'core' if cores == 1 else 'cores'}: more than twice as many processes make nothing faster.",
            f"Set it to {cores}, or remove it.",
            is_problem=False,
        )
