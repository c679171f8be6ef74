import {describe, expect, it} from "vitest";
import {Conversation, type RecordRow} from "../conversation.ts";
import {
  bind,
  bindAck,
  fault,
  ntlmAuthenticate,
  ntlmChallenge,
  pdu,
  request,
  response,
  returning,
  tower,
  uuids
} from "./rpc-messages.ts";

const conversation = (port = 49_154) => new Conversation(6, [40_000, port]);
const rows = (flow: Conversation, ...names: string[]) =>
  (flow.records.dcerpc ?? []).map((row: RecordRow) => names.map((name) => row[name]));
const bound = (uuid: string, port?: number) =>
  conversation(port)
    .send(0, bind(1, [uuid]))
    .send(1, bindAck(1, [0, 2]));

describe("DCE/RPC over TCP", () => {
  it("names the flow and the interface that is bound, once for all ways to write its arguments", () => {
    const flow = bound(uuids.epmapper, 135);
    expect(flow.end().service).toBe("dcerpc");
    expect(
      rows(flow, "transport", "message", "interface_uuid", "interface", "interface_version", "calls", "status", "opnum")
    ).toEqual([["tcp", "bind", uuids.epmapper, "epmapper", "3.1", 1, 0, null]]);
  });

  it("has the operation by number and name, and what it returned", () => {
    const flow = bound(uuids.svcctl)
      .send(0, request(2, 15, Buffer.alloc(80)))
      .send(1, response(2, returning(0, 24)))
      .send(0, request(3, 12, Buffer.alloc(180)))
      .send(1, response(3, returning(5, 28)));
    flow.end();
    expect(
      rows(
        flow,
        "message",
        "interface",
        "opnum",
        "operation",
        "status",
        "return_code",
        "request_bytes",
        "response_bytes"
      )
    ).toEqual([
      ["bind", "svcctl", null, null, 0, null, null, null],
      ["request", "svcctl", 15, "OpenSCManagerW", 0, 0, 80, 24],
      ["request", "svcctl", 12, "CreateServiceW", 0, 5, 180, 28]
    ]);
  });

  it("makes one row of equal calls behind one another, whatever their fragments", () => {
    const flow = bound(uuids.drsuapi);
    for (let call = 2; call < 5; call++) {
      flow.send(
        0,
        Buffer.concat([request(call, 3, Buffer.alloc(100), {flags: 1}), request(call, 3, Buffer.alloc(60), {flags: 2})])
      );
      flow.send(1, response(call, Buffer.alloc(4000, 7), 1)).send(1, response(call, returning(0, 100), 2));
    }
    flow.send(0, request(9, 1, Buffer.alloc(4))).end();
    expect(
      rows(
        flow,
        "operation",
        "calls",
        "status",
        "request_fragments",
        "response_fragments",
        "request_bytes",
        "response_bytes"
      ).slice(1)
    ).toEqual([
      ["DRSGetNCChanges", 3, 0, 6, 6, 480, 12_300],
      ["DRSUnbind", 1, null, 1, 0, 4, 0]
    ]);
  });

  it("passes over long fragments, cut and lost ones, and goes on behind them", () => {
    const long = request(2, 12, Buffer.alloc(5000, 5));
    const flow = bound(uuids.svcctl)
      .send(0, long.subarray(0, 4500), undefined, long.length - 4500)
      .send(1, response(2, returning(0)))
      .send(0, request(3, 19, Buffer.alloc(20)).subarray(0, 10), undefined, 100)
      .send(0, request(4, 0, Buffer.alloc(20)))
      .send(1, response(4, returning(0, 24)));
    flow.end();
    expect(rows(flow, "operation", "request_bytes").slice(1)).toEqual([
      ["CreateServiceW", 5000],
      ["CloseServiceHandle", 20]
    ]);
    expect(flow.dissection.heldBytes).toBe(0);
  });

  it("has the status of faults and the reason of refused binds, of unknown interfaces the UUID", () => {
    const flow = conversation()
      .send(0, bind(1, [uuids.unknown]))
      .send(1, bindAck(1, [2, 2]))
      .send(0, bind(2, [uuids.samr], 14))
      .send(1, bindAck(2, [0, 2], 15))
      .send(0, request(3, 64, Buffer.alloc(40)))
      .send(1, fault(3, 5));
    flow.end();
    expect(rows(flow, "message", "interface_uuid", "interface", "operation", "status", "return_code")).toEqual([
      ["bind", uuids.unknown, null, null, 2, null],
      ["alter_context", uuids.samr, "samr", null, 0, null],
      ["request", uuids.samr, "samr", "SamrConnect5", 5, null]
    ]);
    const refused = conversation()
      .send(0, bind(1, [uuids.samr]))
      .send(1, pdu(13, 1, Buffer.from([8, 0, 0, 0])));
    refused.end();
    expect(rows(refused, "message", "status")).toEqual([["bind", 8]]);
  });

  it("tells which port the endpoint mapper gave for which interface", () => {
    const ask = Buffer.concat([Buffer.alloc(24, 1), tower(uuids.drsuapi, 135)]);
    const told = Buffer.concat([Buffer.alloc(32, 1), tower(uuids.drsuapi, 49_155), returning(0, 4)]);
    const flow = bound(uuids.epmapper, 135)
      .send(0, request(2, 3, ask))
      .send(1, response(2, told));
    flow.end();
    expect(rows(flow, "operation", "return_code", "mapped_interface", "mapped_port").slice(1)).toEqual([
      ["ept_map", 0, "drsuapi", 49_155]
    ]);
  });

  it("has who authenticates by NTLM, and whether calls were granted then", () => {
    const verifier = (token: Uint8Array, level = 6) => ({type: 10, level, token});
    const flow = conversation()
      .send(0, bind(1, [uuids.drsuapi], 11, verifier(Buffer.from("NTLMSSP\0\u0001\0\0\0\0\0\0\0", "latin1"))))
      .send(1, bindAck(1, [0, 2], 12, verifier(ntlmChallenge("DC1", "EXAMPLE", "dc1.example.test"))))
      .send(0, pdu(16, 1, Buffer.alloc(4), 3, verifier(ntlmAuthenticate("ann", "EXAMPLE", "PC7"))))
      .send(0, request(2, 0, Buffer.alloc(32), {verifier: verifier(Buffer.alloc(16))}))
      .send(1, response(2, Buffer.alloc(32, 9), 3, verifier(Buffer.alloc(16))));
    flow.end();
    const [row] = flow.records.ntlm ?? [];
    expect([
      row.carrier,
      row.user,
      row.domain,
      row.host,
      row.server_name,
      row.server_domain,
      row.server_dns,
      row.success,
      row.status
    ]).toEqual(["dcerpc", "ann", "EXAMPLE", "PC7", "DC1", "EXAMPLE", "dc1.example.test", 1, 0]);
    // What is encrypted tells no return code, and how long it is without the verifier.
    expect(rows(flow, "operation", "auth_type", "auth_level", "return_code", "request_bytes").at(-1)).toEqual([
      "DRSBind",
      "ntlm",
      "privacy",
      null,
      32
    ]);
    expect(JSON.stringify(flow.records, (_, value) => (typeof value === "bigint" ? String(value) : value))).not.toMatch(
      /aaaa|bbbb/
    );
  });

  it("keeps a limited number of calls without answers", () => {
    const flow = bound(uuids.samr);
    for (let call = 2; call < 102; call++) flow.send(0, request(call, call, Buffer.alloc(4)));
    flow.take();
    // Of those that were given up the last one may still be joined by others.
    expect(rows(flow, "opnum").length).toBe(1 + 100 - 32 - 1);
    flow.end();
    expect(rows(flow, "opnum").length).toBe(101);
  });

  it("counts what contradicts itself", () => {
    const flow = bound(uuids.samr)
      .send(0, pdu(0, 2, Buffer.alloc(2)))
      .send(1, pdu(3, 2, Buffer.alloc(9)));
    flow.end();
    expect(flow.dissection.counters.malformed).toBe(2);
  });

  it("is read in big endian, and behind the banner of RPC over HTTP", () => {
    const big = Buffer.from(
      "0500000300000000002c000000000002000000140000000f0000000000000000000000000000000000000000",
      "hex"
    );
    const flow = conversation(593)
      .send(1, Buffer.concat([Buffer.from("ncacn_http/1.0"), bindAck(1, [0, 2])]))
      .send(0, bind(1, [uuids.svcctl]));
    flow.send(0, big);
    expect(flow.end().service).toBe("dcerpc");
    expect(rows(flow, "transport", "message", "interface", "opnum", "request_bytes")).toEqual([
      ["http", "bind", "svcctl", null, null],
      ["http", "request", "svcctl", 15, 20]
    ]);
  });
});
