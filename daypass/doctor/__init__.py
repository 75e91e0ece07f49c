"""Checks for mistakes in the setup, one file per kind. They change nothing."""
