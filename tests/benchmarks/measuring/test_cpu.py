"""The CPU time of other processes."""

import subprocess
import sys

from benchmarks.measuring.cpu import cpu_seconds

WORK = "import time\nwhile time.process_time() < 0.2: pass\nprint(flush=True)\ninput()"
PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {WORK!r}])"


def test_the_time_of_a_process_includes_that_of_its_children() -> None:
    command = [sys.executable, "-c", PARENT]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdin and parent.stdout
        parent.stdout.readline()  # the child has used 0.2 seconds
        used = cpu_seconds(parent.pid)
        parent.stdin.write(b"\n")
    assert 0.2 < used < 2
