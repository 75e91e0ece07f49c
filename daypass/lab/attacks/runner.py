"""Run an attack: a throw-away session, a gate with throw-away keys, and its verdict on the forged tokens.

The gate is an instance of the class that guards the pages, with the same database and the same revocations. Only its
key ring differs, so that no token forged here opens a real page.
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
from daypass.lab.attacks.throwaway_keys import THROWAWAY_KEYS, FixedKeyRing, ring_without_dropped_key
from daypass.net.client import Client
from daypass.sessions import issuing, lifecycle
from daypass.sessions.issuing import Lifetime
from daypass.sessions.kinds import TRIAL
from daypass.tokens import codec
from daypass.tokens.claims import Claims
from daypass.tokens.errors import InvalidToken, TokenFault

AGE = timedelta(seconds=60)  # of the session, so that a token of it can have expired already
LIFETIME = 300  # seconds

GateFactory = Callable[[KeyRingProvider], Gate]


@dataclass(frozen=True)
class Outcome:
    """The outcome of a trial."""

    attack: Attack
    control_accepted: bool  # whether the gate accepted the original token: otherwise a refusal would prove nothing
    let_in: bool  # whether the gate accepted any of the forged tokens
    reasons: tuple[str, ...]  # why it refused the others, as in the log
    message: str  # what a visitor would read

    @property
    def refused(self) -> bool:
        """Whether the gate refused every forged token, after it had accepted the original."""
        return self.control_accepted and not self.let_in


def run(attack: Attack, *, db: Session, account_id: str, client: Client, issuer: str, new_gate: GateFactory) -> Outcome:
    """Run an attack with its own session, which is deleted afterwards. Raises ServiceUnavailable."""
    key = THROWAWAY_KEYS.key(attack)
    gate = new_gate(FixedKeyRing(KeyRing([key])))
    claims = _start(db, account_id, client, issuer)
    try:
        token = codec.encode(claims, key)
        control = _verdict(gate, token, attack.carrier)
        forged = attack.forge(Target(token, key, datetime.now(UTC)))
        gate = _interlude(attack.interlude, db, claims, gate, new_gate)
        verdicts = [_verdict(gate, text, attack.carrier) for text in forged]
    finally:
        with write_transaction(db):
            lifecycle.delete_trial(db, claims.session_id)
    return _outcome(attack, control, verdicts)


def _start(db: Session, account_id: str, client: Client, issuer: str) -> Claims:
    """Start a session, dated one minute back, that no list of sessions shows."""
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
    """Do what happens before the forged token is presented; return the gate that it is presented to."""
    match interlude:
        case Interlude.SIGN_OUT:
            with write_transaction(db):
                lifecycle.end(db, claims.session_id, "signed_out")
        case Interlude.DROP_THE_KEY:
            return new_gate(ring_without_dropped_key())
    return gate


def _verdict(gate: Gate, text: str, carrier: Carrier) -> Pass | Refusal:
    bearer = carrier is Carrier.BEARER
    return gate.verdict(Credentials(bearer=text) if bearer else Credentials(cookie=text), datetime.now(UTC))


def _outcome(attack: Attack, control: Pass | Refusal, verdicts: list[Pass | Refusal]) -> Outcome:
    errors = [verdict.error for verdict in verdicts if isinstance(verdict, Refusal)]
    return Outcome(
        attack,
        control_accepted=isinstance(control, Pass),
        let_in=len(errors) < len(verdicts),
        reasons=tuple(dict.fromkeys(error.reason for error in errors)),
        message=errors[0].message if errors else "",
    )
