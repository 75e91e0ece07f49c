"""What is wrong with a shared secret: that it can be guessed, or that it is shorter than its algorithm asks for."""

import re
import zlib

from daypass.keys.algorithms import SECRET_BYTES, Algorithm

GUESSABLE_BITS = 64  # one secret can be tried offline against one token, some 10^10 times a second
RUN = re.compile("[a-z]+|[A-Z]+|[0-9]|[^a-zA-Z0-9]", re.DOTALL)
LETTER_BITS, DIGIT_BITS, OTHER_BITS = 4.7, 3.3, 2.0
WORD_BITS = 6.0  # a run of letters may be a word: a word of 7 letters counts 13 bits, as in a list of 8000 words
COMPRESSION_OVERHEAD = 8  # bytes of every zlib stream


def remarks(secret: bytes, algorithm: Algorithm) -> tuple[str, ...]:
    """Sentences about the weaknesses of a secret, or nothing. Guessing and length are two different matters."""
    guessable, needed = guessing_bits(secret) < GUESSABLE_BITS, SECRET_BYTES[algorithm]
    size = "1 byte" if len(secret) == 1 else f"{len(secret)} bytes"
    if len(secret) >= needed:
        length = ""
    elif guessable:
        length = f"It has {size}; {algorithm} needs at least {needed} (RFC 7518 section 3.2)."
    else:
        length = (
            f"This secret is too random to be guessed, but its {size} are fewer than the {needed} "
            f"that {algorithm} needs (RFC 7518 section 3.2)."
        )
    guess = "This secret can be guessed: it is short, or made of words or a pattern." if guessable else ""
    return tuple(filter(None, (guess, length)))


def guessing_bits(secret: bytes) -> float:
    """A cautious estimate of how many bits have to be guessed. Words and repetition count for little."""
    try:
        text = secret.decode("ascii")
    except UnicodeDecodeError:
        bits = 8.0 * len(secret)
    else:
        bits = sum(map(_run_bits, RUN.findall(text)))
    return min(bits, 8.0 * (len(zlib.compress(secret)) - COMPRESSION_OVERHEAD))


def _run_bits(run: str) -> float:
    if run.isalpha():
        return min(LETTER_BITS * len(run), WORD_BITS + len(run))
    return DIGIT_BITS if run.isdigit() else OTHER_BITS
