"""Talks to the model: brief, prompts, loop, tools, budget, transcript. Knows nothing of git, GitHub or the store."""
