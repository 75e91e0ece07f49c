"""A trial of an attack: a throw-away session, a gate with throw-away keys, and what the gate says of the forgery.

The gate is the very one that guards the pages, with the same database and the same revocation. Only its ring is
another: what is forged here can open no real page, whatever comes of it.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from flask import Request
from werkzeug.test import EnvironBuilder

from daypass.database.models import Account
from daypass.database.transactions import write_transaction
from daypass.keys.ring import KeyRing, KeyRingProvider
from daypass.lab.attacks.attack import Attack, Carrier, Interlude
from daypass.lab.attacks.forging import Target
from daypass.lab.attacks.throwaway_keys import THROWAWAY_KEYS, FixedKeyRing, after_dropping
from daypass.runtime import Runtime, db, process
from daypass.sessions import issuing, lifecycle
from daypass.sessions.issuing import Lifetime
from daypass.sessions.kinds import TRIAL
from daypass.settings.definitions import Settings
from daypass.tokens import codec
from daypass.tokens.cache import VerifiedTokenCache
from daypass.tokens.claims import Claims
from daypass.tokens.errors import InvalidToken, TokenFault
from daypass.web import gate
from daypass.web.sign_in import client

AGE = timedelta(seconds=60)  # of the session when it is tried, so that a token of it can have ended already
LIFETIME = 300  # seconds


@dataclass(frozen=True)
class Outcome:
    """What came of a trial."""

    attack: Attack
    control: bool  # whether the untouched token was let in: else a refusal would say nothing
    let_in: bool  # whether any of the forged ones was
    reasons: tuple[str, ...]  # why the others were not, in the log's words
    told: str  # and in the words that a visitor gets

    @property
    def refused(self) -> bool:
        """Whether the gate held, which only counts where it lets the untouched token in."""
        return self.control and not self.let_in


def run(attack: Attack, account_id: str) -> Outcome:
    """Try an attack on a session of its own, which is gone afterwards. Raises Unavailable without a database."""
    key = THROWAWAY_KEYS.key(attack)
    held = _gate_with(FixedKeyRing(KeyRing([key])))
    claims = _start(account_id)
    try:
        token = codec.encode(claims, key)
        control = _ask(token, attack.carrier, held)
        forged = attack.forge(Target(token, key, datetime.now(UTC)))
        held = _meanwhile(attack.meanwhile, claims, held)
        found = [_ask(text, attack.carrier, held) for text in forged]
    finally:
        with write_transaction(db.session):
            lifecycle.delete_trial(db.session, claims.session_id)
    return _outcome(attack, control, found)


def _gate_with(keys: KeyRingProvider) -> Runtime:
    """What a gate goes by that has these keys, and remembers nothing yet."""
    return replace(process(), keys=keys, remembered=VerifiedTokenCache())


def _start(account_id: str) -> Claims:
    """A session that began a minute ago and is on no list."""
    started = datetime.now(UTC) - AGE
    with write_transaction(db.session):
        account = db.session.get(Account, account_id)
        if account is None:
            raise InvalidToken("account deleted meanwhile", TokenFault.ENDED)
        session = lifecycle.start(
            db.session, account, client=client(), now=started, lifetime=Lifetime(LIFETIME, LIFETIME), kind=TRIAL
        )
        return issuing.session_claims(session, account, issuer=process().settings.base_url)


def _meanwhile(what: Interlude, claims: Claims, held: Runtime) -> Runtime:
    """What happens before the forgery is held out, and what the gate goes by after it."""
    match what:
        case Interlude.SIGN_OUT:
            with write_transaction(db.session):
                lifecycle.end(db.session, claims.session_id, "signed_out")
            held.revocations.note(claims)
        case Interlude.DROP_THE_KEY:
            return _gate_with(after_dropping())
    return held


def _ask(text: str, carrier: Carrier, held: Runtime) -> gate.Pass | gate.Refusal:
    """The gate's verdict on a request that carries this text."""
    return gate.verdict(_request(text, carrier, held.settings), held)


def _request(text: str, carrier: Carrier, settings: Settings) -> Request:
    """A request for the page for members, as a server would hand it over."""
    header = {
        Carrier.COOKIE: ("Cookie", f"{settings.cookie_name}={text}"),
        Carrier.BEARER: ("Authorization", f"Bearer {text}"),
    }[carrier]
    builder = EnvironBuilder(path="/members", base_url=settings.base_url, headers=[header])
    try:
        return Request(builder.get_environ())
    finally:
        builder.close()


def _outcome(attack: Attack, control: gate.Pass | gate.Refusal, found: list[gate.Pass | gate.Refusal]) -> Outcome:
    errors = [one.error for one in found if isinstance(one, gate.Refusal)]
    return Outcome(
        attack,
        control=isinstance(control, gate.Pass),
        let_in=len(errors) < len(found),
        reasons=tuple(dict.fromkeys(error.reason for error in errors)),
        told=errors[0].sentence if errors else "",
    )
