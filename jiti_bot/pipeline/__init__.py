"""The straight line: what is pending, implemented in order, proved, stored."""
