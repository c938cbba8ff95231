#!/bin/sh
. scripts/lib.sh
remote "$1" "find /var/log/old -name '*.gz' -mtime +7 -delete"
