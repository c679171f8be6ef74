"""What routers and hosts say below TCP and UDP, and DHCP before a host has an address: frames from a raw socket.

Python, since Node has no raw sockets. Its one argument is JSON: {"address", "everySeconds", "seed", "router": [...],
"dhcp": "client" | "server", "sctp": address, "sctpServer": bool}. Runs until it is ended.
"""
import json
import random
import select
import socket
import struct
import sys
import time

plan = json.loads(sys.argv[1])
rng = random.Random(plan["seed"])
own = socket.inet_aton(plan["address"])
mac = bytes([2, 0x42]) + own
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
wire.bind(("eth0", 0))
server = None  # the DHCP server that answered


def total(data):
    data += b"\0" * (len(data) % 2)
    value = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while value >> 16:
        value = (value & 0xFFFF) + (value >> 16)
    return ~value & 0xFFFF


def ipv4(protocol, source, target, data, ttl=64):
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0xC0 if protocol in (89, 112) else 0, 20 + len(data), rng.randrange(65536), 0, ttl, protocol, 0, source, target)
    return head[:10] + struct.pack("!H", total(head)) + head[12:] + data


def udp(source, target, data):
    return struct.pack("!HHHH", source, target, 8 + len(data), 0) + data


def send(to, ethertype, data):
    wire.send(to + mac + struct.pack("!H", ethertype) + data)


def multicast(group, protocol, data, ttl=1):
    address = socket.inet_aton(group)
    send(b"\x01\0\x5e" + bytes([address[1] & 127]) + address[2:], 0x0800, ipv4(protocol, own, address, data, ttl))


def summed(data, at):
    return data[:at] + struct.pack("!H", total(data)) + data[at + 2 :]


def advertise():
    link_local = b"\xfe\x80" + b"\0" * 6 + bytes([0, 0x42, own[0], 0xFF, 0xFE]) + own[1:]
    nodes = socket.inet_pton(socket.AF_INET6, "ff02::1")
    option = struct.pack("!BBBBIII", 3, 4, 64, 0xC0, 86400, 14400, 0) + socket.inet_pton(socket.AF_INET6, "2001:db8:77::")
    body = struct.pack("!BBHBBHII", 134, 0, 0, 64, 0, 1800, 0, 0) + b"\x01\x01" + mac + option
    pseudo = link_local + nodes + struct.pack("!II", len(body), 58)
    body = body[:2] + struct.pack("!H", total(pseudo + body)) + body[4:]
    send(b"\x33\x33\0\0\0\x01", 0x86DD, struct.pack("!IHBB", 0x60000000, len(body), 58, 255) + link_local + nodes + body)


def dhcp_message(kind, transaction, client, yours=b"\0" * 4, options=b""):
    reply = kind in (2, 5)
    head = struct.pack("!BBBBIHH4s4s4s4s16s192s4s", 2 if reply else 1, 1, 6, 0, transaction, 0, 0x8000, b"\0" * 4, yours, own if reply else b"\0" * 4, b"\0" * 4, client, b"", b"\x63\x82\x53\x63")
    return (head + bytes([53, 1, kind]) + options + b"\xff").ljust(300, b"\0")


def lease():
    """DISCOVER, then REQUEST once an OFFER is there (RFC 2131)."""
    transaction = rng.randrange(1 << 32)
    name = b"\x0c\x06host%02d" % rng.randrange(100)
    for kind, options in ((1, b"\x37\x04\x01\x03\x06\x0f" + name), (3, b"\x32\x04" + own + name)):
        message = dhcp_message(kind, transaction, mac, options=options)
        send(b"\xff" * 6, 0x0800, ipv4(17, b"\0" * 4, b"\xff" * 4, udp(68, 67, message)))
        time.sleep(0.4)


def sctp(target, tag, chunk):
    packet = struct.pack("!HHII", 36412, 36412, tag, 0) + chunk
    return ipv4(132, own, target, packet[:8] + struct.pack("<I", crc32c(packet)) + packet[12:])


def crc32c(data):
    value = 0xFFFFFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
    return value ^ 0xFFFFFFFF


def chunk(kind, body, flags=0):
    return struct.pack("!BBH", kind, flags, 4 + len(body)) + body + b"\0" * (-len(body) % 4)


def associate():
    """INIT, COOKIE ECHO, some DATA and HEARTBEATs (RFC 9260); the other end answers each by its kind."""
    target = socket.inet_aton(plan["sctp"])
    to = bytes([2, 0x42]) + target
    send(to, 0x0800, sctp(target, 0, chunk(1, struct.pack("!IIHHI", 7, 65536, 2, 2, 1))))
    time.sleep(0.3)
    send(to, 0x0800, sctp(target, 9, chunk(10, b"cookie" * 8)))
    time.sleep(0.3)
    for number in range(rng.randint(2, 12)):
        data = struct.pack("!IHHI", number, 0, number, 18) + rng.randbytes(rng.randint(20, 300))
        send(to, 0x0800, sctp(target, 9, chunk(0, data, 3)))
        time.sleep(rng.uniform(0.1, 1.5))
    send(to, 0x0800, sctp(target, 9, chunk(4, b"\0\x01\0\x28" + b"\0" * 36)))


ANSWERS = {1: (2, struct.pack("!IIHHI", 9, 65536, 2, 2, 1) + b"\0\x07\0\x34" + b"cookie" * 8), 10: (11, b""), 0: (3, struct.pack("!IIHH", 0, 65536, 0, 0)), 4: (5, b"\0\x01\0\x28" + b"\0" * 36)}


def answer(frame):
    """DHCP questions and SCTP chunks that came, where this host serves them."""
    if frame[12:14] != b"\x08\x00" or frame[6:12] == mac:
        return
    data = frame[34:]
    if plan.get("dhcp") == "server" and frame[23] == 17 and data[2:4] == b"\0\x43" and len(data) > 250:
        kind, client, transaction = data[250], data[36:42], struct.unpack("!I", data[12:16])[0]
        if kind in (1, 3):
            options = b"\x36\x04" + own + b"\x33\x04\0\0\x0e\x10\x01\x04\xff\xff\xff\0\x03\x04" + own
            message = dhcp_message(2 if kind == 1 else 5, transaction, client, client[2:6], options)
            send(b"\xff" * 6, 0x0800, ipv4(17, own, b"\xff" * 4, udp(67, 68, message)))
    if plan.get("sctpServer") and frame[23] == 132 and frame[30:34] == own and len(data) >= 16:
        found = ANSWERS.get(data[12])
        if found:
            send(frame[6:12], 0x0800, sctp(frame[26:30], 7, chunk(*found)))


ROUTER = {
    "advertise": advertise,
    "pim": lambda: multicast("224.0.0.13", 103, summed(bytes.fromhex("2000000000010002006900140004") + rng.randbytes(4), 2)),
    "igmp": lambda: multicast("224.0.0.1", 2, summed(bytes.fromhex("1164000000000000027d0000"), 2)),
    "vrrp": lambda: multicast("224.0.0.18", 112, summed(bytes([0x31, 1, 100, 1, 0, 100, 0, 0]) + own, 6), 255),
    "ospf": lambda: multicast("224.0.0.5", 89, summed(b"\x02\x01\0\x2c" + own + b"\0" * 4 + b"\0\0\0\0" + b"\0" * 8 + bytes.fromhex("ffffff00000a020100000028") + own + b"\0" * 4, 12)),
    "hsrp": lambda: multicast("224.0.0.2", 17, udp(1985, 1985, bytes([0, 0, 16, 3, 10, 100, 1, 0]) + b"cisco\0\0\0" + own)),
    "eigrp": lambda: multicast("224.0.0.10", 88, summed(b"\x02\x05\0\0" + b"\0" * 12 + bytes.fromhex("0000000a0001000c010001000000000f"), 2)),
}
due = [(time.monotonic() + rng.uniform(0, plan["everySeconds"]), ROUTER[name]) for name in plan.get("router", [])]
if plan.get("dhcp") == "client":
    due.append((time.monotonic() + rng.uniform(0, 20), lease))
if plan.get("sctp"):
    due.append((time.monotonic() + rng.uniform(2, 20), associate))
listens = plan.get("dhcp") == "server" or plan.get("sctpServer")
while True:
    first = min((when for when, _ in due), default=time.monotonic() + 60)
    if select.select([wire] if listens else [], [], [], max(0.0, first - time.monotonic()))[0]:
        answer(wire.recv(2048))
    for i, (when, what) in enumerate(due):
        if when <= time.monotonic():
            try:
                what()
            except OSError:
                pass
            due[i] = (time.monotonic() + plan["everySeconds"] * rng.uniform(0.9, 1.1) * (3 if what in (lease, associate) else 1), what)
