"""Numbers that can be set and hardly are meant."""

from daypass.doctor.finding import Finding, Findings
from daypass.settings.definitions import DAY, Settings

MONTH = 31 * DAY  # seconds


def check_lifetimes(settings: Settings) -> Findings:
    """For how long a pass that somebody has copied is good."""
    for name, seconds in (
        ("DAYPASS_TOKEN_LIFETIME", settings.token_lifetime),
        ("DAYPASS_IDLE_LIFETIME", settings.idle_lifetime),
    ):
        if seconds > MONTH:
            yield Finding(
                f"{name} is {seconds // DAY} days, for which a pass that was copied is good, where nobody ends it.",
                "Set it to a month (2678400) or less; “keep me signed in” renews by itself.",
                wrong=False,
            )
            return


def check_workers(settings: Settings, cores: int) -> Findings:
    """Processes that can only wait for each other."""
    if settings.workers > 2 * cores:
        yield Finding(
            f"DAYPASS_WORKERS is {settings.workers}, and this machine has {cores} "
            f"{'core' if cores == 1 else 'cores'}: more processes than twice that make nothing faster.",
            f"Set it to {cores}, or leave it out.",
            wrong=False,
        )
