"""What a backup says about itself: a table of names and values."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, Connection, MetaData, Table, Text, insert, select

from daypass.settings.version import VERSION

FORMAT = "1"
FACTS = Table(
    "daypass_backup", MetaData(), Column("name", Text, primary_key=True), Column("value", Text, nullable=False)
)


@dataclass(frozen=True)
class Facts:
    """When and from which kind of database a backup was made.

    source: `sqlite` or `postgresql`. secret_key: None unless it was explicitly included.
    """

    created_at: datetime
    source: str
    secret_key: str | None
    version: str = VERSION  # of the Daypass that made it


def write_facts(connection: Connection, facts: Facts) -> None:
    """Create the table and write the facts."""
    values = {
        "format": FORMAT,
        "created_at": facts.created_at.isoformat(timespec="seconds"),
        "version": VERSION,
        "source": facts.source,
    }
    if facts.secret_key is not None:
        values["secret_key"] = facts.secret_key
    FACTS.create(connection)
    connection.execute(insert(FACTS), [{"name": name, "value": value} for name, value in values.items()])


def read_facts(connection: Connection) -> Facts:
    """Read the facts. Raises KeyError or ValueError if they are not those of this format."""
    values: dict[str, str] = dict(connection.execute(select(FACTS.c.name, FACTS.c.value)).all())
    if values["format"] != FORMAT:
        raise ValueError(f"format {values['format']}")
    created_at = datetime.fromisoformat(values["created_at"])
    return Facts(created_at, values["source"], values.get("secret_key"), values["version"])
