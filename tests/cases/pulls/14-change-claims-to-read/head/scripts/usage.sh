#!/bin/sh
exec ssh "$1" df --output=pcent / | grep -q 9
