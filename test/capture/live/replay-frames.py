"""Sends the Ethernet frames of a pcap file (microseconds, little-endian) from an interface, so many a second.

python3 replay-frames.py INTERFACE FILE FRAMES-PER-SECOND     Prints how many were sent.
"""

import socket
import struct
import sys
import time

interface, path, rate = sys.argv[1], sys.argv[2], float(sys.argv[3])
with open(path, "rb") as file:
    data = file.read()
link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
link.bind((interface, 0))
sent, at, begun = 0, 24, time.monotonic()
while at < len(data):
    (length,) = struct.unpack_from("<I", data, at + 8)
    due = begun + sent / rate
    if (wait := due - time.monotonic()) > 0:
        time.sleep(wait)
    link.send(data[at + 16 : at + 16 + length])
    at += 16 + length
    sent += 1
print(sent)
