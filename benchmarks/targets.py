"""The figures of the benchmark: how each is computed from the samples, and what it should be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.measuring.spread import paired_ratios

TOLERANCE = 0.10  # how much worse than the committed one a figure may be


@dataclass(frozen=True)
class Target:
    """One figure.

    over, under: names of samples; the figure is the quotient of the two, or the first one if there is no second.
    at_most: whether smaller is better. limit: None if the figure is only for comparison. today: the figure before the
    work on these targets, on the same machine.
    """

    name: str
    title: str
    over: str
    under: str | None
    at_most: bool
    limit: float | None
    today: float | None = None
    unit: str = "times"

    def values(self, samples: Mapping[str, Sequence[float]]) -> list[float]:
        """The figure in each round. Raises KeyError if a sample was not measured."""
        over = samples[self.over]
        return list(over) if self.under is None else paired_ratios(over, samples[self.under])

    def is_measured(self, samples: Mapping[str, Sequence[float]]) -> bool:
        return self.over in samples and (self.under is None or self.under in samples)

    def is_met(self, value: float) -> bool:
        """Whether the value is within the limit; always true if there is none."""
        if self.limit is None:
            return True
        return value <= self.limit if self.at_most else value >= self.limit

    def is_worse(self, value: float, committed: float) -> bool:
        """Whether the value is worse than the committed one by more than TOLERANCE."""
        if self.at_most:
            return value > committed * (1 + TOLERANCE)
        return value < committed * (1 - TOLERANCE)


def at_most(
    name: str,
    title: str,
    over: str,
    under: str | None,
    limit: float | None,
    today: float | None = None,
    unit: str = "times",
) -> Target:
    return Target(name, title, over, under, True, limit, today, unit)


def at_least(
    name: str,
    title: str,
    over: str,
    under: str | None,
    limit: float | None,
    today: float | None = None,
    unit: str = "times",
) -> Target:
    return Target(name, title, over, under, False, limit, today, unit)


# Of the gate and the proxy check: `make bench-quick` measures these alone.
QUICK = (
    at_most("gated", "gated page / the same page open, CPU", "gated.cpu", "open.cpu", 1.05, 1.58),
    at_most("open", "open page with all headers / bare Flask page, CPU", "open.cpu", "flask.cpu", 1.10, 1.45),
    at_least("check", "proxy check / bare WSGI answer, requests/s", "check.rate", "wsgi.rate", 0.6, 0.12),
)

PAGES = (
    at_least("flask-login", "Flask-Login's page / ours, CPU", "flask-login.cpu", "gated.cpu", 5, 2.6),
    at_least(
        "flask-jwt-extended", "Flask-JWT-Extended's page / ours, CPU", "flask-jwt-extended.cpu", "gated.cpu", 6.5, 3.3
    ),
    at_least("flask-security", "Flask-Security's page / ours, CPU", "flask-security.cpu", "gated.cpu", None),
    at_least("fastapi-users", "fastapi-users' page / ours, CPU", "fastapi-users.cpu", "gated.cpu", None),
    at_least("django", "Django's page / ours, CPU", "django.cpu", "gated.cpu", None),
    at_most("sign-in-page", "sign-in page / bare Flask page, CPU", "sign-in-page.cpu", "flask.cpu", 3, 9),
    at_most("account", "/account / bare Flask page, CPU", "account.cpu", "flask.cpu", 5, 14),
    at_most("lab", "/lab / bare Flask page, CPU", "lab.cpu", "flask.cpu", 8.7, 26),
    at_most("sessions", "/account/sessions (3 sessions) / bare Flask page, CPU", "sessions.cpu", "flask.cpu", 7, 21),
    at_most("attacks", "/lab/attacks / bare Flask page, CPU", "attacks.cpu", "flask.cpu", 38, 115),
)

GATE = (
    at_most("rs256", "gated page with RS256 / with HS256, CPU", "rs256.cpu", "hs256.cpu", 1.05),
    at_most("es256", "gated page with ES256 / with HS256, CPU", "es256.cpu", "hs256.cpu", 1.05),
    at_most("eddsa", "gated page with EdDSA / with HS256, CPU", "eddsa.cpu", "hs256.cpu", 1.05),
    at_most("metrics", "gated page with metrics / without, CPU", "metrics.cpu", "hs256.cpu", None),
    at_most("ended", "gated page with 1,000,000 ended sessions / none, CPU", "ended.cpu", "hs256.cpu", 1.1),
    at_most("live", "gated page with 100,000 live sessions / one, CPU", "live.cpu", "hs256.cpu", 1.1),
    at_most("visitors-1000", "one visitor / 1,000 visitors, requests/s", "hs256.rate", "visitors-1000.rate", 1.5),
    at_most("visitors-20000", "one visitor / 20,000 visitors, requests/s", "hs256.rate", "visitors-20000.rate", 1.5),
    at_most("first-sight", "first request with a token, whole response time", "first-sight", None, 1, unit="ms"),
)

PROXY = (
    at_most("rules", "check with 1,000 rules / with 10, CPU", "check-1000.cpu", "check-10.cpu", 1.5),
    at_least(
        "nginx-open",
        "file through nginx with Daypass / open, requests/s",
        "nginx-daypass.rate",
        "nginx-open.rate",
        None,
    ),
    at_least(
        "nginx-apr1",
        "file through nginx with Daypass / `auth_basic` (MD5, htpasswd's default), requests/s",
        "nginx-daypass.rate",
        "nginx-apr1.rate",
        None,
    ),
    at_least(
        "nginx-bcrypt",
        "file through nginx with Daypass / `auth_basic` (bcrypt), requests/s",
        "nginx-daypass.rate",
        "nginx-bcrypt.rate",
        None,
    ),
)

SIGN_IN = (
    at_least("sign-in", "sign-ins/s / password hashes/s on all cores", "sign-ins", "hashes", 0.95),
    at_most("sign-in-rest", "sign-in without the hash, CPU", "sign-in-rest.cpu-ms", None, 5, unit="ms"),
    at_most("p99", "p99 of a gated page during 300 sign-ins at once / idle", "p99-busy", "p99-idle", 10),
)

FOLDER = (
    at_most(
        "small-files",
        "small file: Granian's static mount / Daypass, requests/s",
        "small-granian.rate",
        "small-daypass.rate",
        2,
    ),
    at_most(
        "small-files-nginx", "small file: nginx / Daypass, requests/s", "small-nginx.rate", "small-daypass.rate", None
    ),
    at_least(
        "large-files",
        "file of 16 MB: Daypass / nginx, MB/s",
        "large-daypass.megabytes",
        "large-nginx.megabytes",
        0.9,
    ),
    at_least("large-files-rate", "file of 16 MB, MB/s", "large-daypass.megabytes", None, None, unit="MB/s"),
)

START = (
    at_most("start", "`python app.py` to its first response", "start", None, 1.0, 1.3, unit="s"),
    at_most("command", "`daypass user list`", "command", None, 0.5, 1.0, unit="s"),
    at_most("memory", "memory of a worker after 10,000 requests", "memory", None, 60, unit="MiB"),
)

NODES = (
    at_most(
        "nodes",
        "p99 until two other nodes refuse an ended session, from the request that ends it",
        "nodes.after-request",
        None,
        50,
        480,
        unit="ms",
    ),
    at_most("nodes-response", "the same, from the response to it", "nodes.after-response", None, None, unit="ms"),
)

TARGETS = (*QUICK, *PAGES, *GATE, *PROXY, *SIGN_IN, *FOLDER, *START, *NODES)
