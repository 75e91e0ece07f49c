"""Errors of delivery in words."""

import socket
import ssl

import pytest

from daypass.web.delivery_words import delivery_error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ConnectionRefusedError(111, "Connection refused"), "The server refuses connections"),
        (TimeoutError("timed out"), "did not answer in time"),
        (socket.gaierror(-2, "Name or service not known"), "The name of the server was not found"),
        (ssl.SSLCertVerificationError("certificate verify failed"), "The certificate of the server"),
        (OSError(101, "Network is unreachable"), "could not be reached"),
    ],
)
def test_an_exception_is_put_in_words_and_its_text_is_kept(error: Exception, words: str) -> None:
    stored = f"{type(error).__name__}: {error}"
    sentence, original = delivery_error(stored)
    assert (words in sentence, original) == (True, stored)


@pytest.mark.parametrize("stored", ["the mail server answered 554 refused", "Strange: <b>", "", "OSErrors: x"])
def test_other_texts_stay_as_they_are(stored: str) -> None:
    sentence, original = delivery_error(stored)
    assert (sentence.lower(), original) == (stored.lower(), "")
