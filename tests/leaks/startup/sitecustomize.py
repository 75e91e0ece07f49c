"""Python runs this when it starts, in every process that a test starts: PYTHONPATH names this folder.

It records the secrets of real servers and commands, without any code in the product.
"""

import os
import sys

if "LEAK_CHECK" in os.environ:
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
    sys.path.insert(0, root)
    try:
        from tests.leaks.collection import collection
        from tests.leaks.observing import observe

        if collection:
            observe(collection)
    finally:
        sys.path.remove(root)
