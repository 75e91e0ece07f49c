"""CPU time of a server: of its first process and all processes below it."""

import time

from tests.helpers.processes import descendants


def cpu_seconds(pid: int) -> float:
    """User and system time that a process tree has used so far, in seconds."""
    return sum(_of_process(process) for process in (pid, *descendants(pid)))


def _of_process(pid: int) -> float:
    """The sum of utime and stime in /proc/PID/stat, which has hundredths of seconds, in nanoseconds.

    The clock's number is that of clock_getcpuclockid(3), which Python does not offer for other processes.
    """
    return time.clock_gettime((~pid << 3) | 2)
