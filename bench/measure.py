"""Measuring processes from outside: CPU seconds of several trees together, and the most memory of each process."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import psutil

from bench.sequential import peak_kib

KIB_IN_A_MB = 1_000_000 / 1024


class Watch:
    """Watches the trees below some processes. Ask often: a process that has ended cannot be asked any more."""

    def __init__(self, roots: Iterable[int]) -> None:
        self._roots = list(roots)
        self._cpu: dict[int, float] = {}
        self._before: dict[int, float] = {}
        self._peak_kib: dict[int, int] = {}

    def begin(self) -> None:
        """Count from here: CPU seconds from zero, memory from what each process holds now. Linux only."""
        self._cpu.clear()
        self._peak_kib.clear()
        for process in self._processes():
            # 5 resets the high-water mark; see proc(5).
            Path(f"/proc/{process.pid}/clear_refs").write_text("5")
        self._before = {process.pid: _cpu_seconds(process) for process in self._processes()}

    def add(self, root: int) -> None:
        """Watch one more tree, whose CPU seconds all count."""
        self._roots.append(root)

    def look(self) -> None:
        """Note where every process stands."""
        for process in self._processes():
            try:
                self._cpu[process.pid] = _cpu_seconds(process) - self._before.get(process.pid, 0.0)
            except psutil.NoSuchProcess:
                continue
            self._peak_kib[process.pid] = max(self._peak_kib.get(process.pid, 0), peak_kib(process.pid))

    @property
    def cpu_seconds(self) -> float:
        """What all of them used together since `begin`, as far as was looked."""
        return sum(self._cpu.values())

    @property
    def peak_mb(self) -> float:
        """The most that any one of them held at once, in MB (10^6 bytes)."""
        return max(self._peak_kib.values(), default=0) / KIB_IN_A_MB

    def _processes(self) -> Iterator[psutil.Process]:
        for root in self._roots:
            try:
                process = psutil.Process(root)
                yield from (process, *process.children(recursive=True))
            except psutil.NoSuchProcess:
                continue


def own_children() -> list[int]:
    """The processes that this one started and that still run."""
    return [child.pid for child in psutil.Process().children()]


def load_average() -> str:
    """How busy the machine was over the last minute and the last five, in processes."""
    minute, five, _ = os.getloadavg()
    return f"{minute:.1f} and {five:.1f}"


def _cpu_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
