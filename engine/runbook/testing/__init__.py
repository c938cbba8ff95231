"""Fakes of the engine's ports, for tests of kinds: ours and other people's."""
