"""Results drawn: facts turned into text or JSON. Asks nothing, decides nothing, and reads no clock."""
