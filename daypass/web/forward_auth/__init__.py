"""The checks that nginx, Caddy and Traefik request before they pass a request on.

One file per protocol; shared code is in `common`.
"""
