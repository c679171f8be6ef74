import * as crypto from "node:crypto";
import {describe, expect, it} from "vitest";
import {encryptBlock} from "../../../../capture/dissect/protocols/aes128.ts";
import {hmac, hmacKey} from "../../../../capture/dissect/protocols/sha256.ts";

/** Bytes that follow from a number. */
const bytesOf = (seed: number, length: number) =>
  new Uint8Array(crypto.createHash("sha512").update(String(seed)).digest().subarray(0, length));

describe("keys of QUIC's Initial packets", () => {
  it("come of HMACs that are those of OpenSSL for every length of key and message", () => {
    for (let length = 0; length <= 55; length++) {
      const key = bytesOf(length, length + 9);
      const message = bytesOf(-1 - length, length);
      const expected = crypto.createHmac("sha256", key).update(message).digest("hex");
      expect(Buffer.from(hmac(hmacKey(key), message)).toString("hex")).toBe(expected);
    }
  });

  it("are refused for what does not fit a block", () => {
    expect(() => hmacKey(new Uint8Array(65))).toThrow("hmacKey: expected at most 64 bytes, found 65");
    expect(() => hmac(hmacKey(new Uint8Array(1)), new Uint8Array(56))).toThrow("expected at most 55 bytes, found 56");
  });

  it("protect headers with the AES of FIPS 197 and of OpenSSL", () => {
    const standard = Buffer.from("00112233445566778899aabbccddeeff", "hex");
    const key = Buffer.from("000102030405060708090a0b0c0d0e0f", "hex");
    expect(Buffer.from(encryptBlock(key, standard, 0)).toString("hex")).toBe("69c4e0d86a7b0430d8cdb78070b4c55a");
    for (let i = 0; i < 200; i++) {
      const cipher = crypto.createCipheriv("aes-128-ecb", bytesOf(i, 16), null);
      const bytes = bytesOf(1000 + i, 24);
      const expected = cipher.update(bytes.subarray(5, 21)).toString("hex");
      expect(Buffer.from(encryptBlock(bytesOf(i, 16), bytes, 5)).toString("hex")).toBe(expected);
    }
  });
});
