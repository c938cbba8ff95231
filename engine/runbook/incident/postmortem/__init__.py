"""After an incident: its facts as a document, the prose around them, and the words that prose should not have."""
