"""Metrics that are numbers of rows, which all nodes share: read from the database whenever Prometheus asks.

They are the same in every process, so they are never added up over workers.
"""

import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from daypass.errors import ServiceUnavailable
from daypass.mail import outbox
from daypass.mail.kinds import MAIL, WEBHOOK
from daypass.throttling import attempts

if TYPE_CHECKING:
    from prometheus_client.core import GaugeMetricFamily

MAX_ROWS = ("daypass_limit_rows_max", "Limits on attempts beyond which no more addresses are counted.")
ROWS = ("daypass_limit_rows", "Limits on attempts in use.")
MAILS = ("daypass_mails", "Messages in the table; those that were sent or failed stay for seven days.")
OLDEST = ("daypass_mail_oldest_waiting_seconds", "Age of the message that waits for longest; 0 if none waits.")
STATES = (outbox.WAITING, outbox.SENT, outbox.FAILED)

log = logging.getLogger("daypass")


class StoredMetrics:
    """A collector for a registry of prometheus_client. Without the database, it has no values."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    def describe(self) -> "list[GaugeMetricFamily]":
        """The metrics without values, so that registering the collector reads nothing."""
        from prometheus_client.core import GaugeMetricFamily

        return [GaugeMetricFamily(*about) for about in (ROWS, MAX_ROWS, MAILS, OLDEST)]

    def collect(self) -> "Iterator[GaugeMetricFamily]":
        """Read the values."""
        try:
            with self._sessions() as db:
                yield from [*_limits(db), *_mails(db)]
        except (SQLAlchemyError, ServiceUnavailable) as error:
            log.warning("the metrics of limits and messages could not be read: %s", type(error).__name__)


def _limits(db: Session) -> "Iterator[GaugeMetricFamily]":
    from prometheus_client.core import GaugeMetricFamily

    yield GaugeMetricFamily(*ROWS, value=attempts.count_rows(db))
    yield GaugeMetricFamily(*MAX_ROWS, value=attempts.MAX_ROWS)


def _mails(db: Session) -> "Iterator[GaugeMetricFamily]":
    from prometheus_client.core import GaugeMetricFamily

    counts, ages = outbox.count_by_state(db), outbox.oldest_waiting(db)
    number = GaugeMetricFamily(*MAILS, labels=["channel", "state"])
    age = GaugeMetricFamily(*OLDEST, labels=["channel"])
    for channel in (MAIL, WEBHOOK):
        age.add_metric([channel], ages.get(channel, 0.0))
        for state in STATES:
            number.add_metric([channel, state], counts.get((channel, state), 0))
    yield from (number, age)
