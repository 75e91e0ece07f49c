"""The threads of one process: they store events, do daily maintenance, deliver messages and read gauges."""

from daypass import maintenance
from daypass.metrics.counters import Metrics, start_sampling
from daypass.runtime import Runtime


def start_threads(runtime: Runtime, metrics: Metrics | None) -> None:
    """Start the threads. They end with the process. metrics: None if the app counts nothing."""
    runtime.audit.start()
    maintenance.start(runtime)
    if runtime.settings.sends_messages:
        from daypass.accounts.mail_delivery import build_sender  # imports SMTP, which most sites do not use

        build_sender(runtime.settings, runtime.session_factory, runtime.keys, runtime.audit).start()
    if metrics:
        start_sampling(metrics, runtime)
