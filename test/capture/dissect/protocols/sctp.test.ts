import {expect, it} from "vitest";
import {Conversation} from "../conversation.ts";

/** A DATA chunk (RFC 9260 §3.3.1) with that payload protocol identifier. */
function data(identifier: number, content: string, flags = 3): string {
  const bytes = content.length / 2;
  const length = (16 + bytes).toString(16).padStart(4, "0");
  const filled = content + "00".repeat((4 - (bytes % 4)) % 4);
  return `000${flags}${length}0000000100000000${identifier.toString(16).padStart(8, "0")}${filled}`;
}

const serviceOf = (...packets: string[]) => {
  const association = new Conversation(132, [40_000, 3868]);
  for (const packet of packets) association.send(0, Buffer.from(packet, "hex"));
  return association.end().service;
};

const capabilities = "0100001c80000101000000000000000100000002" + "0000010840000008";
const init = "0100001400000001000010000001000100000001";

it("names what SCTP carries by its payload protocol and its header", () => {
  expect(serviceOf(data(46, capabilities))).toBe("diameter");
  // Many senders of Diameter state no payload protocol.
  expect(serviceOf(data(0, capabilities))).toBe("diameter");
  expect(serviceOf(data(18, "0011001a000003003b4008"))).toBe("s1ap");
  // What is stated and what is there must agree.
  expect(serviceOf(data(3, "0011001a000003003b4008"))).toBe(null);
  expect(serviceOf(data(46, "16030100"))).toBe(null);
});

it("passes chunks that carry nothing, and middles of messages", () => {
  expect(serviceOf(...Array(20).fill(init), data(46, capabilities))).toBe("diameter");
  expect(serviceOf(data(3, "0100010100000010", 1), data(46, capabilities))).toBe("diameter");
  expect(serviceOf(init + data(46, capabilities))).toBe("diameter");
  expect(serviceOf(init)).toBe(null);
});
