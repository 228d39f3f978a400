"""What the process that decodes gives up before it reads a byte of a stranger's."""

from __future__ import annotations

import subprocess
import sys


def run_confined(code: str, pixels: int = 1_000_000) -> str:
    """Run code in a process that gave up what the decoder gives up; return what it printed."""
    setup = f"from limner.media.decode_process import confine; import os, socket; confine(1000, {pixels}, 1.0)\n"
    done = subprocess.run([sys.executable, "-c", setup + code], capture_output=True, text=True, env={}, check=False, timeout=20)
    return done.stdout + done.stderr[-200:] + f" {done.returncode}"


def test_the_decoding_process_can_open_nothing_and_cannot_outgrow_its_memory_and_time():
    assert "Too many open files" in run_confined("open('/etc/passwd')")
    assert "Too many open files" in run_confined("socket.socket()")
    assert "MemoryError" in run_confined("bytearray(2_000_000_000)")
    assert run_confined("while True: pass").endswith("-9")


def test_the_process_starts_light():
    code = "import sys, limner.media.decode_process; print([name for name in ('numpy', 'asyncio', 'limner.errors') if name in sys.modules])"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
