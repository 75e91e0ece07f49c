"""Findings about a set-up that works badly or is unsafe, one file per kind. Looking changes nothing."""
