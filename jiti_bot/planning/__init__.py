"""What is pending, in which order, and what came of it. Pure over values."""
