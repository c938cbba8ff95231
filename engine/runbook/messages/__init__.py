"""What people are told: the texts of messages, and the channels that carry them.

    templates   a template's name or a text, and what is known → the words
    channels    one module for each type of channel: console, file, webhook
    outbox      what becomes of a message whose sending was interrupted

A message never stops a run and never makes one doubtful: what goes wrong here comes back as a result.
"""
