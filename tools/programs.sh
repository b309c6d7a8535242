#!/bin/sh
# programs.sh: install, where that is possible, the programs that tests and benchmarks compare with or build networks from.
# The one rule: it never fails. What cannot be had is named, and the tests that want it skip with that reason.
set -u

missing=
for pair in nmap:nmap fping:fping ip:iproute2 nft:nftables ping:iputils-ping setpriv:util-linux \
    mariadbd:mariadb-server-core chromium:chromium; do
    command -v "${pair%%:*}" >/dev/null || missing="$missing ${pair#*:}"
done
# Charts with Chinese labels need a font that has the characters.
[ -n "$(fc-list :lang=zh family 2>/dev/null)" ] || missing="$missing fontconfig fonts-wqy-microhei"
[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "not installed:$missing; the tests that want them are skipped"
    exit 0
fi
echo "installing$missing"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq || true
for package in $missing; do
    apt-get install -y -qq --no-install-recommends "$package" </dev/null >/dev/null 2>&1 ||
        echo "cannot install $package; the tests that want it are skipped"
done
exit 0
