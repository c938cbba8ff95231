"""Obligations: legal and contractual deadlines that an incident started.

`data/` holds the regimes as documents, `counting` the arithmetic of days and hours, `deadlines` what a report's limits
make of anchors, `history` what people have said, `standing` where each report is at a time, `desk` what they may say.
Whether a regime applies is a person's judgement; nothing here makes it. None of it is legal advice.
"""
