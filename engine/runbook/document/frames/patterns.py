"""The forms that text may have in documents: each a regular expression, and how messages say it.

No form uses what the two validators' engines could read differently.
"""

from __future__ import annotations

from typing import Final

from runbook.document import durations

DURATION: Final = durations.PATTERN
ID: Final = "^[a-z][a-z0-9_]{0,62}$"
NAME: Final = "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$"
TEMPLATE: Final = "^[a-z0-9][-a-z0-9_]{0,62}$"
ALERT: Final = "^[A-Za-z_][A-Za-z0-9_]*$"
FROM_ALERT: Final = r"^(labels|annotations)\.[A-Za-z_][A-Za-z0-9_]*$"
CONNECTION: Final = "^[a-z][-a-z0-9_]{0,62}$"
PERSON: Final = "^[A-Za-z0-9][A-Za-z0-9._@-]{0,62}$"  # no ':', as in the `os:bob` of somebody who is not listed
EMAIL: Final = "^[^@ ]+@[^@ ]+$"
MAIL: Final = "^[!-+.-:=?A-~-]+@[A-Za-z0-9.-]+$"  # ASCII, without space and , ; < > that would end it
SSH_KEY: Final = (
    "^(ssh-ed25519|sk-ssh-ed25519@openssh[.]com|sk-ecdsa-sha2-nistp256@openssh[.]com|ecdsa-sha2-nistp(256|384|521)|ssh-rsa)"
    " [A-Za-z0-9+/]+={0,2}( [^\\n\\r]*)?$"
)
LEVEL: Final = "^[A-Za-z][A-Za-z0-9._-]{0,31}$"
CLASS: Final = "^[A-Za-z][-A-Za-z0-9 _/&.]{0,62}$"
RESPONSE: Final = r"^(immediately|business hours|(\d{1,9}(\.\d{1,3})?(ms|s|m|h|d))+)$"
ANCHOR: Final = "^(filed:)?[a-z][a-z0-9_]{0,62}$"
COUNTRY: Final = "^[A-Z]{2}$"
TABLE: Final = "^[a-z_][a-z0-9_]{0,62}(\\.[a-z_][a-z0-9_]{0,62})?$"
WEB: Final = "^https?://[^ ]+$"
HOST: Final = r"^[A-Za-z0-9_:%-]*\*?[A-Za-z0-9_:%-]*(\.[A-Za-z0-9_:%-]*\*?[A-Za-z0-9_:%-]*)*$"
LIMITED: Final = r"^(namespaces|connections|kinds|[a-z0-9_]+\..+)$"
LIMIT: Final = "^(max|min)_[a-z][a-z0-9_]*$"
RULE: Final = "^(RB[0-9]{3}|[a-z][a-z0-9-]*)$"
HELD: Final = "^([0-9a-hjkmnp-tv-z]{26}|INC-[1-9][0-9]{0,11})$"
PUBLIC_KEY: Final = r"^[^ +]+\+[0-9a-f]{8}\+[A-Za-z0-9/+=]+$"

SPOKEN: Final = {
    DURATION: "a duration such as 90s",
    ID: "an id: a lower-case letter, then lower-case letters, digits and '_', 63 at most",
    NAME: "a name: lower-case letters, digits and inner '-', 63 at most",
    TEMPLATE: "a name: lower-case letters, digits, '-' and '_', 63 at most",
    ALERT: "the name of an alert: letters, digits and '_'",
    FROM_ALERT: "'labels.' or 'annotations.' and a name",
    CONNECTION: "a name: a lower-case letter, then lower-case letters, digits, '-' and '_', 63 at most",
    PERSON: "a name: letters, digits, '.', '_', '-' and '@', 63 at most",
    EMAIL: "an e-mail address",
    MAIL: "an e-mail address such as ops@example.com, without a name",
    SSH_KEY: "a public key as OpenSSH writes it, such as ssh-ed25519 AAAAC3NzaC1lZDI1NTE5…",
    LEVEL: "a severity such as SEV2: a letter, then letters, digits, '.', '_' and '-', 32 at most",
    CLASS: "a name: a letter, then letters, digits, blanks and -_/&., 63 at most",
    RESPONSE: "'immediately', 'business hours' or a duration such as 15m",
    ANCHOR: "an anchor such as aware, or filed: and the id of a report",
    COUNTRY: "the two capital letters of a country, such as DE",
    TABLE: "a table, with its schema or without: lower-case letters, digits and '_'",
    WEB: "an address that starts with http:// or https://",
    HOST: "the name of a host, with one '*' at most between two dots",
    LIMITED: "'namespaces', 'connections', 'kinds', or a kind of step such as kubernetes.scale",
    LIMIT: "'max_' or 'min_' and the name of a value, such as max_replicas",
    RULE: "the code of a rule, such as RB101, or its name, such as no-owner",
    HELD: "an incident such as INC-7, or the whole id of a run, 26 characters, as `runbook runs` shows it",
    PUBLIC_KEY: "the line of a public key, name+12345678+base64, as `runbook seal show` prints it",
}
