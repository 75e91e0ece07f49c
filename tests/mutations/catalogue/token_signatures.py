"""Mutations of the verification of signatures: ASVS 9.1, and the attacks on tokens 1 to 14 and 26 to 31."""

from tests.mutations.forgeries import refused, tokens
from tests.mutations.mutation import Edit, Mutation

CODEC = "daypass/tokens/codec.py"
DECODE_ERRORS = "tests/security/test_decode_errors.py::"
ARBITRARY = "tests/security/test_arbitrary_tokens.py::"
OPTIONS = 'options={"require": list(REQUIRED_CLAIMS), '
ALGORITHM_CHECK = 'if header["alg"] != key.algorithm.value:'

NOT_VERIFIED = Edit(CODEC, OPTIONS, OPTIONS + '"verify_signature": False, ')
ANY_ALGORITHM = Edit(CODEC, ALGORITHM_CHECK, f"if False and {ALGORITHM_CHECK[3:]}")

MUTATIONS = [
    Mutation(
        "alg none asks for no verification",
        rows=tokens(1, 2),
        edits=(
            ANY_ALGORITHM,
            Edit(CODEC, OPTIONS, OPTIONS + '"verify_signature": header["alg"].strip().lower() != "none", '),
        ),
        tests=refused(1, 2),
    ),
    Mutation(
        "an alg that is no text is that of the key",
        rows=tokens(3),
        edits=(
            Edit(CODEC, ALGORITHM_CHECK, 'if isinstance(header["alg"], str) and header["alg"] != key.algorithm.value:'),
            NOT_VERIFIED,
        ),
        tests=refused(3),
    ),
    Mutation(
        "no signature is verified",
        rows=("6.3.4", "7.2.1", "9.1.1", *tokens(5, 6, 7, 8, 26, 27, 28, 29, 31, 41)),
        edits=(NOT_VERIFIED,),
        tests=(
            *refused(5, 6, 7, 8, 41),
            *refused(5, carrier="cookie"),
            *refused(26, 31, algorithm="ES256"),
            *refused(27, algorithm="EdDSA"),
            *refused(28, 29, algorithm="RS256"),
            ARBITRARY + "test_any_change_of_a_token_is_refused",
            "tests/web/test_gated_routes.py::test_no_gated_route_opens_with_a_tampered_token",
        ),
    ),
    Mutation(
        "neither signature nor algorithm is verified",
        rows=("9.1.2", *tokens(9, 10, 11, 12, 14)),
        edits=(ANY_ALGORITHM, NOT_VERIFIED),
        tests=(
            *refused(9, 14),
            *refused(10, 11, 14, algorithm="EdDSA"),
            DECODE_ERRORS + "test_a_key_signs_under_its_own_id_and_algorithm_only",
            "tests/security/test_public_keys.py::test_the_key_recovered_from_two_tokens_is_public_and_forges_nothing",
        ),
    ),
    Mutation(
        "any hash of the key's family verifies",
        rows=tokens(9),
        edits=(
            ANY_ALGORITHM,
            Edit(CODEC, "algorithms=[key.algorithm.value],", "algorithms=[header['alg']],"),
        ),
        tests=refused(9, algorithm="RS256"),
    ),
    Mutation(
        "a public key is taken for an HMAC secret",
        rows=tokens(10, 12),
        edits=(
            ANY_ALGORITHM,
            Edit(
                CODEC,
                "        ring.verifier(key.kid),\n        algorithms=[key.algorithm.value],",
                "        _verifier(header, key),\n        algorithms=[header['alg']],",
            ),
            Edit(
                CODEC,
                "def _key(",
                "def _verifier(header: dict[str, Any], key: SigningKey) -> Any:\n"
                "    if not header['alg'].startswith('HS'):\n"
                "        return key.public\n"
                "    numbers = key.public.public_numbers()  # type: ignore[union-attr]\n"
                "    return numbers.n.to_bytes(384, 'big')\n\n\n"
                "def _key(",
            ),
        ),
        tests=(
            *refused(10, algorithm="RS256"),
            "tests/security/test_public_keys.py::test_the_key_recovered_from_two_tokens_is_public_and_forges_nothing",
        ),
    ),
    Mutation(
        "none is an algorithm of keys",
        rows=("9.1.2", "11.4.3"),
        edits=(
            Edit("daypass/keys/algorithms.py", '    EDDSA = "EdDSA"\n', '    EDDSA = "EdDSA"\n    NONE = "none"\n'),
            Edit(
                "daypass/keys/algorithms.py", "    Algorithm.EDDSA,\n)", "    Algorithm.EDDSA,\n    Algorithm.NONE,\n)"
            ),
        ),
        tests=("tests/keys/test_signing_key.py::test_there_are_seven_algorithms_and_none_is_not_among_them",),
    ),
    Mutation(
        "a key with another id verifies",
        rows=tokens(9),
        edits=(
            Edit(
                CODEC,
                "        ring.verifier(key.kid),",
                "        next(each.public for each in ring if each.algorithm is key.algorithm),",
            ),
        ),
        tests=(DECODE_ERRORS + "test_a_key_signs_under_its_own_id_and_algorithm_only",),
    ),
]
