import {describe, expect, it} from "vitest";
import {LookedUpNames} from "../../../capture/dissect/looked-up-names.ts";
import type {FinishedFlows} from "../../../capture/meter/meter.ts";
import {addressBytes, addressPlace} from "./address-place.ts";

type Flow = readonly [from: string, to: string, start: number];

/** Finished flows of which only addresses and times are asked. */
function flows(...rows: readonly Flow[]): FinishedFlows {
  const column = (side: 0 | 1) => {
    const addresses = new Uint8Array(rows.length * 16);
    for (const [i, row] of rows.entries()) addresses.set(addressBytes(row[side]), i * 16);
    const versions = Uint8Array.from(rows, (row) => (row[side].includes(":") ? 6 : 4));
    return {addresses, stride: 16, versions, versionStride: 1};
  };
  return {
    rows: rows.length,
    addresses: (name) => column(name === "src_ip" ? 0 : 1),
    column: () => Float64Array.from(rows, ([, , start]) => start)
  };
}

const named = (names: LookedUpNames, ...rows: readonly Flow[]) => {
  const {codes, values} = names.column(flows(...rows));
  return Array.from(codes, (code) => (code < 0 ? null : values[code]));
};
const address = addressPlace;
const [client, other, server] = ["10.0.0.1", "10.0.0.2", "192.0.2.80"];
const v6 = "20010db8:00000000:00000000:00000001";
const hour = 3600e6;

describe("names looked up before", () => {
  it("belong to the client that asked, from the answer on", () => {
    const names = new LookedUpNames(10);
    names.note(address(client), "www.example", [address(server), address(v6)], 1000, 60);
    expect(named(names, [client, server, 1000], [client, server, 999], [other, server, 2000])).toEqual([
      "www.example",
      null,
      null
    ]);
    names.note(address(v6), "six.example", [address(v6)], 1000, 60);
    expect(named(names, [v6, v6, 1001], [client, v6, 1001], [client, "192.0.2.81", 1001])).toEqual([
      "six.example",
      "www.example",
      null
    ]);
  });

  it("hold for an hour, for their TTL where it is longer, and for a day at most", () => {
    const names = new LookedUpNames(10);
    names.note(address(client), "short.example", [address(server)], 0, 5);
    names.note(address(client), "long.example", [address("192.0.2.2")], 0, 7200);
    names.note(address(client), "ever.example", [address("192.0.2.3")], 0, 0xffffffff);
    const at = (to: string, ts: number) => named(names, [client, to, ts])[0];
    expect([at(server, hour), at(server, hour + 1)]).toEqual(["short.example", null]);
    expect([at("192.0.2.2", 2 * hour), at("192.0.2.2", 2 * hour + 1)]).toEqual(["long.example", null]);
    expect([at("192.0.2.3", 24 * hour), at("192.0.2.3", 24 * hour + 1)]).toEqual(["ever.example", null]);
  });

  it("are those of the flow's beginning, where another name came meanwhile", () => {
    const names = new LookedUpNames(10);
    names.note(address(client), "first.example", [address(server)], 100, 60);
    names.note(address(client), "second.example", [address(server)], 200, 60);
    names.note(address(client), "first.example", [address(server)], 300, 60);
    const at = (ts: number) => named(names, [client, server, ts])[0];
    expect([at(50), at(150), at(250), at(350)]).toEqual([null, "first.example", "second.example", "first.example"]);
  });

  it("are forgotten, and counted, where there are too many: those answered longest ago first", () => {
    const names = new LookedUpNames(2);
    names.note(address(client), "a.example", [address("192.0.2.1")], 1, 60);
    names.note(address(client), "b.example", [address("192.0.2.2")], 2, 60);
    names.note(address(client), "a.example", [address("192.0.2.1")], 90e6, 60);
    names.note(address(client), "c.example", [address("192.0.2.3")], 91e6, 60);
    const to = (end: number): Flow => [client, `192.0.2.${end}`, 92e6];
    expect(named(names, to(1), to(2), to(3))).toEqual(["a.example", null, "c.example"]);
    expect(names.forgotten).toBe(1);
  });
});
