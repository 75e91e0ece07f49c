"""Rates of attempts, such as ten in a quarter of an hour."""

import re
from dataclasses import dataclass
from datetime import timedelta

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}  # seconds
FORM = re.compile(r"([0-9]{1,6})/([0-9]{1,4})([smhd])")
MAX_PERIOD = timedelta(days=1)


@dataclass(frozen=True)
class Rate:
    """So many attempts at once; the allowance then refills evenly over the period."""

    count: int
    period: timedelta

    @property
    def interval_ms(self) -> int:
        """Milliseconds after which one more attempt is available."""
        return max(1, self.period // timedelta(milliseconds=self.count))

    @property
    def period_ms(self) -> int:
        """Milliseconds until an unused allowance is complete again."""
        return self.interval_ms * self.count


def parse_rate(text: str) -> Rate:
    """Parse a rate such as `10/15m`: a number of attempts, and a period in s, m, h or d. Raises ValueError."""
    found = FORM.fullmatch(text)
    count = int(found[1]) if found else 0
    period = timedelta(seconds=int(found[2]) * UNITS[found[3]]) if found else timedelta(0)
    if not count or not timedelta(0) < period <= MAX_PERIOD:
        raise ValueError("it must be a number of attempts and a period of at most a day, such as 10/15m or 100/1d")
    return Rate(count, period)
