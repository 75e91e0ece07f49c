"""The HTTP server, Granian: its limits, and how its workers start and stop."""

import multiprocessing
import os
import resource
import signal
import sys
import threading
import time

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from daypass import server_log
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
    os.register_at_fork(before=_block_signals, after_in_parent=_unblock_signals, after_in_child=begin_worker)
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
        log_dictconfig=server_log.GRANIAN_LOGGING,
    ).serve()


def _connections() -> int:
    """Raise the limit of open files, and return the limit of connections."""
    _, hard_limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS + RESERVED_FILES
    files = wanted if hard_limit == resource.RLIM_INFINITY else min(hard_limit, wanted)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard_limit))
    return max(files - RESERVED_FILES, files // 2)


def _block_signals() -> None:
    """Block signals while a worker is forked.

    A signal that arrives before `begin_worker` would be lost.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)


def _unblock_signals() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)


def begin_worker() -> None:
    """Leave the terminal's process group and the parent's signal handlers.

    Ctrl-C then reaches only the parent, which stops its workers. Until a worker installs its own handlers it would
    run the parent's, which only record the signal, so that it would never end. `create_worker` calls this too, because
    fork hooks do not run in spawned workers (macOS, Python 3.14).
    """
    os.setpgid(0, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _unblock_signals()


def shorten_switch_interval() -> None:
    """Let waiting threads get the GIL sooner: a gated page needs it several times."""
    sys.setswitchinterval(SWITCH_INTERVAL)


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
