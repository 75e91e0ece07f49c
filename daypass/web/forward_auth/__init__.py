"""The checks that nginx, Caddy and Traefik ask for before they pass a request on.

One file per protocol; what they share is in `common`.
"""
