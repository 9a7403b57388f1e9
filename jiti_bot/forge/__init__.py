"""GitHub: what a reviewer reads, and how it gets there."""
