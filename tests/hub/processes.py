"""What is asked of processes."""

import time
from contextlib import suppress

import psutil


def wait_until(condition):
    """Wait up to twenty seconds; return whether it came true."""
    for _ in range(400):
        if condition():
            return True
        time.sleep(0.05)
    return False


def ended(process):
    """Whether a process has ended, if only nobody has asked for its exit code yet."""
    with suppress(psutil.NoSuchProcess):
        return process.status() == psutil.STATUS_ZOMBIE
    return True
