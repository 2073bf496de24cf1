#!/bin/sh
# Writes to the file $1 which commit is built, for GET /health. The commit's own time, so that building it again gives
# the same bytes. Outside of a checkout there is no file. Never fails a build; leaves a file alone that says the same.
file=$1
if ! git ls-files --error-unmatch pom.xml >/dev/null 2>&1; then # no git, no checkout, or somebody else's
    rm -f "$file"
    exit 0
fi
said=$(git log -1 --format='git.commit.id=%H%ngit.commit.time=%ct')
if ! git diff --quiet HEAD -- 2>/dev/null; then
    said="$said
git.dirty=true"
fi
if [ ! -f "$file" ] || [ "$said" != "$(cat "$file")" ]; then
    mkdir -p "$(dirname "$file")"
    printf '%s\n' "$said" >"$file"
fi
