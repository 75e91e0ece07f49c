"""The HTTP server, Granian, and its limits: protocol, timeouts, buffers, connections, and how its workers end."""

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

HEADER_SECONDS = 5  # for a request's head to arrive, and for a kept connection to send the next one
HEADER_BYTES = 16 * 1024  # of a request's head; a longer one is answered with 431
CONNECTIONS = 4096  # open at once in one worker
OWN_FILES = 512  # file descriptors that a worker needs besides its connections
TURN_SECONDS = 0.001  # that a thread may keep the GIL while others wait; Python's default is 5 ms
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
STOP_SECONDS = 35  # after which a worker that was told to stop is killed
ORPHAN_SECONDS = 5  # the same for a worker whose parent was killed


def serve(target: str, settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM. `target` names the factory of the WSGI app that each worker calls.

    HTTP/1 alone: proxies speak it to the apps behind them, and Granian never ends the read of a body on an HTTP/2
    connection that was closed. Of the threads, half may wait for bodies (`request_body`).
    """
    os.register_at_fork(before=_hold_signals, after_in_parent=_release_signals, after_in_child=begin_worker)
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
    """How many connections a worker may hold open, after the limit of open files was raised as far as it goes."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = CONNECTIONS + OWN_FILES if most == resource.RLIM_INFINITY else min(most, CONNECTIONS + OWN_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, most))
    return max(files - OWN_FILES, files // 2)


def _hold_signals() -> None:
    """Block signals while a worker is forked: one that arrived before `begin_worker` ran would be lost."""
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)


def _release_signals() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)


def begin_worker() -> None:
    """Leave the terminal's process group, and the parent's signal handlers, before anything else happens.

    Ctrl-C then reaches the parent alone, which stops its workers. Until a worker has handlers of its own it would
    otherwise run the parent's, which only note the signal, and never end. `create_worker` calls this too, because
    hooks of `fork` do not run in workers that are spawned (macOS, Python 3.14).
    """
    os.setpgid(0, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _release_signals()


def shorten_turns() -> None:
    """Let a thread that waits for the GIL have it after a millisecond: a gated page needs it several times."""
    sys.setswitchinterval(TURN_SECONDS)


def end_with_parent() -> None:
    """End this worker when its parent ends, even by SIGKILL; requests that still run have ORPHAN_SECONDS."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(ORPHAN_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, name="parent watch", daemon=True).start()
