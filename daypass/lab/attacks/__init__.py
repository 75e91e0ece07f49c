"""Attacks on tokens of throw-away keys: what is forged, what is hoped for, and what stops it."""
