"""How much work something is, in steps of Python: lines that are run and functions that are called, C ones too."""

import gc
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


def counted(act: Callable[[], object]) -> int:
    """Run the act once to warm up, then count. The same on every machine, however busy it is.

    A loop in C is one step, whatever it loops over: that one has to be linear is up to whoever wrote it.
    """
    act()
    steps = 0

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal steps
        steps += 1
        return trace

    def profile(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal steps
        steps += event == "c_call"

    before = sys.gettrace(), sys.getprofile()
    gc.disable()  # what runs when rubbish is collected is not the act's
    sys.settrace(trace)
    sys.setprofile(profile)
    try:
        act()
    finally:
        sys.settrace(before[0])
        sys.setprofile(before[1])
        gc.enable()
    return steps
