# SPDX-License-Identifier: GPL-2.0
"""
A DHCP server for the peer: no state, one address for each MAC address.

The address is 192.168.77.(100 + last byte), whoever asks, and however often: an
interface that asks with another's address gets the other's, which shows.
"""
import socket
import struct

OWN = socket.inet_aton("192.168.77.1")
COOKIE = b"\x63\x82\x53\x63"
DISCOVER, OFFER, REQUEST, ACK = 1, 2, 3, 5


def options(data):
    found = {}
    at = 0
    while at + 1 < len(data) and data[at] != 255:
        if data[at] == 0:
            at += 1
            continue
        found[data[at]] = data[at + 2:at + 2 + data[at + 1]]
        at += 2 + data[at + 1]
    return found


def answer(message):
    if len(message) < 240 or message[0] != 1 or message[236:240] != COOKIE:
        return None
    kind = options(message[240:]).get(53, b"\0")[0]
    if kind not in (DISCOVER, REQUEST):
        return None
    address = bytes([192, 168, 77, (100 + message[33]) % 250])
    head = struct.pack("!BBBB4sHH4s4s4s4s", 2, 1, 6, 0, message[4:8], 0, 0x8000, bytes(4),
                       address, OWN, bytes(4)) + message[28:44] + bytes(192)
    told = [(53, bytes([OFFER if kind == DISCOVER else ACK])), (54, OWN),
            (51, struct.pack("!I", 86400)), (1, bytes([255, 255, 255, 0])), (3, OWN)]
    return head + COOKIE + b"".join(bytes([k, len(v)]) + v for k, v in told) + b"\xff" + bytes(60)


def main():
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"peer0")
    server.bind(("", 67))
    while True:
        message, _ = server.recvfrom(2048)
        reply = answer(message)
        if reply:
            server.sendto(reply, ("255.255.255.255", 68))


main()
