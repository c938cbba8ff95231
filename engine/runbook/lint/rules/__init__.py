"""The rules about how runbooks are written, one module each, in the order of their codes."""

from __future__ import annotations

from typing import Final

MODULES: Final = (
    "rb100_unsound_exception",
    "rb101_no_owner",
    "rb102_no_review",
    "rb103_stale_review",
    "rb104_no_impact",
    "rb105_unused_verification",
    "rb106_no_escalation",
    "rb107_no_undo",
    "rb108_no_evidence",
    "rb109_blind_change",
    "rb110_no_custody",
    "rb111_unreachable_option",
    "rb112_unconditional_option",
    "rb113_repeated_option",
    "rb114_gate_without_timeout",
    "rb115_endless_wait",
    "rb116_longest_way",
    "rb117_from_several_groups",
    "rb118_constant_condition",
    "rb119_no_verdict",
    "rb120_blind_expectation",
    "rb121_text_as_number",
)  # fmt: skip
