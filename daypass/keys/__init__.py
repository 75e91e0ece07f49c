"""Signing keys: algorithms, ring, encryption at rest, storage, rotation, and the JWK Set. Tokens belong in `tokens`."""
