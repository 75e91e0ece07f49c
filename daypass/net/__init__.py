"""Names on the network: hosts, addresses, request targets and redirect targets, each with one accepted spelling.

Pure functions; nothing here reads a request.
"""
