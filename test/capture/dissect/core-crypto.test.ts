import * as crypto from "node:crypto";
import {describe, expect, it} from "vitest";
import {openUnits} from "./core/units.ts";

const units = await openUnits();

/** Bytes that follow from a number. */
const bytesOf = (seed: number, length: number) =>
  crypto
    .createHash("shake256", {outputLength: Math.max(1, length)})
    .update(String(seed))
    .digest()
    .subarray(0, length);

const hex = (text: string) => Buffer.from(text.replaceAll(" ", ""), "hex");

const digestBytes = {md5: 16, sha1: 20, sha256: 32} as const;

function hashed(name: keyof typeof digestBytes, bytes: Uint8Array): string {
  const {core, out} = units.begin();
  core[name](units.put(bytes), bytes.length, out);
  return units.get(out, digestBytes[name]).toString("hex");
}

describe("hashes", () => {
  it("are those of RFC 1321 and FIPS 180-4", () => {
    const of = (name: "md5" | "sha256", text: string) => hashed(name, Buffer.from(text));
    expect([of("md5", ""), of("md5", "abc"), of("md5", "message digest")]).toEqual([
      "d41d8cd98f00b204e9800998ecf8427e",
      "900150983cd24fb0d6963f7d28e17f72",
      "f96b697d7cb7938d525a2f31aaf161d0"
    ]);
    expect(of("sha256", "abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  });

  for (const name of ["md5", "sha1", "sha256"] as const)
    it(`${name}: are those of OpenSSL for every length up to 300, and for long ones`, () => {
      for (const length of [...Array(301).keys(), 511, 512, 513, 4095, 65_535, 100_001]) {
        const bytes = bytesOf(length, length);
        expect([length, hashed(name, bytes)]).toEqual([length, crypto.createHash(name).update(bytes).digest("hex")]);
      }
    });
});

describe("digests that are remembered", () => {
  const known = (name: "bothKnown" | "md5Known" | "sha256Known", bytes: Uint8Array) => {
    const {core, out} = units.begin();
    core[name](units.put(bytes), bytes.length, out);
    return units.get(out, {bothKnown: 52, md5Known: 16, sha256Known: 32}[name]).toString("hex");
  };
  const of = (name: string, bytes: Uint8Array) => crypto.createHash(name).update(bytes).digest("hex");

  it("are those of OpenSSL, new or known, whatever else was asked for, and for contents too long to be kept", () => {
    for (const round of [1, 2])
      for (const length of [0, 1, 63, 439, 440, 441, 1975, 1976, 1977, 5000])
        for (const seed of [1, 2]) {
          const bytes = bytesOf(seed, length);
          const found = [known("md5Known", bytes), known("sha256Known", bytes), known("bothKnown", bytes)];
          const expected = [of("md5", bytes), of("sha256", bytes), of("sha1", bytes) + of("sha256", bytes)];
          expect([round, length, ...found]).toEqual([round, length, ...expected]);
        }
  });
});

describe("HMACs", () => {
  const hmac = (key: Uint8Array, message: Uint8Array) => {
    const {core, out} = units.begin();
    core.hmacKey(units.put(key), key.length, out);
    units.begin();
    core.hmac(out, units.put(message), message.length, out + 64);
    return units.get(out + 64, 32).toString("hex");
  };

  it("are those of OpenSSL for every length of key and message", () => {
    for (let length = 0; length <= 55; length++) {
      const key = bytesOf(length, length + 9);
      const message = bytesOf(-1 - length, length);
      expect(hmac(key, message)).toBe(crypto.createHmac("sha256", key).update(message).digest("hex"));
    }
    for (const length of [0, 55, 56, 63, 64, 65, 119, 120, 128, 300])
      for (const keyLength of [0, 1, 20, 63, 64]) {
        const key = bytesOf(keyLength, keyLength);
        const message = bytesOf(length, length);
        expect(hmac(key, message)).toBe(crypto.createHmac("sha256", key).update(message).digest("hex"));
      }
  });
});

describe("AES", () => {
  const encrypted = (key: Uint8Array, block: Uint8Array) => {
    const {core, out} = units.begin();
    core.expandKey(units.put(key), out);
    units.begin();
    core.encryptBlock(out, units.put(block), out + 256);
    return units.get(out + 256, 16).toString("hex");
  };

  it("is that of FIPS 197 and of OpenSSL", () => {
    const standard = hex("00112233445566778899aabbccddeeff");
    const key = hex("000102030405060708090a0b0c0d0e0f");
    expect(encrypted(key, standard)).toBe("69c4e0d86a7b0430d8cdb78070b4c55a");
    for (let i = 0; i < 200; i++) {
      const block = bytesOf(1000 + i, 16);
      const expected = crypto.createCipheriv("aes-128-ecb", bytesOf(i, 16), null).update(block).toString("hex");
      expect(encrypted(bytesOf(i, 16), block)).toBe(expected);
    }
  });
});

interface Sealed {
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
  readonly aad: Uint8Array;
  readonly body: Uint8Array;
  readonly tag: Uint8Array;
}

/** The text; null where it is refused. Throws where anything but the text was written. */
function opened({key, nonce, aad, body, tag}: Sealed): Buffer | null {
  const {core, bytes, out} = units.begin();
  const around = 32;
  const to = out + 1024;
  core.expandKey(units.put(key), out);
  bytes.fill(0xaa, to - around, to + body.length + around);
  units.begin();
  const tagAt = units.put(tag);
  const bodyAt = units.put(body);
  const isOpen = core.openGcm(out, units.put(nonce), units.put(aad), aad.length, bodyAt, body.length, tagAt, to);
  const written = units.get(to - around, body.length + 2 * around);
  const rest = isOpen ? Buffer.concat([written.subarray(0, around), written.subarray(-around)]) : written;
  if (rest.some((byte) => byte !== 0xaa)) throw new Error("bytes were written that are none of the text");
  return isOpen ? written.subarray(around, -around) : null;
}

function sealed(seed: number, length: number, aadLength: number): {readonly text: Buffer; readonly box: Sealed} {
  const [key, nonce] = [bytesOf(seed, 16), bytesOf(seed + 0.1, 12)];
  const [aad, text] = [bytesOf(seed + 0.2, aadLength), bytesOf(seed + 0.3, length)];
  const cipher = crypto.createCipheriv("aes-128-gcm", key, nonce).setAAD(aad);
  const body = Buffer.concat([cipher.update(text), cipher.final()]);
  return {text, box: {key, nonce, aad, body, tag: cipher.getAuthTag()}};
}

describe("AES in Galois/Counter Mode", () => {
  it("opens the test cases 1, 2 and 4 of McGrew and Viega", () => {
    const none = new Uint8Array(0);
    const zero = {key: new Uint8Array(16), nonce: new Uint8Array(12), aad: none};
    expect(opened({...zero, body: none, tag: hex("58e2fccefa7e3061367f1d57a4e7455a")})).toEqual(Buffer.alloc(0));
    const tag = hex("ab6e47d42cec13bdf53a67b21257bddf");
    expect(opened({...zero, body: hex("0388dace60b6a392f328c2b971b2fe78"), tag})).toEqual(Buffer.alloc(16));
    const fourth = {
      key: hex("feffe9928665731c6d6a8f9467308308"),
      nonce: hex("cafebabefacedbaddecaf888"),
      aad: hex("feedfacedeadbeeffeedfacedeadbeefabaddad2"),
      body: hex(
        "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091"
      ),
      tag: hex("5bc94fbc3221a5db94fae95ae7121a47")
    };
    expect(opened(fourth)!.toString("hex")).toBe(
      "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
    );
  });

  it("opens what OpenSSL sealed, of every length up to 100 and some long ones", () => {
    for (const length of [...Array(101).keys(), 1162, 1200, 1201, 65_000])
      for (const aadLength of [0, 1, 15, 16, 17, 23 + length]) {
        const {text, box} = sealed(length, length, aadLength);
        expect([length, aadLength, opened(box)]).toEqual([length, aadLength, text]);
      }
  });

  it("refuses each changed bit of tag and nonce, and bytes and lengths changed elsewhere", () => {
    const {text, box} = sealed(7, 70, 21);
    for (const part of ["tag", "nonce", "aad", "body"] as const)
      for (let bit = 0; bit < box[part].length * 8; bit++) {
        const bytes = Uint8Array.from(box[part]);
        bytes[bit >> 3] ^= 1 << (bit & 7);
        expect([part, bit, opened({...box, [part]: bytes})]).toEqual([part, bit, null]);
      }
    expect(opened({...box, aad: box.aad.subarray(1)})).toBeNull();
    expect(opened({...box, aad: Buffer.concat([box.aad, Buffer.alloc(1)])})).toBeNull();
    expect(opened({...box, body: Buffer.concat([box.body, Buffer.alloc(1)])})).toBeNull();
    expect(opened({...box, body: box.body.subarray(0, -1)})).toBeNull();
    expect(opened(box)).toEqual(text);
  });
});
