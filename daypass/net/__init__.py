"""Hosts, addresses, request targets and redirect targets, each parsed into one canonical form.

Pure functions; nothing here reads a request.
"""
