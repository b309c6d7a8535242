#!/bin/sh
# wget2 (C), which mirrors to a folder and makes no items: wget2.sh START. Prints the paths of the files.
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
wget2 -q -r -l inf --no-robots --no-host-directories --max-threads=16 -P "$folder" "$1"
cd "$folder" && find . -type f | cut -c2-
