#!/bin/sh
# Runs the program on every example and compares what it prints and how it ends.
failed=0
for example in tests/*.in; do
    { "$@" "$example"; echo "status $?"; } 2>&1 | cmp -s - "${example%.in}.out" || { echo "differs: $example"; failed=1; }
done
exit $failed
