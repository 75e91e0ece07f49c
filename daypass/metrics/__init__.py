"""Numbers for Prometheus; off by default.

`counters` counts what each process does, over all workers; `stored` reads what is the same for all of them from the
database. The page that shows them is in `web/pages/`.
"""
