"""Audit events and their log. The facts of a request are added in `web/audit`."""
