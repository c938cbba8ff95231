"""Files and folders of documents: read safely, loaded, and held to each other.

What is wrong within one document is `runbook.document`'s to say; here is what is wrong between them.
"""
