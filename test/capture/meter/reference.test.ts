import {join} from "node:path";
import {describe, expect, it} from "vitest";
import {openSource} from "../../../capture/sources/open.ts";
import {itUnless} from "../../needs.ts";
import {noSharedData, sharedCaptures, sharedData} from "../../shared-data.ts";
import {plainBatch} from "../sources/packets.ts";
import {
  type FlowObject,
  type Metered,
  meteredColumns,
  meterFile,
  meterPackets,
  type TestPacket,
  testSettings
} from "./metered.ts";
import {randomHoles, randomPackets} from "./random-packets.ts";
import {ReferenceMeter} from "./reference.ts";

/** What the reference does not compute. */
const only = new Set(["flow_id", "community_id"]);
const columns = meteredColumns.filter((name) => !only.has(name));

/** Captures with more packets take the reference too long. */
const mostPackets = 2500;

/** Columns of a flow that differ: name, the core's value, the reference's. */
function differences(core: FlowObject, reference: FlowObject): unknown[] {
  return columns.flatMap((name) => {
    const a = name.endsWith("_ip") ? addressHex(core[name]) : core[name];
    const b = reference[name];
    const same =
      a === b ||
      (typeof a === "number" &&
        typeof b === "number" &&
        Math.abs(a - b) <= 2e-6 * Math.max(Math.abs(a), Math.abs(b), 0.01));
    return same ? [] : [[name, a, b]];
  });
}

function addressHex(text: string): string {
  if (!text.includes(":"))
    return text
      .split(".")
      .map((n) => Number(n).toString(16).padStart(2, "0"))
      .join("");
  const mapped = text.match(/^::ffff:(\d+\.\d+\.\d+\.\d+)$/);
  if (mapped) return "0".repeat(20) + "ffff" + addressHex(mapped[1]);
  const [head, tail] = text.split("::").map((half) => (half ? half.split(":") : []));
  const groups = tail ? [...head, ...Array(8 - head.length - tail.length).fill("0"), ...tail] : head;
  return groups.map((group) => group.padStart(4, "0")).join("");
}

function compare(metered: Metered, reference: ReferenceMeter): unknown[] {
  const counts = (flows: readonly FlowObject[]) => flows.length;
  const found: unknown[] = [];
  if (counts(metered.flows) !== counts(reference.flows))
    found.push(["flows", counts(metered.flows), counts(reference.flows)]);
  for (const [i, flow] of metered.flows.entries()) {
    const other = reference.flows[i];
    const differing = other ? differences(flow, other) : [];
    if (differing.length > 0) found.push([i, ...differing]);
    if (found.length > 5) break;
  }
  for (const name of ["packets", "nonIpPackets", "arpPackets", "malformed"] as const)
    if (metered.counters[name] !== reference.counters[name])
      found.push([name, metered.counters[name], reference.counters[name]]);
  return found;
}

async function referenceFile(path: string): Promise<ReferenceMeter> {
  const reference = new ReferenceMeter(testSettings);
  const batch = plainBatch();
  const source = await openSource(path);
  const state = {before: Number.NaN, off: Number.NaN};
  while (await source.next(batch))
    for (let i = 0; i < batch.count; i++) {
      const bytes = batch.bytes.slice(batch.offset[i], batch.offset[i] + batch.captured[i]);
      const ts = plausibleTime(state, batch.ts.subarray(i, Math.min(i + 5, batch.count)), batch.wire[i]);
      reference.add({bytes, wire: batch.wire[i], ts, link: batch.link[i]});
      state.before = ts;
    }
  await source.close();
  reference.flush();
  return reference;
}

/** The time of a packet of `wire` bytes, or that of a neighbour where it is dated wrongly; `times`: its own and those of the four behind it. */
function plausibleTime(
  state: {readonly before: number; off: number},
  [time, ...after]: Float64Array,
  wire: number
): number {
  const {before} = state;
  const isNear = (a: number, b: number) => Math.abs(a - b) <= 120e6;
  const year = 365 * 86_400e6;
  if (wire === 0 || isNear(time, before)) return time;
  if (Number.isNaN(before)) {
    const isOff = after.length > 1 && isNear(after[0], after[1]) && (time - after[0] > 120e6 || after[0] - time > year);
    return isOff ? after[0] : time;
  }
  if (isNear(time, state.off)) return time;
  if (after.some((next) => isNear(next, before) && !isNear(next, time))) return before;
  if (after.length > 0 || Math.abs(time - before) <= year) return time;
  state.off = time;
  return before;
}

function referencePackets(packets: readonly TestPacket[], settings = testSettings): ReferenceMeter {
  const reference = new ReferenceMeter(settings);
  for (const {bytes, ts, wire, link} of packets)
    reference.add({bytes, ts, wire: wire ?? bytes.length, link: link ?? 1});
  reference.flush();
  return reference;
}

describe("the core finds the flows and features of the plain meter", () => {
  for (const kind of ["pcap", "malformed"] as const)
    itUnless(noSharedData)(`in the shared ${kind} captures`, {timeout: 300_000}, async () => {
      for (const {file, packets} of sharedCaptures(kind)) {
        if (packets > mostPackets) continue;
        const path = join(sharedData, file);
        const metered = await meterFile(path).catch(() => null);
        if (metered)
          expect({file, differences: compare(metered, await referenceFile(path))}).toEqual({file, differences: []});
      }
    });

  const seeds = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => n + 8 * Number(process.env.FLOWBOOK_SEED ?? 0));
  for (const seed of seeds)
    it(`in 3,000 random packets of seed ${seed}`, async () => {
      const packets = randomPackets(seed, 3000);
      expect(compare(await meterPackets(packets), referencePackets(packets))).toEqual([]);
    });

  it("in connections full of holes", async () => {
    for (let seed = 0; seed < 40; seed++) {
      const packets = randomHoles(seed, 200);
      expect({seed, differences: compare(await meterPackets(packets), referencePackets(packets))}).toEqual({
        seed,
        differences: []
      });
    }
  });

  it("in random packets when flows are cut and expire often", async () => {
    const settings = {...testSettings, idleTimeoutUs: 2e6, activeTimeoutUs: 6e6};
    const packets = randomPackets(99, 3000);
    expect(compare(await meterPackets(packets, settings), referencePackets(packets, settings))).toEqual([]);
  });
});
