import {datagrams} from "./datagrams.ts";

/** Answers SNMP v2c questions (RFC 3416): GetRequest and GetNextRequest with a number for every name. */
export function snmp(port: number): void {
  datagrams(port, (request, peer, socket) => {
    const zeros = request.indexOf(Buffer.from([2, 1, 0, 2, 1, 0]));
    if (zeros < 4) return;
    const names: Buffer[] = [];
    for (let at = zeros + 6; at < request.length; at++) {
      if (request[at] !== 6) continue;
      names.push(request.subarray(at, at + 2 + request[at + 1]));
      at += 1 + request[at + 1];
    }
    const values = names.map((name) => ber(0x30, name, ber(0x41, number(Math.floor(Date.now() / 7) + name.length))));
    socket.send(message(0xa2, request.subarray(zeros - 4, zeros), values), peer.port, peer.address);
  });
}

/** An SNMP v2c message of the community `public`; `kind` is the PDU's tag. */
export function message(kind: number, id: Buffer, variables: readonly Buffer[]): Buffer {
  const zero = ber(2, Buffer.from([0]));
  const pdu = ber(kind, ber(2, id), zero, zero, ber(0x30, ...variables));
  return ber(0x30, ber(2, Buffer.from([1])), ber(4, Buffer.from("public")), pdu);
}

/** Tag, length and contents (X.690). */
export function ber(tag: number, ...contents: readonly Buffer[]): Buffer {
  const body = Buffer.concat(contents);
  const length = body.length < 128 ? [body.length] : [0x82, body.length >> 8, body.length & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value & 0x7fffffff);
  return bytes;
}
