"""A trial of an attack: a throw-away session, a gate with throw-away keys, and its verdict on the forged tokens.

The gate is of the same class as the one that guards the pages, with the same database and the same revocations. Only
its key ring differs, so that no token that is forged here opens a real page.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from daypass.database.models import Account
from daypass.database.transactions import write_transaction
from daypass.gate import Credentials, Gate, Pass, Refusal
from daypass.keys.ring import KeyRing, KeyRingProvider
from daypass.lab.attacks.attack import Attack, Carrier, Interlude
from daypass.lab.attacks.forging import Target
from daypass.lab.attacks.throwaway_keys import THROWAWAY_KEYS, FixedKeyRing, after_dropping
from daypass.net.client import Client
from daypass.sessions import issuing, lifecycle
from daypass.sessions.issuing import Lifetime
from daypass.sessions.kinds import TRIAL
from daypass.tokens import codec
from daypass.tokens.claims import Claims
from daypass.tokens.errors import InvalidToken, TokenFault

AGE = timedelta(seconds=60)  # of the session when it is tried, so that a token of it can have expired already
LIFETIME = 300  # seconds

GateFactory = Callable[[KeyRingProvider], Gate]


@dataclass(frozen=True)
class Outcome:
    """The outcome of a trial."""

    attack: Attack
    control: bool  # whether the untouched token was accepted: otherwise a refusal would prove nothing
    let_in: bool  # whether any of the forged ones was
    reasons: tuple[str, ...]  # why the others were refused, as in the log
    told: str  # and as visitors read it

    @property
    def refused(self) -> bool:
        """Whether the gate held, which counts only if it accepts the untouched token."""
        return self.control and not self.let_in


def run(attack: Attack, *, db: Session, account_id: str, client: Client, issuer: str, new_gate: GateFactory) -> Outcome:
    """Try an attack on a session of its own, which is deleted afterwards. Raises ServiceUnavailable."""
    key = THROWAWAY_KEYS.key(attack)
    gate = new_gate(FixedKeyRing(KeyRing([key])))
    claims = _start(db, account_id, client, issuer)
    try:
        token = codec.encode(claims, key)
        control = _verdict(gate, token, attack.carrier)
        forged = attack.forge(Target(token, key, datetime.now(UTC)))
        gate = _interlude(attack.meanwhile, db, claims, gate, new_gate)
        verdicts = [_verdict(gate, text, attack.carrier) for text in forged]
    finally:
        with write_transaction(db):
            lifecycle.delete_trial(db, claims.session_id)
    return _outcome(attack, control, verdicts)


def _start(db: Session, account_id: str, client: Client, issuer: str) -> Claims:
    """A session that started a minute ago and is not listed."""
    started = datetime.now(UTC) - AGE
    with write_transaction(db):
        account = db.get(Account, account_id)
        if account is None:
            raise InvalidToken("account deleted meanwhile", TokenFault.ENDED)
        session = lifecycle.start(
            db, account, client=client, now=started, lifetime=Lifetime(LIFETIME, LIFETIME), kind=TRIAL
        )
        return issuing.session_claims(session, account, issuer=issuer)


def _interlude(interlude: Interlude, db: Session, claims: Claims, gate: Gate, new_gate: GateFactory) -> Gate:
    """Do what happens before the forged token is presented; returns the gate that it is presented to."""
    match interlude:
        case Interlude.SIGN_OUT:
            with write_transaction(db):
                lifecycle.end(db, claims.session_id, "signed_out")
        case Interlude.DROP_THE_KEY:
            return new_gate(after_dropping())
    return gate


def _verdict(gate: Gate, text: str, carrier: Carrier) -> Pass | Refusal:
    bearer = carrier is Carrier.BEARER
    return gate.verdict(Credentials(bearer=text) if bearer else Credentials(cookie=text), datetime.now(UTC))


def _outcome(attack: Attack, control: Pass | Refusal, verdicts: list[Pass | Refusal]) -> Outcome:
    errors = [verdict.error for verdict in verdicts if isinstance(verdict, Refusal)]
    return Outcome(
        attack,
        control=isinstance(control, Pass),
        let_in=len(errors) < len(verdicts),
        reasons=tuple(dict.fromkeys(error.reason for error in errors)),
        told=errors[0].message if errors else "",
    )
