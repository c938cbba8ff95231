"""CACAO security playbooks, version 2.0 (OASIS): runbooks as playbooks, and playbooks as drafts of runbooks.

A playbook of ours carries its runbook in an extension, since conditions, gates and checks have no equal in CACAO.
"""
