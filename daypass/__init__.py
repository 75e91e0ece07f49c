"""Daypass: a login in front of pages, with sessions that can be revoked at once."""
