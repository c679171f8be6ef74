import {expect, it} from "vitest";
import {udp} from "../meter/frames.ts";
import {dissectPackets} from "./metered.ts";

const message = (id: number) =>
  Uint8Array.from([
    0,
    id,
    0x81,
    0x80,
    0,
    1,
    0,
    0,
    0,
    0,
    0,
    0,
    3,
    98,
    105,
    103,
    7,
    101,
    120,
    97,
    109,
    112,
    108,
    101,
    0,
    0,
    16,
    0,
    1
  ]);

it("reads no message in a later fragment, whatever its bytes look like", async () => {
  const datagram = (id: number, fragment: number) => ({
    us: 1_700_000_000_000_000 + fragment,
    frame: Buffer.from(
      udp({src: "10.0.0.53", dst: "10.0.0.1", srcPort: 53, dstPort: 40_000, payload: message(id), id: 5, fragment})
    )
  });
  const first = await dissectPackets([datagram(1, 0x2000)]);
  expect(first.records.dns!.map(({transaction_id}) => transaction_id)).toEqual([1]);
  const both = await dissectPackets([datagram(1, 0x2000), datagram(2, 0x0010)]);
  expect(both.records.dns!.map(({transaction_id}) => transaction_id)).toEqual([1]);
  // A fragment whose first one was not captured: nothing says what it is of.
  const later = await dissectPackets([datagram(2, 0x0010)]);
  expect([later.flows.length, later.flows[0].service, later.records.dns]).toEqual([1, null, undefined]);
});
