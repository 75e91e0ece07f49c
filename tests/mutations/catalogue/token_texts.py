"""Mutations of how the text of a token is read: the attacks on tokens 32 to 36, 53 to 59."""

from tests.mutations.forgeries import refused, tokens
from tests.mutations.mutation import Edit, Mutation

CODEC = "daypass/tokens/codec.py"
DECODE_ERRORS = "tests/security/test_decode_errors.py::"
LENGTH = "MAX_TOKEN_LENGTH = 4096  # characters"
TOO_LONG = "    if len(text) > MAX_TOKEN_LENGTH:\n        raise InvalidToken"
PARSED = 'parse_object(decode_base64url(segment).decode("utf-8"))'
VERIFIED = """    jwt.decode(
        text,
        ring.verifier(key.kid),
        algorithms=[key.algorithm.value],
        issuer=issuer,
        options={"require": list(REQUIRED_CLAIMS), "verify_aud": False, "verify_exp": False, "verify_iat": False},
    )
"""
LENIENTLY_VERIFIED = """    import base64

    algorithm = jwt.get_algorithm_by_name(key.algorithm.value)
    signed, _, signature = text.rpartition(".")
    key_of_algorithm = algorithm.prepare_key(ring.verifier(key.kid))
    if not algorithm.verify(signed.encode(), key_of_algorithm, base64.urlsafe_b64decode(signature + "==")):
        raise InvalidToken("wrong signature")
"""
ONLY_THE_SIGNATURE = "    jwt.PyJWS().decode(text, ring.verifier(key.kid), algorithms=[key.algorithm.value])\n"

MUTATIONS = [
    Mutation(
        "only the beginning of a token is matched",
        rows=tokens(32, 59),
        edits=(
            Edit(CODEC, "COMPACT_FORM.fullmatch(text)", "COMPACT_FORM.match(text)"),
            Edit(CODEC, VERIFIED, LENIENTLY_VERIFIED),
        ),
        tests=(*refused(32, 59), DECODE_ERRORS + "test_characters_around_a_token_are_refused"),
    ),
    Mutation(
        "base64 in other spellings is read",
        rows=tokens(32, 33),
        edits=(Edit(CODEC, TOO_LONG, f'    text = text.translate({{43: "-", 47: "_", 61: None}})\n{TOO_LONG}'),),
        tests=refused(32, 33),
    ),
    Mutation(
        "spare bits are ignored",
        rows=tokens(32),
        edits=(
            Edit("daypass/tokens/base64url.py", "    if encode_base64url(raw) != text:", "    if False:"),
            Edit(CODEC, VERIFIED, LENIENTLY_VERIFIED),
        ),
        tests=refused(32),
    ),
    Mutation(
        "further parts are ignored",
        rows=tokens(34),
        edits=(Edit(CODEC, TOO_LONG, f'    text = ".".join(text.split(".")[:3])\n{TOO_LONG}'),),
        tests=(
            *refused(34),
            DECODE_ERRORS + "test_forged_texts_are_refused_without_a_header_around_them",
        ),
    ),
    Mutation(
        "the JSON serialization is read",
        rows=tokens(35),
        edits=(
            Edit(
                CODEC,
                TOO_LONG,
                "    if text.startswith('{'):\n"
                "        members = parse_object(text)\n"
                "        text = '.'.join(members[name] for name in ('protected', 'payload', 'signature'))\n"
                f"{TOO_LONG}",
            ),
        ),
        tests=refused(35),
    ),
    Mutation(
        "an encrypted token is decrypted with a known key",
        rows=tokens(36),
        edits=(
            Edit(
                CODEC,
                TOO_LONG,
                "    if text.count('.') == 4:\n"
                "        from cryptography.hazmat.primitives.ciphers.aead import AESGCM\n\n"
                "        nonce, content, tag = (decode_base64url(part) for part in text.split('.')[2:])\n"
                "        text = AESGCM(bytes(16)).decrypt(nonce, content + tag, text.split('.')[0].encode()).decode()\n"
                f"{TOO_LONG}",
            ),
        ),
        tests=refused(36),
    ),
    Mutation(
        "bytes that are not UTF-8 are left out",
        rows=tokens(54),
        edits=(
            Edit(CODEC, VERIFIED, ONLY_THE_SIGNATURE),
            Edit(CODEC, PARSED, 'parse_object(decode_base64url(segment).decode("utf-8", "ignore"))'),
        ),
        tests=refused(54),
    ),
    Mutation(
        "the encoding of JSON is guessed",
        rows=tokens(55),
        edits=(Edit(CODEC, PARSED, "__import__('json').loads(decode_base64url(segment))"),),
        tests=refused(55),
    ),
    Mutation(
        "JSON may be nested without limit",
        rows=tokens(56),
        edits=(
            Edit("daypass/tokens/strict_json.py", "MAX_DEPTH = 32 ", "MAX_DEPTH = 100_000 "),
            Edit(CODEC, "    except Exception as error:  #", "    except (ValueError, TypeError) as error:  #"),
        ),
        tests=refused(56),
    ),
    Mutation(
        "errors of strict JSON reach the visitor",
        rows=tokens(53, 54, 55, 56, 57),
        edits=(
            Edit(
                CODEC, "    except (InvalidBase64url, InvalidJson) as error:", "    except InvalidBase64url as error:"
            ),
            Edit(CODEC, "    except Exception as error:  #", "    except TypeError as error:  #"),
        ),
        tests=(
            *refused(55, 56, 57),
            "tests/security/test_arbitrary_tokens.py::test_any_json_with_a_valid_signature_is_refused",
            "tests/security/test_arbitrary_tokens.py::test_any_bytes_with_a_valid_signature_are_refused",
        ),
    ),
    Mutation(
        "a token may be longer",
        rows=tokens(58),
        edits=(Edit(CODEC, LENGTH, LENGTH.replace("4096", "65_536")),),
        tests=(
            *refused(58),
            DECODE_ERRORS + "test_a_token_over_4096_characters_is_refused_even_with_a_valid_signature",
        ),
    ),
    Mutation(
        "text without dots raises another error",
        rows=tokens(58, 59),
        edits=(
            Edit(CODEC, "    if not COMPACT_FORM.fullmatch(text):", "    if len(text.split('.')[1]) == 0:"),
            Edit(CODEC, "    except Exception as error:  #", "    except (TypeError, KeyError) as error:  #"),
        ),
        tests=("tests/security/test_arbitrary_tokens.py::test_any_text_is_refused",),
    ),
]
