"""Mutations of the queue for password hashes: the attacks T12, T13 and V7."""

from tests.mutations.mutation import Edit, Mutation

HASHER = "daypass/accounts/password_hasher.py"
QUEUE = "daypass/throttling/fair_queue.py"
ATTEMPTS = "daypass/web/attempts.py"
OF_HASHER = "tests/accounts/test_passwords.py::"
OF_QUEUE = "tests/throttling/test_fair_queue.py::"
OF_ESTIMATE = "tests/accounts/test_password_estimate.py::"
BY_ADDRESS = "tests/web/pages/test_hashing_by_address.py::test_an_address_with_its_full_share_waits_and_others_do_not"
HASH_NEW = (
    "        with self._queue.slot(self._owner, known=self._known):\n            check_strength(password, username)\n"
)
FULL = (
    "        if len(self._present) >= self._places + (self._reserved if known else 0):\n"
    "            self._rejected += 1\n"
    '            raise Busy("the queue is full")\n'
)

MUTATIONS = [
    Mutation(
        "what cannot be a password waits in the queue",
        rows=("T12",),
        edits=(
            Edit(HASHER, "        check_form(password)\n        if self._is_breached", "        if self._is_breached"),
        ),
        tests=(OF_ESTIMATE + "test_what_cannot_be_a_password_takes_no_place_in_the_queue",),
    ),
    Mutation(
        "the strength of a password is estimated outside of the queue",
        rows=("T13",),
        edits=(
            Edit(
                HASHER,
                HASH_NEW,
                "        check_strength(password, username)\n"
                "        with self._queue.slot(self._owner, known=self._known):\n",
            ),
        ),
        tests=(OF_ESTIMATE + "test_a_new_password_is_judged_inside_the_queue",),
    ),
    Mutation(
        "the queue has no end",
        rows=("T13",),
        edits=(Edit(QUEUE, FULL, ""),),
        tests=(OF_QUEUE + "test_known_devices_have_places_of_their_own",),
    ),
    Mutation(
        "all hashes run at once",
        rows=("T13",),
        edits=(Edit(QUEUE, "if not waiting or len(running) >= self._slots:", "if not waiting:"),),
        tests=(OF_HASHER + "test_work_beyond_the_queue_is_refused_at_once[1-1]",),
    ),
    Mutation(
        "nobody learns when the queue has room again",
        rows=("T13",),
        edits=(Edit("daypass/throttling/errors.py", "    retry_after = 5\n", ""),),
        tests=(
            OF_HASHER + "test_the_busy_error_says_when_to_come_back",
            BY_ADDRESS + "[/login-sent1-direct]",
        ),
    ),
    Mutation(
        "one address may fill the queue",
        rows=("T13",),
        edits=(Edit(QUEUE, "max(1, self._places // 2)", "self._places"),),
        tests=(OF_QUEUE + "test_one_owner_holds_at_most_half_of_the_places",),
    ),
    Mutation(
        "each address of an IPv6 network counts for itself",
        rows=("T5", "T13"),
        edits=(Edit(QUEUE, "ip_network((parsed, 64)", "ip_network((parsed, 128)"),),
        tests=(
            "tests/web/pages/test_sign_in_limits.py::test_addresses_of_one_ipv6_network_are_one[sqlite]",
            BY_ADDRESS + "[/login-sent1-direct]",
        ),
    ),
    Mutation(
        "the queue does not know whose password it hashes",
        rows=("T13",),
        edits=(
            Edit(
                ATTEMPTS,
                "return runtime.hasher.for_client(client_address(request.environ, runtime.settings), device_id)",
                "return runtime.hasher",
            ),
        ),
        tests=(BY_ADDRESS,),
    ),
    Mutation(
        "a proxy's visitors have one share of the queue",
        rows=("T13",),
        edits=(
            Edit(
                ATTEMPTS,
                "runtime.hasher.for_client(client_address(request.environ, runtime.settings), device_id)",
                "runtime.hasher.for_client(request.remote_addr, device_id)",
            ),
            Edit(
                ATTEMPTS,
                "from sqlalchemy.orm import",
                "from flask import request\nfrom sqlalchemy.orm import",
            ),
        ),
        tests=(BY_ADDRESS + "[/login-sent1-behind a proxy]",),
    ),
    Mutation(
        "known browsers have no places of their own",
        rows=("T13", "V7"),
        edits=(Edit(QUEUE, "(self._reserved if known else 0)", "0"),),
        tests=(OF_QUEUE + "test_known_devices_have_places_of_their_own",),
    ),
    Mutation(
        "known browsers have no turns of their own",
        rows=("T13", "V7"),
        edits=(Edit(QUEUE, "[job for job in waiting if job.known == self._known_next] or waiting", "waiting"),),
        tests=(OF_QUEUE + "test_every_second_job_is_that_of_a_known_device",),
    ),
    Mutation(
        "no browser counts as known in the queue",
        rows=("T13", "V7"),
        edits=(Edit(HASHER, "same._known = device_id is not None", "same._known = False"),),
        tests=("tests/web/pages/test_hashing_by_address.py::test_a_known_browser_has_a_place_in_a_full_queue",),
    ),
]
