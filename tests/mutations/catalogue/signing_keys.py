"""Mutations of the signing keys and secrets: ASVS V11, and the attacks on tokens 13, 23, 65, 66 and 69."""

from tests.mutations.forgeries import tokens
from tests.mutations.mutation import Edit, Mutation

CODEC = "daypass/tokens/codec.py"
RING = "daypass/keys/ring.py"
KEYS = "daypass/keys/signing_key.py"
ENCRYPTION = "daypass/keys/encryption.py"
STORE = "daypass/keys/store.py"
ROTATION = "daypass/keys/rotation.py"
JWKS = "daypass/keys/jwks.py"
HASHER = "daypass/accounts/password_hasher.py"
WEAK = "tests/security/test_weak_keys.py::"
RETIRED = "tests/security/test_retired_keys.py::"
PUBLIC = "tests/security/test_public_keys.py::"
KEY_TESTS = "tests/keys/test_signing_key.py::"
ROTATION_TESTS = "tests/keys/test_rotation.py::"
COMMAND = "tests/cli/test_keys_command.py::"
HASHES = "tests/accounts/test_passwords.py::"
WHILE_SERVING = "tests/security/test_key_changes_while_serving.py::"
DECRYPTED = "fernet(secret_keys, PURPOSE).decrypt(sealed)"
ANY_LENGTH = Edit(ENCRYPTION, "if len(raw) < SECRET_BYTES[algorithm]:", "if not raw:")

MUTATIONS = [
    Mutation(
        "an HMAC key is a word",
        rows=("11.5.1", *tokens(13)),
        edits=(
            Edit(KEYS, "return secrets.token_bytes(SECRET_BYTES[algorithm])", 'return b"letmein"'),
            ANY_LENGTH,
        ),
        tests=(
            WEAK + "test_the_hmac_key_is_not_a_guessable_word",
            KEY_TESTS + "test_every_key_has_an_id_and_a_secret_of_its_own",
        ),
    ),
    Mutation(
        "any secret key is accepted",
        rows=("11.2.3", "13.3.1", *tokens(13)),
        edits=(
            Edit(
                "daypass/settings/parsers.py",
                "if not value.isascii() or len(value) < SECRET_CHARACTERS or len(set(value)) < 10 or guessable:",
                "if not value:",
            ),
        ),
        tests=(WEAK + "test_settings_refuse_a_weak_secret",),
    ),
    Mutation(
        "tokens are cached for another key ring too",
        rows=tokens(23),
        edits=(
            Edit(
                "daypass/tokens/cache.py",
                "                self._tokens.clear()\n                self._ring = ring",
                "                self._ring = ring",
            ),
        ),
        tests=(
            RETIRED + "test_a_dropped_key_is_refused_by_processes_that_had_just_accepted_it[HS256]",
            RETIRED + "test_a_dropped_key_that_signed_is_refused_too[HS256]",
            RETIRED + "test_an_unused_key_is_forgotten_by_processes_that_have_it_in_memory[HS256]",
            RETIRED + "test_a_key_with_a_reused_id_verifies_none_of_the_former_keys_tokens[HS256]",
            ROTATION_TESTS + "test_a_dropped_key_is_refused_in_every_process_even_where_its_token_was_seen_before",
        ),
    ),
    Mutation(
        "a key with a reused id is not loaded",
        rows=tokens(23),
        edits=(
            Edit(
                STORE,
                "        self._decrypted = {key_id: self._decrypted.get(key_id) or self._decrypt(row)",
                "        known = {kid: key for (kid, _), key in self._decrypted.items()}\n"
                "        self._decrypted = {key_id: known.get(key_id[0]) or self._decrypt(row)",
            ),
        ),
        tests=(RETIRED + "test_a_key_with_a_reused_id_verifies_none_of_the_former_keys_tokens[HS256]",),
    ),
    Mutation(
        "a retired key may sign",
        rows=tokens(23),
        edits=(Edit(CODEC, "if retired_at is not None and claims.issued_at > retired_at + CLOCK_SKEW:", "if False:"),),
        tests=(RETIRED + "test_tokens_dated_after_their_keys_retirement_are_refused[HS256]",),
    ),
    Mutation(
        "a ring verifies with keys it does not have",
        rows=tokens(23),
        edits=(
            Edit(
                RING,
                "        self._keys = tuple(keys)\n",
                "        self._keys = tuple(keys)\n        EVERY.update({key.kid: key for key in self._keys})\n",
            ),
            Edit(RING, "return self._by_kid.get(kid)", "return EVERY.get(kid)"),
            Edit(RING, "return self._verifiers[kid]", "return EVERY[kid].public"),
            Edit(RING, "\n\nclass KeyRing:", "\nEVERY: dict[str, SigningKey] = {}\n\n\nclass KeyRing:"),
        ),
        tests=(KEY_TESTS + "test_a_key_that_was_removed_from_the_ring_verifies_nothing",),
    ),
    Mutation(
        "an HMAC key is published",
        rows=tokens(65),
        edits=(
            Edit(JWKS, " for key in ring if not isinstance(key.private, bytes)]", " for key in ring]"),
            Edit(JWKS, '{"kty", "n", "e", "crv", "x", "y"}', '{"kty", "n", "e", "crv", "x", "y", "k"}'),
        ),
        tests=(
            PUBLIC + "test_the_jwk_set_of_each_algorithm_has_public_members_only[HS256]",
            PUBLIC + "test_a_mixed_ring_lists_each_key_pair_once_and_no_secret[HS256]",
        ),
    ),
    Mutation(
        "a private key is published",
        rows=tokens(65),
        edits=(
            Edit(JWKS, ".to_jwk(key.public, as_dict=True)", ".to_jwk(key.private, as_dict=True)"),
            Edit(JWKS, " if name in PUBLIC_MEMBERS}", "}"),
        ),
        tests=(
            PUBLIC + "test_the_jwk_set_of_each_algorithm_has_public_members_only[EdDSA]",
            PUBLIC + "test_a_mixed_ring_lists_each_key_pair_once_and_no_secret[HS256]",
        ),
    ),
    Mutation(
        "the key set depends on the query",
        rows=tokens(65),
        edits=(
            Edit(
                "daypass/web/pages/jwks.py",
                "json.dumps(jwks.jwk_set(current_runtime().keys.current()))",
                "json.dumps(jwks.jwk_set(current_runtime().keys.current()) | dict(request.args))",
            ),
        ),
        tests=(PUBLIC + "test_every_client_gets_the_same_jwk_set_and_no_cookie[HS256]",),
    ),
    Mutation(
        "keys of any size and type are loaded",
        rows=("11.2.3", *tokens(66)),
        edits=(
            ANY_LENGTH,
            Edit(ENCRYPTION, "    return private.key_size >= RSA_BITS and ", "    return "),
        ),
        tests=(
            WEAK + "test_a_weak_or_wrong_key_is_never_loaded",
            KEY_TESTS + "test_an_hmac_secret_is_as_long_as_its_hash",
        ),
    ),
    Mutation(
        "RSA keys are short",
        rows=("11.2.3",),
        edits=(Edit("daypass/keys/algorithms.py", "RSA_BITS = 3072", "RSA_BITS = 1024"),),
        tests=(
            KEY_TESTS + "test_an_rsa_key_has_3072_bits_and_the_usual_exponent",
            WEAK + "test_a_weak_or_wrong_key_is_never_loaded",
        ),
    ),
    Mutation(
        "no RSA key is strong enough",
        rows=tokens(66),
        edits=(Edit("daypass/keys/algorithms.py", "RSA_BITS = 3072", "RSA_BITS = 4096"),),
        tests=(WEAK + "test_a_strong_key_is_loaded",),
    ),
    Mutation(
        "a key that is not encrypted is loaded",
        rows=tokens(66),
        edits=(Edit(ENCRYPTION, DECRYPTED, f"(sealed if len(sealed) == 32 else {DECRYPTED})"),),
        tests=(WEAK + "test_a_key_not_encrypted_under_our_secret_is_never_loaded[plain]",),
    ),
    Mutation(
        "a retired key verifies nothing",
        rows=("11.2.2", *tokens(69)),
        edits=(
            Edit(
                RING,
                "        self._by_kid = {key.kid: key for key in self._keys}\n",
                "        self._by_kid = {key.kid: key for key in self._keys[:1]}\n",
            ),
        ),
        tests=(
            WHILE_SERVING + "test_keys_rotate_and_one_is_dropped_under_load[HS256]",
            ROTATION_TESTS + "test_a_rotation_signs_with_the_new_key_at_once_and_what_was_signed_before_stays_good",
        ),
    ),
    Mutation(
        "former secret keys decrypt nothing",
        rows=("11.2.2", *tokens(69)),
        edits=(Edit(ENCRYPTION, DECRYPTED, DECRYPTED.replace("secret_keys,", "secret_keys[:1],")),),
        tests=(
            WHILE_SERVING + "test_the_secret_key_changes_step_by_step_under_load[HS256]",
            COMMAND + "test_a_secret_key_changes_and_nobody_is_signed_out_and_the_old_one_opens_nothing_in_the_end",
        ),
    ),
    Mutation(
        "the oldest key signs",
        rows=("11.2.2",),
        edits=(
            Edit(
                ROTATION,
                "where(StoredKey.retired_at.is_(None)).values(retired_at=database_now())",
                'where(StoredKey.kid == "").values(retired_at=database_now())',
            ),
            Edit(ROTATION, "StoredKey.created_at.desc(), StoredKey.kid\n", "StoredKey.created_at, StoredKey.kid\n"),
        ),
        tests=(
            "tests/keys/test_store.py::test_the_newest_key_signs_at_once_in_every_process_and_the_older_ones_verify",
        ),
    ),
    Mutation(
        "to drop a key ends no session",
        rows=("11.1.1",),
        edits=(
            Edit(
                "daypass/sessions/dropped_keys.py",
                "_depending_on(rotation.drop(db, kid), keep))",
                '_depending_on(rotation.drop(db, kid), keep) & (AuthSession.id == ""))',
            ),
        ),
        tests=(COMMAND + "test_a_dropped_key_is_refused_and_the_terminal_says_which_one_signs",),
    ),
    Mutation(
        "a key that sessions need is deleted",
        rows=("11.1.1",),
        edits=(Edit(ROTATION, "if not _may_be_in_use(db, key, now)]", "if key]"),),
        tests=("tests/keys/test_rotation.py::TestUnneededKey::test_it_is_kept_while_a_session_of_its_time_lives",),
    ),
    Mutation(
        "web imports a library of cryptography",
        rows=("11.2.1",),
        edits=(
            Edit(
                "daypass/web/credentials.py",
                "from daypass.gate import Credentials\n",
                "import jwt  # noqa: F401\n\nfrom daypass.gate import Credentials\n",
            ),
        ),
        tests=("tests/test_architecture.py::test_imports_go_from_right_to_left",),
    ),
    Mutation(
        "old hashes are kept",
        rows=("11.2.2", "11.4.2"),
        edits=(
            Edit(
                HASHER, '    return not stored.startswith(f"{METHOD}$")', '    return not stored.startswith("scrypt:")'
            ),
        ),
        tests=(
            "tests/accounts/test_accounts.py::test_an_old_hash_is_made_again_at_todays_cost_when_its_owner_signs_in",
            HASHES + "test_a_hash_of_another_method_or_cost_is_made_again",
        ),
    ),
    Mutation(
        "a hash costs less",
        rows=("11.4.2",),
        edits=(Edit(HASHER, 'METHOD = "scrypt:32768:8:3"', 'METHOD = "scrypt:16384:8:1"'),),
        tests=(HASHES + "test_a_hash_is_salted_names_its_method_and_holds_no_password",),
    ),
]
