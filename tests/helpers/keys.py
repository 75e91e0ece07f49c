"""Rotate signing keys without the command line."""

from flask import Flask

from daypass.database.transactions import write_transaction
from daypass.keys import rotation, signing_key
from daypass.keys.algorithms import Algorithm
from daypass.keys.signing_key import SigningKey
from daypass.web.context import current_db, current_runtime


def rotate_keys(app: Flask, algorithm: Algorithm | None = None) -> SigningKey:
    """Do what `daypass keys rotate` does with the app's settings; returns the new key."""
    with app.app_context():
        settings = current_runtime().settings
        key = signing_key.generate(algorithm or settings.algorithm)
        with write_transaction(current_db()):
            rotation.rotate(current_db(), key, settings.secret_key)
    return key
