"""Ratios against the neighbours, from a real install: `make bench`. `docs/benchmarks.md` says what must hold."""
