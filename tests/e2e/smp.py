# SPDX-License-Identifier: Apache-2.0
"""A small SMP client for the end-to-end tests: one request, one reply, nothing hidden.

It is written from the protocol and shares no code with Ferry's own client, so that both can be wrong
only in different ways. CBOR is cbor2's.
"""
import base64
import binascii
import hashlib
import os
import select
import socket
import struct
import termios
import time
import tty

import cbor2

READ, WRITE = 0, 2
OS, IMAGE, FERRY = 0, 1, 64


class SmpError(Exception):
    """The device answered with an error; `group` is None for an rc of SMP itself."""

    def __init__(self, group, code, body):
        super().__init__(f"group {group} error {code}: {body}")
        self.group, self.code = group, code


class NoAnswer(Exception):
    """Nothing came back in time."""


class Serial:
    """Console framing over a terminal."""

    def __init__(self, path):
        self.fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        tty.setraw(self.fd)
        termios.tcflush(self.fd, termios.TCIOFLUSH)
        self.text = b""
        self.packet = b""

    def close(self):
        os.close(self.fd)

    def send(self, message):
        raw = struct.pack(">H", len(message) + 2) + message
        raw += struct.pack(">H", binascii.crc_hqx(message, 0))
        text = base64.b64encode(raw)
        lines = b"\n"
        for at in range(0, len(text), 124):
            lines += (b"\x06\x09" if at == 0 else b"\x04\x14") + text[at : at + 124] + b"\n"
        self.write(lines)

    def write(self, data):
        """Bytes as they are."""
        while data:
            select.select([], [self.fd], [], 5)
            data = data[os.write(self.fd, data) :]

    def receive(self, deadline):
        """The next whole message, None when the time is over."""
        while True:
            while b"\n" in self.text:
                line, self.text = self.text.split(b"\n", 1)
                message = self._line(line.rstrip(b"\r"))
                if message is not None:
                    return message
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.fd], [], [], left)[0]:
                return None
            data = os.read(self.fd, 4096)
            if not data:
                raise OSError("the serial line hung up")
            self.text += data

    def _line(self, line):
        if line[:2] == b"\x06\x09":
            self.packet = base64.b64decode(line[2:])
        elif line[:2] == b"\x04\x14" and self.packet:
            self.packet += base64.b64decode(line[2:])
        else:
            return None
        if len(self.packet) < 2 or len(self.packet) < 2 + struct.unpack(">H", self.packet[:2])[0]:
            return None
        body, self.packet = self.packet[2:], b""
        assert binascii.crc_hqx(body, 0) == 0, "the device sent a frame with a wrong CRC"
        return body[:-2]


class Udp:
    """One datagram, one message."""

    def __init__(self, address):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.connect(address)

    def close(self):
        self.socket.close()

    def send(self, message):
        self.socket.send(message)

    def receive(self, deadline):
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([self.socket], [], [], left)[0]:
            return None
        return self.socket.recv(65536)


class Client:
    """Requests to one device."""

    def __init__(self, wire):
        self.wire = wire
        self.sequence = 0

    def close(self):
        self.wire.close()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def request(self, op, group, command, body=None, timeout=30.0):
        """The reply's map. SmpError for a refusal, NoAnswer after `timeout` seconds."""
        message = self.message(op, group, command, body)
        self.wire.send(message)
        reply = self.reply_to(message, timeout)
        if "err" in reply:
            raise SmpError(reply["err"]["group"], reply["err"]["rc"], reply)
        if reply.get("rc", 0) != 0:
            raise SmpError(None, reply["rc"], reply)
        return reply

    def message(self, op, group, command, body=None):
        """A request with the next sequence number."""
        payload = cbor2.dumps(body or {})
        self.sequence = (self.sequence + 1) % 256
        header = (8 | op, 0, len(payload), group, self.sequence, command)
        return struct.pack(">BBHHBB", *header) + payload

    def reply_to(self, request, timeout=30.0):
        """The map of the next reply that belongs to this request."""
        deadline = time.monotonic() + timeout
        while True:
            message = self.wire.receive(deadline)
            if message is None:
                raise NoAnswer(f"no answer to group and command {request[4:].hex()[:8]}")
            if message[4:8] == request[4:8]:
                break
        assert message[0] == request[0] + 1, message.hex()
        assert struct.unpack(">H", message[2:4])[0] == len(message) - 8, message.hex()
        return cbor2.loads(message[8:])

    def echo(self, text, timeout=30.0):
        return self.request(READ, OS, 0, {"d": text}, timeout)["r"]

    def wait_until_there(self, timeout=30.0):
        """Asks until the device answers: for the first request after a start."""
        deadline = time.monotonic() + timeout
        while True:
            try:
                return self.echo("there?", 0.5)
            except NoAnswer:
                if time.monotonic() > deadline:
                    raise

    def reset(self, boot_mode=0):
        """A device that ends with its reset may take the line with it before its answer is read."""
        try:
            return self.request(WRITE, OS, 5, {"boot_mode": boot_mode} if boot_mode else {})
        except OSError as error:
            if "hung up" not in str(error):
                raise
            return {}

    def images(self):
        """Slot number -> entry of the image list."""
        return {e["slot"]: e for e in self.request(READ, IMAGE, 0)["images"]}

    def set_state(self, image_hash, confirm):
        body = {"confirm": confirm}
        if image_hash is not None:
            body["hash"] = image_hash
        return self.request(WRITE, IMAGE, 0, body)

    def status(self):
        return self.request(READ, FERRY, 0)

    def slots(self):
        return self.request(READ, FERRY, 1)["slots"]

    def back(self):
        return self.request(WRITE, FERRY, 3)

    def log(self):
        """The whole retained log."""
        text = ""
        while True:
            part = self.request(READ, FERRY, 2, {"off": len(text)})["text"]
            if not part:
                return text
            text += part

    def upload(self, data, stop_at=None, after_chunk=None):
        """Uploads; returns the first offset asked for, so that a test can see a resume."""
        room = self.request(READ, OS, 6)["buf_size"] - 4 - 8 - 100
        digest = hashlib.sha256(data).digest()
        offset, resumed_at = 0, None
        while offset < len(data):
            body = {"off": offset, "data": data[offset : offset + room]}
            if offset == 0:
                body.update(len=len(data), sha=digest)
            reply = self.request(WRITE, IMAGE, 1, body)
            assert reply["off"] != offset, f"the upload stands still at {offset}"
            if resumed_at is None:
                resumed_at = 0 if reply["off"] == len(body["data"]) else reply["off"]
            offset = reply["off"]
            assert reply.get("match", True), "the device says that the upload does not match"
            if after_chunk:
                after_chunk(offset)
            if stop_at is not None and offset >= stop_at:
                break
        return resumed_at
