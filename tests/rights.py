"""Processes that the rights of files hold for, also where root runs the tests."""

import os
import sys

import pytest

# A process of root that has lost these is refused what its owner's rights do not give.
_WITHOUT_OVERRIDE = """
import ctypes, os, sys
CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, PR_CAPBSET_DROP = 1, 2, 24
for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
    if ctypes.CDLL(None, use_errno=True).prctl(PR_CAPBSET_DROP, capability, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""


def python_with_rights() -> list[str]:
    """How a command line begins that runs Python, bound by the rights of files."""
    if sys.platform == "win32":
        pytest.skip("rights are others on Windows")
    if os.geteuid() != 0:
        return [sys.executable]
    if sys.platform != "linux":
        pytest.skip("root may do anything here")
    return [sys.executable, "-c", _WITHOUT_OVERRIDE]
