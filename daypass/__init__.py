"""Daypass: a login in front of pages, with passes that can be taken back at once."""
