import * as crypto from "node:crypto";
import {describe, expect, it} from "vitest";
import {openUnits} from "../core/units.ts";
import {initialKeys} from "../quic-packets.ts";

const units = await openUnits();

/** The client's keys as the core makes them: key, iv and the key of header protection. */
function keysOf(version: number, connectionId: Uint8Array): string[] | null {
  const {core, out} = units.begin();
  if (!core.initialKeys(version, units.put(connectionId), connectionId.length, out)) return null;
  return [units.get(out, 16), units.get(out + 32, 12), units.get(out + 16, 16)].map((bytes) => bytes.toString("hex"));
}

describe("keys of QUIC's Initial packets", () => {
  it("are those of RFC 9001 A.1 and RFC 9369 A.1", () => {
    const connectionId = Buffer.from("8394c8f03e515708", "hex");
    expect(keysOf(1, connectionId)).toEqual([
      "1f369613dd76d5467730efcbe3b1a22d",
      "fa044b2f42a3fd3b46fb255c",
      "9f50449e04a0e810283a1e9933adedd2"
    ]);
    expect(keysOf(0x6b3343cf, connectionId)).toEqual([
      "8b1a0bc121284290a29e0971b5cd045d",
      "91f73e2351d8fa91660e909f",
      "45b95e15235d6f45a6b19cbcb0294ba9"
    ]);
    expect(keysOf(0x51303530, connectionId)).toBeNull();
  });

  it("are those of OpenSSL for every version and length of the connection id", () => {
    const drafts = Array.from({length: 50}, (_, draft) => 0xff000000 + draft);
    const own = [0x54303530, 0x54303531, 0xfaceb001, 0xfaceb002, 0xfaceb00e];
    const versions = [
      0,
      1,
      2,
      0x6b3343cf,
      0x0a0a0a0a,
      0x1a2a3a4a,
      0xfafafafa,
      0x51303530,
      0xffffffff,
      ...drafts,
      ...own
    ];
    for (const version of versions)
      for (let length = 0; length <= 20; length++) {
        const id = crypto.createHash("sha256").update(`${version} ${length}`).digest().subarray(0, length);
        const expected = initialKeys(version, id);
        const texts = expected && [expected.key, expected.iv, expected.hp].map((bytes) => bytes.toString("hex"));
        expect([version, keysOf(version, id)]).toEqual([version, texts]);
      }
    expect(versions.filter((version) => keysOf(version, new Uint8Array(8))).length).toBe(5 + 14 + own.length);
  });
});
