import {expect, it} from "vitest";
import {memoryLake} from "../../../loaders/lake/memory-lake.ts";

const ts = 1_763_726_400_000_000;
const of = (flow: number, after = 0) => ({flow_id: BigInt(flow), capture_sha256: "c", ts: ts + after});

it("credentials_seen has each user name of a flow once, how it crossed and whether it was granted, and no secret", async () => {
  const engine = await memoryLake({
    ftp: [
      {...of(1), command: "USER", argument: "ann", user: "ann", reply_code: 331},
      {...of(1, 5), command: "PASS", user: "ann", reply_code: 530},
      {...of(1, 9), command: "PASS", user: "ann", reply_code: 230},
      {...of(1, 12), command: "LIST", user: "ann", reply_code: 226}
    ],
    http: [
      {...of(2), method: "GET", user: "bob", status: 401},
      {...of(2, 3), method: "GET", user: null, status: 200}
    ],
    ntlm: [
      {...of(3), carrier: "smb", user: "eve", domain: "EXAMPLE", success: true, status: 0n},
      {...of(3, 1), carrier: "smb", host: "PC"}
    ],
    kerberos: [
      {...of(4), request_type: "AS", client: "fay", realm: "EXAMPLE", error: 25},
      {...of(4, 2), request_type: "AS", client: "fay", realm: "EXAMPLE", error: 0},
      {...of(4, 4), request_type: "TGS", client: "fay", realm: "EXAMPLE", error: 0}
    ],
    ldap: [
      {...of(5), message_id: 1n, operation: "bind", user: "cn=gus", auth: "simple", result: 49},
      {...of(5), message_id: 2n, operation: "bind", user: "", auth: "anonymous", result: 0}
    ],
    logins: [
      {...of(6), protocol: "telnet", user: "hal", auth: "password", success: false},
      {...of(6, 8), protocol: "telnet", user: "hal", auth: "password", success: true},
      {...of(7), protocol: "vnc", user: null, auth: "none", success: true},
      {...of(8), protocol: "rsync", user: "ida", auth: "challenge", success: true, share: "backup"}
    ]
  });
  try {
    const {columns, rows} = await engine.query("SELECT * FROM credentials_seen ORDER BY flow_id");
    expect(columns.map(({name}) => name)).toEqual([
      "flow_id",
      "capture_sha256",
      "ts",
      "protocol",
      "method",
      "user_name",
      "domain",
      "attempts",
      "succeeded"
    ]);
    expect(rows.map((row) => row.slice(2))).toEqual([
      [BigInt(ts + 5), "ftp", "password", "ann", null, 2n, true],
      [BigInt(ts), "http", "basic_or_digest", "bob", null, 1n, false],
      [BigInt(ts), "smb", "ntlm", "eve", "EXAMPLE", 1n, true],
      [BigInt(ts), "kerberos", "kerberos", "fay", "EXAMPLE", 2n, true],
      [BigInt(ts), "ldap", "password", "cn=gus", null, 1n, false],
      [BigInt(ts), "telnet", "password", "hal", null, 2n, true],
      [BigInt(ts), "rsync", "challenge", "ida", null, 1n, true]
    ]);
  } finally {
    await engine.close();
  }
});
