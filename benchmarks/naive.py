"""The homework, as it is usually handed in: what Shoal is to replace, kept simple and honest.

    naive.py ping N HOST...           a `ping` process per host, N at a time in a thread pool
    naive.py pool N HOST FIRST LAST   a blocking connect per port, N at a time in a thread pool
    naive.py threads N HOST FIRST LAST   a thread per connect, N at a time

Prints a host or an open port a line.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor


def alive(host: str) -> bool:
    command = ["ping", "-n", "-c", "1", "-W", "1", host]
    return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0


def is_open(host: str, port: int) -> bool:
    with socket.socket() as s:
        s.settimeout(1)
        return s.connect_ex((host, port)) == 0


def ping(count: int, hosts: list[str]) -> None:
    with ThreadPoolExecutor(count) as pool:
        for host, up in zip(hosts, pool.map(alive, hosts), strict=True):
            if up:
                print(host)


def pool(count: int, host: str, ports: range) -> None:
    with ThreadPoolExecutor(count) as workers:
        for port, is_it in zip(ports, workers.map(lambda port: is_open(host, port), ports), strict=True):
            if is_it:
                print(port)


def threads(count: int, host: str, ports: range) -> None:
    places = threading.Semaphore(count)

    def try_one(port: int) -> None:
        if is_open(host, port):
            print(port)
        places.release()

    started = []
    for port in ports:
        places.acquire()
        started.append(threading.Thread(target=try_one, args=(port,)))
        started[-1].start()
    for thread in started:
        thread.join()


def main(words: list[str]) -> None:
    kind, count = words[0], int(words[1])
    if kind == "ping":
        ping(count, words[2:])
    else:
        {"pool": pool, "threads": threads}[kind](count, words[2], range(int(words[3]), int(words[4]) + 1))


if __name__ == "__main__":
    main(sys.argv[1:])
