#!/bin/sh
. scripts/lib.sh
remote "$1" "find /var -delete"
