"""The order in which `top:N` takes ports: those most worth asking come first.

The one rule: the list says how it came about and claims no more. It is not a measurement of how often ports are open,
and no other scanner's list or frequencies were used. It was made for this project in three steps:

1. TIERS, by hand: the default TCP ports of widely deployed protocols and products, as their own documentation or the
   IANA registry gives them, ordered by role: what nearly every network has comes first.
2. NEIGHBOURS, by rule: the whole stretches of numbers beside the most used ones, where people put a second service,
   and the first ports of the dynamic ranges.
3. Then every other TCP port below 1024 that has a name in the IANA registry (services.py), ascending.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

TIERS = (
    "80 443 22 445 3389 21 23 25 53 139",  # web, SSH, SMB, RDP, FTP, telnet, SMTP, DNS, NetBIOS
    "8080 8443 110 143 993 995 587 465 135 5900",  # web again, POP3, IMAP, submission, MS-RPC, VNC
    "111 2049 548 631 9100 515 389 636 88 3306",  # portmapper, NFS, AFP, printing, LDAP, Kerberos, MySQL
    "5432 1433 1521 27017 6379 11211 9200 5060 1723 1883",  # databases, caches, search, SIP, PPTP, MQTT
    "8000 8888 8081 8008 8009 3000 5000 9090 10000 9443",  # development servers, proxies, consoles, AJP, Webmin
    "179 161 199 514 873 3128 1080 8118 4443 10443",  # BGP, SNMP, rsh/syslog, rsync, proxies, TLS consoles
    "2375 2376 6443 10250 2379 2380 5985 5986 47001 902",  # Docker, Kubernetes, etcd, WinRM, VMware
    "2222 8022 22222 2200 2022 2121 990 989 992 853",  # moved SSH and FTP, FTPS, telnets, DNS over TLS
    "464 749 593 3268 3269 1812 1813 49 500 1194 1701",  # Kerberos, RPC over HTTP, global catalogue, AAA, VPNs
    "5901 5902 5903 5800 5938 6129 4899 5631 3283 7070",  # VNC, TeamViewer, DameWare, Radmin, pcAnywhere, ARD
    "623 664 16992 16993 16994 16995 17988 17990",  # IPMI, Intel AMT, iLO
    "27018 27019 28017 6380 16379 26379 5433 5434 3307 33060 1434 1522 1526 2483 2484 1830",  # databases, second
    "50000 523 5984 6984 7474 7687 8529 9042 9160 7199 8123 9440 28015 26257 8086 8087 3050 1527",
    "9300 5601 7700 8108 19530 6333 6334 8983 9870 9864 8020 50070 50075 50010 8088 8042 8032 8030",  # search, Hadoop
    "8031 8033 16000 16010 16020 16030 7077 18080 4040 8786 8787 10002 9083 21000 21050 25000 25010 25020",
    "5671 5672 15672 25672 4369 61616 61613 61614 8161 8883 4222 6222 8222 9092 9093 9094 2181 2888 3888",  # queues
    "10255 10256 10257 10259 4243 4194 30000 32767 8472 5001 4646 4647 4648 8500 8501 8300 8301 8302 8200 8201",
    "9091 9095 9096 9097 9104 9113 9115 9116 9117 9121 9182 9187 9216 9308 9411 14268 16686 4317 4318 3100 3200",
    "5044 5045 9600 12201 1514 1515 55000 6514 24224 8125 2003 2004 4242 8428 8480 8481 8482 19999 61208",  # metrics
    "8140 4505 4506 5665 5666 5667 10050 10051 1984 6556 12489 8089 9997 8834 9392 9390 3001 3002 3003",  # operations
    "4200 4173 5173 5174 5555 5556 6006 7860 9229 5005 1099 1098 9010 8686 9999 7777 4848 7001 7002",
    "9060 9043 9080 8880 8879 9990 9993 8778 8090 8091 8092 9418 29418 3690 8084 8085 8111 9876 8082 8083",
    "3260 3205 860 10809 24007 24008 49152 6789 3300 7480 5445 2020 8444 662 875 892 9500 9501",  # storage
    "8006 8007 8697 903 9084 9087 5480 5481 2381 2301 1311 5120 5124 7578 8291 8728 8729 2000",  # hosts, routers
    "7547 4786 830 22830 6653 6633 646 711 639 1720 2601 2602 2604 2605 2606 2608 3784 4784 64999",  # networks
    "5222 5223 5269 5280 5281 6667 6697 6660 6661 6662 6663 6664 6665 6666 6668 6669 7000 64738 9987 30033 10011",
    "5061 5038 5039 4569 1719 2427 2727 2944 2945 3868 2443 8021 5066 5080 5090 3478 5349 5350",  # telephony
    "554 8554 1935 10554 5544 37777 37778 34567 34599 8899 9527 81 82 83 84 85 1900 2869 5357 5358",  # cameras
    "62078 3689 7100 8060 1400 3400 3401 3500 5353 55443 8096 8920 32400 32469 8989 7878 6767 8384 22000",  # homes
    "1880 8581 6053 8266 4403 5683 5684 1884 21063 51827 4070 9197 8001 8002 7676",
    "9101 9102 9103 9220 9280 9290 9400 8610 8611 721 4010 6310 8289 8292",  # printers and scanners
    "502 802 102 20000 44818 47808 4840 4843 1911 4911 1962 789 5006 5007 5094 18245 18246 20547 2404",  # industry
    "34962 34963 34964 11001 1089 1090 1091 2455 1200 1217 4712 4713 4059 10001 13400 5002 48898 851",
    "10080 10081 10082 10083 13720 13724 13782 1556 1500 1501 1581 6101 6106 10566 9419 9401 8400 8403",  # backup
    "27000 27001 27002 27009 1947 2080 5093 744 7788 7789 5405 2224 21064 5403 3121 1688 8530 8531 2701 2702",
    "3299 3600 8100 30013 30015 50013 50014 1128 1129 40080 44300 4300 1414 1415 9352 8471 8475",  # SAP, MQ
    "9001 9030 9050 9051 9150 4444 7656 7657 8333 18333 8332 30303 8545 8546 9735 18081 3333",  # overlays
    "25565 25575 27015 27016 28960 2302 3724 6112 4662 6346 6881 6882 6889 51413 1214 411 412 58846",  # games, peers
    "512 513 540 543 544 79 70 37 13 7 9 17 19 11 113 119 563 433 109 194 994 177 6000 6001 6002 7101 210 2628",
    "26 24 2525 2526 588 1025 10025 10026 1110 1143 8025 1587 4190 12345 31337 54321 65535 1",  # moved, odd
)

NEIGHBOURS = (
    (8000, 8100),
    (9000, 9100),
    (8880, 8890),
    (3000, 3010),
    (5000, 5010),
    (6000, 6010),
    (7000, 7010),
    (8180, 8190),
    (8440, 8450),
    (10000, 10010),
    (1024, 1050),
    (49152, 49170),
    (32768, 32780),
    (5900, 5910),
    (8800, 8810),
    (20000, 20005),
    (50000, 50005),
)
"""Inclusive stretches, in the order they are taken."""

_order: tuple[int, ...] = ()


def ports() -> Sequence[int]:
    """The whole list, the port most worth asking first."""
    global _order  # noqa: PLW0603 - computed once, when first asked for
    if not _order:
        from shoal.net.services import registered

        order = [int(port) for tier in TIERS for port in tier.split()]
        for first, last in NEIGHBOURS:
            order.extend(range(first, last + 1))
        order += [port for port in registered() if 0 < port < 1024]
        _order = tuple(dict.fromkeys(order))
    return _order


FAMILIAR = 400
"""A mistyped name is looked for among the names of so many popular ports first: htpp is http rather than tpip."""


def similar(word: str, protocol: str = "tcp") -> str | None:
    """A registered name that looks like a mistyped one, None if none is near."""
    from difflib import get_close_matches

    from shoal.net.services import names

    table = names(protocol)
    for numbers in (ports()[:FAMILIAR], table):
        known = [known for port in numbers for known in table.get(port, "").split(" ")]
        near = get_close_matches(word.lower(), known, 1, 0.7)
        if near:
            return near[0]
    return None
