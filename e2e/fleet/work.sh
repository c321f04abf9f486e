#!/bin/sh
# Does one job: its number becomes a line of the file $1, and it takes as long as it says.
task=$(cat)
member() { printf '%s' "$task" | sed "s/.*\"$1\":\([0-9]*\).*/\1/"; }
millis=$(member millis)
echo "$(member number)" >>"$1"
sleep "$(printf '%d.%03d' $((millis / 1000)) $((millis % 1000)))"
