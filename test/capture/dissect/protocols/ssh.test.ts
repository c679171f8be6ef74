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
        server_banner: "SSH-2.0-OpenSSH_9.2p1 Debian-2"
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
      flow.send(0, packet(20)).send(sender, Buffer.concat([packet(20), packet(message)]));
      expect(flow.wanted).toBe(false);
      flow.end();
      expect(flow.records.ssh!.map(({client_banner}) => client_banner)).toEqual([client]);
    });

  it("has NULL for a banner that was not seen", () => {
    const flow = new Conversation(6, [40000, 22]).send(1, "SSH-1.99-Cisco-1.25\n");
    flow.end();
    expect(flow.records.ssh!.map(({client_banner, server_banner}) => [client_banner, server_banner])).toEqual([
      [null, "SSH-1.99-Cisco-1.25"]
    ]);
  });
});
