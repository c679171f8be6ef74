import type {Filter} from "../../src/lib/filter.ts";
import {verdicts, withFields} from "../../src/lib/filter.ts";
import type {FlowTable} from "../../src/lib/flow-table.ts";
import type {Span} from "../../src/lib/time-grid.ts";

/** Numbers in [0, 1) that a seed repeats (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A filter such as a reader could set over these flows; about a third has a time window. */
export function randomFilter(flows: FlowTable, span: Span, random: () => number): Filter {
  const some = <T>(values: readonly T[], most: number): T[] =>
    Array.from({length: 1 + Math.floor(random() * most)}, () => values[Math.floor(random() * values.length)]);
  const maybe = <T>(chance: number, make: () => T): T | undefined => (random() < chance ? make() : undefined);
  const {service, label, capture_sha256, src_ip, dst_ip, incident_id} = flows.texts;
  const width = span.to - span.from;
  const {ts_start, duration_us} = flows.numbers;
  /** Now and then exactly where a flow begins or ends: there windows go wrong. */
  const edge = (otherwise: () => number) => {
    if (random() > 0.3) return otherwise();
    const row = Math.floor(random() * flows.rows);
    return ts_start[row] + (random() < 0.7 ? duration_us[row] : 0);
  };
  const from = maybe(0.4, () => edge(() => Math.floor(span.from + random() * width)));
  const to = maybe(0.4, () =>
    Math.max(
      (from ?? span.from) + 1,
      edge(() => Math.ceil((from ?? span.from) + 1 + random() ** 2 * width))
    )
  );
  // Hosts that flows have, and now and then one that no flow has.
  const hosts = some(Array.from(random() < 0.5 ? src_ip.codes : dst_ip.codes), 1);
  return withFields(
    {},
    {
      from,
      to,
      protos: maybe(0.25, () => some([1, 6, 17, 132, 50], 2)),
      services: maybe(0.3, () => some([null, ...service.values, "nothing's"], 3)),
      labels: maybe(0.2, () => some([...label.values], 2)),
      verdicts: maybe(0.25, () => some(verdicts, 2)),
      host: maybe(0.2, () => (random() < 0.1 ? "198.51.100.99" : src_ip.values[hosts[0]])),
      incident: maybe(0.1, () => some([...incident_id.values, "0".repeat(16)], 1)[0]),
      captures: maybe(0.2, () => some(capture_sha256.values, 1))
    }
  );
}
