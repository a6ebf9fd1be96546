"""The acceptance tests use the harness of the long rounds, which lies beside them in ``benchmarks``."""

import sys
from pathlib import Path

ROOT = str(Path(__file__).parents[2])
if ROOT not in sys.path:
    sys.path.append(ROOT)
