#!/bin/sh
exec ssh "$1" restore-logs
