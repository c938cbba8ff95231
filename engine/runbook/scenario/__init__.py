"""Simulated worlds: what a scenario says the world answers, who its people are, and what must come of it. Pure."""
