"""Text to values: stubs, gates, specs and their digests. Pure and standard library only."""
