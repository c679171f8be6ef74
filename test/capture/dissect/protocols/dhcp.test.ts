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
  ...{server: null, router: null, domain: null, lease_s: null}
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

  it("counts options that run past the end, and keeps those before them", () => {
    const flow = new Conversation(17, [68, 67]);
    const whole = message(1, "0.0.0.0", option(53, "\x08"), option(12, "long-name"));
    flow.send(0, whole.subarray(0, whole.length - 5)).end();
    expect(flow.records.dhcp).toMatchObject([{...none, ...client, message: "inform"}]);
    expect(flow.dissection.counters.malformed).toBe(1);
  });
});
