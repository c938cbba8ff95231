"""What a change of runbooks means: two sets of documents held to each other, riskiest first.

`comparing.meanings` is the door; each module beside it knows one idea (gates, people, limits, verification, …); `codes`
has the table of everything that can be said. Nothing here reads a file, asks git or knows the time.
"""
