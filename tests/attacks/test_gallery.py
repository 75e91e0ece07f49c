"""The gallery's attacks: through its own gate as it says, and on the real gate with the real ring of each kind."""

from flask import Flask

from daypass import trial
from daypass.gallery.catalogue import ATTACKS
from tests.attacks.world import World


def test_draft(world: World) -> None:
    import time

    account = world.target.payload["sub"]
    with world.app.test_request_context("/lab/attacks"):
        for attack in ATTACKS:
            t = time.time()
            outcome = trial.run(attack, account)
            print(
                f"{attack.name:20} {outcome.control} {outcome.let_in} {outcome.reasons} {outcome.told} {time.time() - t:.3f}"
            )
