"""Benchmarks: every figure is a ratio measured in one run, beside what it is compared with; see docs/benchmarks.md."""
