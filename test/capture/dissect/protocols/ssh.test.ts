import {createHash} from "node:crypto";
import {describe, expect, it} from "vitest";
import {Conversation} from "../conversation.ts";

describe("SSH", () => {
  it("has both banners in one row, on any port", () => {
    const flow = new Conversation(6, [40000, 443]);
    flow.send(1, "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n").send(0, "SSH-2.0-libssh_0.10.5\r\n\0\0\x05\xdc");
    expect(flow.end().service).toBe("ssh");
    expect(flow.records.ssh).toEqual([
      {
        flow_id: (-2n << 32n) | 5n,
        capture_sha256: "c0ffee",
        ts: 1_700_000_000_001_000,
        client_banner: "SSH-2.0-libssh_0.10.5",
        server_banner: "SSH-2.0-OpenSSH_9.2p1 Debian-2",
        hassh: null,
        hassh_server: null,
        client_algorithms: null,
        server_algorithms: null,
        auth_guess: null,
        auth_failures: null
      }
    ]);
  });

  const packet = (message: number) => Buffer.from([0, 0, 0, 12, 4, message, 1, 2, 3, 4, 5, 6, 0, 0, 0, 0]);

  for (const [sender, message, client] of [
    [0, 30, "SSH-2.0-a"],
    [1, 30, "SSH-2.0-b"],
    [0, 31, "SSH-2.0-b"],
    [1, 34, "SSH-2.0-b"]
  ] as const)
    it(`takes ${client} for the client where side ${sender} sends key exchange message ${message}`, () => {
      const flow = new Conversation(6, [2222, 40000]).send(0, "SSH-2.0-a\r\n").send(1, "SSH-2.0-b\r\n");
      flow.send(0, packet(20)).send(1, packet(20)).send(sender, packet(message));
      flow.end();
      expect(flow.records.ssh!.map(({client_banner}) => client_banner)).toEqual([client]);
    });

  it("guesses by sizes how the login went, and reads no further", () => {
    const newKeys = Buffer.from([0, 0, 0, 12, 10, 21, ...Array<number>(10).fill(0)]);
    const sealed = (bytes: number) => Buffer.alloc(bytes, 0xab);
    const login = (...answers: number[]) => {
      const flow = new Conversation(6, [40_000, 22]).send(1, "SSH-2.0-b\r\n").send(0, "SSH-2.0-a\r\n");
      flow.send(1, packet(20)).send(0, packet(20)).send(0, packet(30));
      // The server's extensions, which come unasked, are no answer.
      flow.send(1, Buffer.concat([packet(31), newKeys])).send(1, sealed(400));
      flow.send(0, newKeys).send(0, sealed(44));
      for (const bytes of answers) flow.send(1, sealed(bytes)).send(0, sealed(100));
      const {wanted} = flow;
      flow.end();
      return flow.records.ssh!.map(({auth_guess, auth_failures}) => [auth_guess, auth_failures, wanted]);
    };
    expect(login(44, 60, 60, 60, 28)).toEqual([["success", 2, false]]);
    expect(login(44, 60, 60)).toEqual([["failure", 1, true]]);
    expect(login(44, 28)).toEqual([["success", 0, false]]);
    expect(login(44, 60)).toEqual([[null, 0, true]]);
    expect(login()).toEqual([[null, null, true]]);
  });

  it("guesses as well where a short snapshot length cuts the offers and the server's NEWKEYS", () => {
    const flow = new Conversation(6, [40_000, 22]).send(1, "SSH-2.0-b\r\n").send(0, "SSH-2.0-a\r\n");
    const begun = (message: number) => Buffer.from([0, 0, 4, 0, 4, message, ...Array<number>(180).fill(1)]);
    const sealed = (bytes: number) => Buffer.alloc(bytes, 0xab);
    flow.send(1, begun(20), undefined, 842).send(0, begun(20), undefined, 842).send(0, packet(30));
    flow.send(1, begun(31), undefined, 842).send(0, Buffer.from([0, 0, 0, 12, 10, 21, ...Array<number>(10).fill(0)]));
    flow.send(0, sealed(44)).send(1, sealed(44));
    for (const bytes of [60, 60, 60]) flow.send(0, sealed(100)).send(1, sealed(bytes));
    flow.end();
    expect(flow.records.ssh!.map(({auth_guess, auth_failures}) => [auth_guess, auth_failures])).toEqual([
      ["failure", 2]
    ]);
  });

  /** A KEXINIT with these lists (RFC 4253 §7.1). */
  const offer = (...lists: string[]) => {
    const names = [...lists, "", ""].flatMap((list) => {
      const bytes = Buffer.alloc(4 + list.length, list);
      bytes.writeUInt32BE(list.length);
      return list === "" ? [Buffer.alloc(4)] : [Buffer.concat([bytes.subarray(0, 4), Buffer.from(list)])];
    });
    const payload = Buffer.concat([Buffer.from([20]), Buffer.alloc(16, 0xcc), ...names, Buffer.alloc(5)]);
    const head = Buffer.from([0, 0, 0, 0, 4]);
    head.writeUInt32BE(payload.length + 5);
    return Buffer.concat([head, payload, Buffer.alloc(4)]);
  };
  const md5 = (text: string) => createHash("md5").update(text).digest("hex");

  it("has the fingerprints of what both sides offer, whatever segments it comes in", () => {
    const client = Buffer.concat([
      Buffer.from("SSH-2.0-a\r\n"),
      offer("kex1,kex2", "rsa", "aes-c", "aes-s", "mac-c", "mac-s", "none,zlib", "zlib")
    ]);
    for (const size of [1, 7, 64, 5000]) {
      const flow = new Conversation(6, [40000, 22]);
      flow.send(1, "SSH-2.0-b\r\n").send(1, offer("kex3", "ed", "c1", "c2,c3", "m1", "m2", "z1", "z2"));
      for (let at = 0; at < Math.min(client.length, 20 * size); at += size)
        flow.send(0, client.subarray(at, at + size));
      flow.end();
      const [row] = flow.records.ssh!;
      expect([row.server_algorithms, row.hassh_server]).toEqual(["kex3;c2,c3;m2;z2", md5("kex3;c2,c3;m2;z2")]);
      const whole = size >= 7 ? "kex1,kex2;aes-c;mac-c;none,zlib" : null;
      expect([row.client_algorithms, row.hassh]).toEqual([whole, whole && md5(whole)]);
      expect(flow.dissection.heldBytes).toBe(0);
    }
  });

  it("has NULL for a banner that was not seen", () => {
    const flow = new Conversation(6, [40000, 22]).send(1, "SSH-1.99-Cisco-1.25\n");
    flow.end();
    expect(flow.records.ssh!.map(({client_banner, server_banner}) => [client_banner, server_banner])).toEqual([
      [null, "SSH-1.99-Cisco-1.25"]
    ]);
  });
});
