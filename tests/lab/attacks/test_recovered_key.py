"""Recovering an RSA public key from two signatures."""

from functools import cache

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from daypass.keys import signing_key
from daypass.keys.algorithms import Algorithm
from daypass.lab.attacks import recovered_key
from daypass.lab.attacks.catalogue import BY_NAME
from daypass.lab.attacks.forging import part, signature
from daypass.lab.attacks.recovered_key import EXPONENT, recover
from daypass.lab.attacks.throwaway_keys import THROWAWAY_KEYS


@cache
def key_pair() -> rsa.RSAPrivateKey:
    """A key pair with the exponent for which the calculation is quick."""
    return rsa.generate_private_key(EXPONENT, 2048)


def token(number: int, private: signing_key.PrivateKey | bytes | None = None) -> str:
    """A token with this number as its only claim."""
    text = f"{part({'alg': 'RS256'})}.{part({'sub': number})}"
    return f"{text}.{part(signature(private or key_pair(), text.encode()))}"


@pytest.mark.parametrize("number", range(5))
def test_any_two_tokens_reveal_the_public_key(number: int) -> None:
    assert recover(token(number), token(number + 100)) == key_pair().public_key()


def test_other_factors_that_both_have_in_common_are_taken_out() -> None:
    """In four of ten pairs there are some; here the factor 2."""
    even = [text for text in map(token, range(50)) if recovered_key._multiple(text) % 2 == 0]
    assert recover(*even[:2]) == key_pair().public_key()


def test_a_token_twice_reveals_nothing() -> None:
    assert recover(token(1), token(1)) is None


def test_tokens_of_two_keys_reveal_nothing() -> None:
    assert recover(token(1), token(2, rsa.generate_private_key(EXPONENT, 2048))) is None


def test_a_key_with_another_exponent_is_not_recovered() -> None:
    private = signing_key.generate(Algorithm.RS256).private
    assert recover(token(1, private), token(2, private)) is None


def test_the_gallery_uses_a_key_that_can_be_recovered() -> None:
    public = THROWAWAY_KEYS.key(BY_NAME["recovered-key"]).public
    assert isinstance(public, rsa.RSAPublicKey)
    assert (public.public_numbers().e, public.key_size) == (EXPONENT, 3072)
