#!/bin/sh
ssh "$1" rm -rf /tmp/cache
exec ssh "$1" df --output=pcent / | grep -q 9
