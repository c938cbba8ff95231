"""Feature flags in a JSON file, as kinds of steps: `flags.get` reads one, `flags.set` switches it."""
