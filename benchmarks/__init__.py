"""Benchmarks: how long our work takes, as a ratio to a floor or a peer, in one run."""
