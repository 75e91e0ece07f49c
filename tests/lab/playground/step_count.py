"""How much work a call is, in steps of Python."""

import gc
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


def count_steps(act: Callable[[], object]) -> int:
    """Run the act once to warm up, then count its steps: lines and function calls.

    The number is the same on every machine. A loop in C is one step, whatever its length.
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

    previous_trace, previous_profile = sys.gettrace(), sys.getprofile()
    gc.disable()  # finalizers are not part of the act
    sys.settrace(trace)
    sys.setprofile(profile)
    try:
        act()
    finally:
        sys.settrace(previous_trace)
        sys.setprofile(previous_profile)
        gc.enable()
    return steps
