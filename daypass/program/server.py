"""The HTTP server, Granian: its limits, and how its workers start and stop."""

import multiprocessing
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing.util import Finalize

from daypass.program import log
from daypass.settings.definitions import Settings

HEADER_SECONDS = 5  # for the headers of a request, and between two requests on a kept-alive connection
HEADER_BYTES = 16 * 1024  # limit of a request's headers; longer ones get 431
CONNECTIONS = 4096  # that one worker holds open at the same time
RESERVED_FILES = 512  # file descriptors that a worker needs besides its connections
SWITCH_INTERVAL = 0.001  # seconds that a thread may keep the GIL while others wait; Python's default is 0.005
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
STOP_SECONDS = 35  # from the stop signal until a worker is killed
ORPHAN_SECONDS = 5  # the same if the worker's parent was killed


def serve(target: str, settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM.

    target: names the WSGI app factory that each worker calls.

    Only HTTP/1 is served. Proxies use it to reach the apps behind them, and Granian never stops reading the body of an
    HTTP/2 request whose connection was closed. Half of the threads may wait for request bodies (`web.request_body`).
    """
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces
    from granian.http import HTTP1Settings
    from granian.log import LogLevels

    _stop_on(*STOP_SIGNALS)
    Granian(
        target,
        factory=True,
        interface=Interfaces.WSGI,
        address=settings.host,
        port=settings.port,
        workers=settings.workers,
        blocking_threads=2 * settings.threads,
        backpressure=_connections(),
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_SECONDS * 1000, max_buffer_size=HEADER_BYTES),
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
        log_level=LogLevels.error,
        log_dictconfig=log.GRANIAN_LOGGING,
    ).serve()


def _connections() -> int:
    """Raise the limit of open files, and return the limit of connections."""
    _, hard_limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS + RESERVED_FILES
    files = wanted if hard_limit == resource.RLIM_INFINITY else min(hard_limit, wanted)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard_limit))
    return max(files - RESERVED_FILES, files // 2)


def _stop_on(*signals: signal.Signals) -> None:
    """Let a thread of its own wait for these signals, and call the handler that Granian has installed.

    Python would run that handler in the main thread, which waits for a lock and does not always notice a signal: not
    if it was just beginning to wait, or if another thread received the signal. STOP_SIGNALS stay blocked in all threads
    and workers that start after this call.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    for number in signals:
        signal.signal(number, signal.SIG_DFL)  # a worker has inherited the handlers of its parent

    def wait() -> None:
        received = signal.sigwait(signals)
        handler = signal.getsignal(received)
        if not callable(handler):
            os._exit(0)  # Granian serves nothing yet
        handler(received, None)

    threading.Thread(target=wait, name="stop signals", daemon=True).start()


def stop_on_sigterm() -> None:
    """Stop this worker on SIGTERM, and not on Ctrl-C, which its parent receives too: the parent stops its workers."""
    _stop_on(signal.SIGTERM)


def shorten_switch_interval() -> None:
    """Let waiting threads get the GIL sooner: a gated page needs it several times."""
    sys.setswitchinterval(SWITCH_INTERVAL)


def on_exit(action: Callable[[], None]) -> None:
    """Call this when the process ends normally. A worker does not run the handlers of `atexit`."""
    Finalize(None, action, exitpriority=1)


def end_with_parent() -> None:
    """Stop this worker when its parent ends, even by SIGKILL.

    Running requests get ORPHAN_SECONDS.
    """
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(ORPHAN_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, name="parent watch", daemon=True).start()
