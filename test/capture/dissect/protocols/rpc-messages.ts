/** PDUs of DCE/RPC (C706 §12.6), little endian, as tests send them. */

/** A UUID as it crosses the wire. */
export function uuidBytes(text: string): Buffer {
  const [a, b, c, d, e] = text.split("-");
  const head = Buffer.alloc(8);
  head.writeUInt32LE(Number.parseInt(a, 16));
  head.writeUInt16LE(Number.parseInt(b, 16), 4);
  head.writeUInt16LE(Number.parseInt(c, 16), 6);
  return Buffer.concat([head, Buffer.from(d + e, "hex")]);
}

export interface Verifier {
  readonly type: number;
  readonly level: number;
  readonly token: Uint8Array;
}

export function pdu(type: number, callId: number, body: Uint8Array, flags = 3, verifier?: Verifier): Buffer {
  const head = Buffer.from([5, 0, type, flags, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  const auth = verifier
    ? Buffer.concat([Buffer.from([verifier.type, verifier.level, 0, 0, 1, 0, 0, 0]), verifier.token])
    : Buffer.alloc(0);
  head.writeUInt16LE(head.length + body.length + auth.length, 8);
  head.writeUInt16LE(verifier?.token.length ?? 0, 10);
  head.writeUInt32LE(callId, 12);
  return Buffer.concat([head, body, auth]);
}

const ndr = Buffer.concat([uuidBytes("8a885d04-1ceb-11c9-9fe8-08002b104860"), Buffer.from([2, 0, 0, 0])]);
const ndr64 = Buffer.concat([uuidBytes("71710533-beba-4937-8319-b5dbef9ccc36"), Buffer.from([1, 0, 0, 0])]);

/** Proposes interfaces, each by two ways to write its arguments. */
export function bind(callId: number, interfaces: readonly string[], type = 11, verifier?: Verifier): Buffer {
  const contexts = interfaces.flatMap((uuid, i) =>
    [ndr, ndr64].map((syntax, k) => {
      const id = Buffer.from([2 * i + k, 0, 1, 0]);
      return Buffer.concat([id, uuidBytes(uuid), Buffer.from([3, 0, 1, 0]), syntax]);
    })
  );
  const head = Buffer.from([0xd0, 0x16, 0xd0, 0x16, 0, 0, 0, 0, contexts.length, 0, 0, 0]);
  return pdu(type, callId, Buffer.concat([head, ...contexts]), 3, verifier);
}

/** Answers a bind: a result of each context. */
export function bindAck(callId: number, results: readonly number[], type = 12, verifier?: Verifier): Buffer {
  const address = Buffer.from("\u0005\u0000135 \u0000\u0000\u0000\u0000", "latin1").subarray(0, 8);
  const list = results.map((result) =>
    Buffer.concat([Buffer.from([result, 0, 0, 0]), result === 0 ? ndr : Buffer.alloc(20)])
  );
  // The address is padded so that the list begins at a multiple of four.
  const head = Buffer.concat([Buffer.from([0xd0, 0x16, 0xd0, 0x16, 1, 2, 3, 4]), address, Buffer.alloc(0)]);
  const padding = Buffer.alloc((4 - ((16 + 8 + 2 + 5) % 4)) % 4);
  return pdu(
    type,
    callId,
    Buffer.concat([head.subarray(0, 8 + 2 + 5), padding, Buffer.from([results.length, 0, 0, 0]), ...list]),
    3,
    verifier
  );
}

export function request(
  callId: number,
  opnum: number,
  body: Uint8Array,
  {context = 0, flags = 3, verifier}: {context?: number; flags?: number; verifier?: Verifier} = {}
): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32LE(body.length);
  head.writeUInt16LE(context, 4);
  head.writeUInt16LE(opnum, 6);
  return pdu(0, callId, Buffer.concat([head, body]), flags, verifier);
}

export function response(callId: number, body: Uint8Array, flags = 3, verifier?: Verifier): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32LE(body.length);
  return pdu(2, callId, Buffer.concat([head, body]), flags, verifier);
}

export function fault(callId: number, status: number): Buffer {
  const body = Buffer.alloc(16);
  body.writeUInt32LE(status, 8);
  return pdu(3, callId, body);
}

/** Results that end in a return code. */
export const returning = (code: number, bytes = 20) => {
  const body = Buffer.alloc(bytes);
  body.writeUInt32LE(code, bytes - 4);
  return body;
};

/** A protocol tower of an interface over TCP, at that port (C706 appendix L). */
export function tower(uuid: string, port: number): Buffer {
  const floors = [
    Buffer.concat([Buffer.from([0x13, 0, 0x0d]), uuidBytes(uuid), Buffer.from([1, 0, 2, 0, 0, 0])]),
    Buffer.concat([Buffer.from([0x13, 0, 0x0d]), ndr.subarray(0, 16), Buffer.from([2, 0, 2, 0, 0, 0])]),
    Buffer.from([1, 0, 0x0b, 2, 0, 0, 0]),
    Buffer.from([1, 0, 7, 2, 0, port >> 8, port & 255]),
    Buffer.from([1, 0, 9, 4, 0, 10, 0, 0, 1])
  ];
  const body = Buffer.concat([Buffer.from([5, 0]), ...floors]);
  const head = Buffer.alloc(8);
  head.writeUInt32LE(body.length);
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body]);
}

const wide = (text: string) => Buffer.from(text, "utf16le");

/** What an NTLM server tells of itself ([MS-NLMP] §2.2.1.2). */
export function ntlmChallenge(name: string, domain: string, dns: string): Buffer {
  const pairs = [
    [2, domain],
    [1, name],
    [3, dns]
  ] as const;
  const info = Buffer.concat([
    ...pairs.map(([id, text]) => Buffer.concat([Buffer.from([id, 0, 2 * text.length, 0]), wide(text)])),
    Buffer.alloc(4)
  ]);
  const head = Buffer.alloc(56);
  head.write("NTLMSSP\0", "latin1");
  head.writeUInt32LE(2, 8);
  head.writeUInt32LE(1, 20);
  head.writeUInt16LE(info.length, 40);
  head.writeUInt16LE(info.length, 42);
  head.writeUInt32LE(56, 44);
  return Buffer.concat([head, info]);
}

/** Who answers it, with responses that no row may have ([MS-NLMP] §2.2.1.3). */
export function ntlmAuthenticate(user: string, domain: string, host: string): Buffer {
  const head = Buffer.alloc(72);
  head.write("NTLMSSP\0", "latin1");
  head.writeUInt32LE(3, 8);
  head.writeUInt32LE(1, 60);
  const texts = [Buffer.alloc(24, 0xaa), Buffer.alloc(24, 0xbb), wide(domain), wide(user), wide(host)];
  let at = head.length;
  for (const [i, text] of texts.entries()) {
    head.writeUInt16LE(text.length, 12 + 8 * i);
    head.writeUInt16LE(text.length, 14 + 8 * i);
    head.writeUInt32LE(at, 16 + 8 * i);
    at += text.length;
  }
  return Buffer.concat([head, ...texts]);
}

export const uuids = {
  epmapper: "e1af8308-5d1f-11c9-91a4-08002b14a0fa",
  svcctl: "367abb81-9844-35f1-ad32-98f038001003",
  drsuapi: "e3514235-4b06-11d1-ab04-00c04fc2dcd2",
  samr: "12345778-1234-abcd-ef00-0123456789ac",
  unknown: "00112233-4455-6677-8899-aabbccddeeff"
} as const;
