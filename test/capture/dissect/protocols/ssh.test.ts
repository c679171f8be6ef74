import {describe, expect, it} from "vitest";
import {Conversation} from "../conversation.ts";

describe("SSH", () => {
  it("has both banners in one row, on any port", () => {
    const flow = new Conversation(6, [40000, 443]);
    flow.send(1, "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n").send(0, "SSH-2.0-libssh_0.10.5\r\n\0\0\x05\xdc");
    expect(flow.wanted).toBe(false);
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

  it("has NULL for a banner that was not seen", () => {
    const flow = new Conversation(6, [40000, 22]).send(1, "SSH-1.99-Cisco-1.25\n");
    flow.end();
    expect(flow.records.ssh!.map(({client_banner, server_banner}) => [client_banner, server_banner])).toEqual([
      [null, "SSH-1.99-Cisco-1.25"]
    ]);
  });
});
