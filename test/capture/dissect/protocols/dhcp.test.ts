import {describe, expect, it} from "vitest";
import {Conversation} from "../conversation.ts";

const address = (text: string) => Buffer.from(text.split(".").map(Number));
const option = (code: number, content: string | Uint8Array) =>
  Buffer.concat([Buffer.from([code, content.length]), Buffer.from(content as string, "latin1")]);

/** A message of a client with that MAC. */
function message(op: number, assigned: string, ...options: Uint8Array[]): Buffer {
  const bytes = Buffer.alloc(240);
  bytes.set([op, 1, 6, 0, 0xde, 0xad, 0xbe, 0xef]);
  bytes.set(address(assigned), 16);
  bytes.set([2, 0, 0x5e, 0x10, 0, 1], 28);
  bytes.set([0x63, 0x82, 0x53, 0x63], 236);
  return Buffer.concat([bytes, ...options, Buffer.from([255])]);
}

const none = {
  ...{client: null, assigned: null, requested: null, host_name: null, vendor_class: null, parameters: null},
  ...{server: null, router: null, domain: null, lease_s: null, client_duid: null}
};
const client = {transaction_id: 0xdeadbeef, client_mac: "02:00:5e:10:00:01"};

describe("DHCP", () => {
  it("tells who asks and what is given", () => {
    const flow = new Conversation(17, [68, 67]);
    const asked = [option(55, Buffer.from([1, 3, 6])), option(12, "ann-pc\0"), option(60, "MSFT 5.0")];
    flow.send(0, message(1, "0.0.0.0", option(53, "\x01"), option(50, address("10.0.0.9")), ...asked));
    const told = [option(3, address("10.0.0.1")), option(15, "example.org"), option(51, Buffer.from([0, 0, 14, 16]))];
    flow.send(1, message(2, "10.0.0.9", option(53, "\x05"), option(54, address("10.0.0.2")), ...told));
    flow.send(0, message(1, "0.0.0.0", option(53, "\x03"), option(81, "\x01\0\0bob.example.org")));
    expect(flow.end().service).toBe("dhcp");
    expect(flow.records.dhcp!.map(({flow_id, capture_sha256, ts, ...rest}) => rest)).toEqual([
      {
        ...{...none, ...client, message: "discover", requested: "10.0.0.9", host_name: "ann-pc"},
        ...{vendor_class: "MSFT 5.0", parameters: "1,3,6"}
      },
      {
        ...{...none, ...client, message: "ack", assigned: "10.0.0.9", server: "10.0.0.2"},
        ...{router: "10.0.0.1", domain: "example.org", lease_s: 3600}
      },
      {...none, ...client, message: "request", host_name: "bob.example.org"}
    ]);
  });

  it("over IPv6 tells the same, also of what relays pass on", () => {
    const option6 = (code: number, ...parts: Uint8Array[]) => {
      const content = Buffer.concat(parts);
      return Buffer.concat([Buffer.from([0, code, content.length >> 8, content.length & 255]), content]);
    };
    const hex = (digits: string) => Buffer.from(digits.replaceAll(" ", ""), "hex");
    const duid = hex("0001 0001 11223344 02005e100001");
    const given = option6(5, hex("20010db8000000000000000000000009 00000e10 00001c20"));
    const association = (...options: Uint8Array[]) => option6(3, hex("00000001 00000000 00000000"), ...options);
    const name = (text: string) =>
      Buffer.concat([...text.split(".").map((label) => Buffer.from([label.length, ...Buffer.from(label)])), hex("00")]);
    const says = (type: number, ...options: Uint8Array[]) => Buffer.concat([Buffer.from([type, 1, 2, 3]), ...options]);
    const asks = says(
      ...([
        1,
        option6(1, duid),
        association(),
        option6(6, hex("0017 0018")),
        option6(39, hex("00"), name("ann-pc"))
      ] as const),
      option6(16, hex("00000137 0008"), Buffer.from("MSFT 5.0"))
    );
    const relayed = Buffer.concat([hex("0c 00"), Buffer.alloc(32), option6(18, hex("0001")), option6(9, asks)]);
    const flow = new Conversation(17, [546, 547]);
    flow.send(0, asks).send(0, relayed);
    flow.send(1, says(2, option6(1, duid), association(given), option6(24, name("example.org"), name("example.com"))));
    flow.send(0, says(3, option6(1, hex("0002 00000009 ab")), association(given)));
    flow.send(1, says(7, option6(12, hex("20010db8000000000000000000000001")), option6(4, hex("00000001"), given)));
    expect(flow.end().service).toBe("dhcpv6");
    const client6 = {transaction_id: 0x010203, client_mac: "02:00:5e:10:00:01", client_duid: duid.toString("hex")};
    const solicit = {
      ...{...none, ...client6, message: "solicit", host_name: "ann-pc", parameters: "23,24"},
      vendor_class: "MSFT 5.0"
    };
    const leased = {assigned: "2001:db8::9", lease_s: 7200};
    expect(flow.records.dhcp!.map(({flow_id, capture_sha256, ts, ...rest}) => rest)).toEqual([
      solicit,
      solicit,
      {...none, ...client6, message: "advertise", ...leased, domain: "example.org"},
      {
        ...{...none, ...client6, message: "request", client_mac: null, client_duid: "000200000009ab"},
        requested: "2001:db8::9"
      },
      {
        ...{...none, ...client6, message: "reply", client_mac: null, client_duid: null, ...leased},
        server: "2001:db8::1"
      }
    ]);
  });

  it("counts options that run past the end, and keeps those before them", () => {
    const flow = new Conversation(17, [68, 67]);
    const whole = message(1, "0.0.0.0", option(53, "\x08"), option(12, "long-name"));
    flow.send(0, whole.subarray(0, whole.length - 5)).end();
    expect(flow.records.dhcp).toMatchObject([{...none, ...client, message: "inform"}]);
    expect(flow.dissection.counters.malformed).toBe(1);
  });
});
