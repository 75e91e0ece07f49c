"""Whether the first account exists, remembered by each process."""

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from daypass.accounts import setup


class SetupState:
    """Asks the database until the first account exists, and never again: that does not change any more."""

    def __init__(self, session_factory: sessionmaker[Session]) -> None:
        self._session_factory = session_factory
        self._done = False

    def is_done(self) -> bool:
        """Whether the first account has ever been created. True while the database cannot be asked."""
        if not self._done:
            try:
                with self._session_factory() as db:
                    self._done = setup.is_done(db)
            except SQLAlchemyError:
                return True
        return self._done
