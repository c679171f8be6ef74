import type {MeterSettings} from "../../capture/meter/meter.ts";
import {FuzzedMeter} from "./fuzzed-meter.ts";
import type {Frame, Kind} from "./kinds/kind.ts";
import {Random} from "./random.ts";

/** What became of fuzzed packets: sums over all rounds, but for the last two. */
export interface FuzzCounts {
  packets: number;
  flows: number;
  malformed: number;
  nonIp: number;
  unread: number;
  evicted: number;
  fragmentsForgotten: number;
  /** Rows of application records, and what dissection gave up. */
  records: number;
  givenUp: number;
  unreadFlows: number;
  forgottenNames: number;
  /** The most bytes that dissection held, and that the core's memory had. */
  mostHeldBytes: number;
  mostCoreBytes: number;
}

/** What lies between the packets of the second meter: EtherTypes of IPv4, if it was read. */
const between = Buffer.alloc(48, Buffer.from("0800", "hex"));

/** Packets of a round, which has settings and meters of its own. */
const roundPackets = 40_000;

/** Fuzzes with at least so many packets of a kind, in rounds; as `fuzzRound`. */
export async function fuzz(
  kind: Kind,
  packets: number,
  seed: number,
  valid: readonly Frame[],
  onBatch: () => void = () => {}
): Promise<FuzzCounts> {
  let sums: FuzzCounts | null = null;
  for (let round = 0; (sums?.packets ?? 0) < packets; round++) {
    const most = Math.min(roundPackets, packets - (sums?.packets ?? 0));
    const counts = await fuzzRound(kind, most, 1000 * seed + round, valid, onBatch);
    sums = sums ? added(sums, counts) : counts;
  }
  return sums!;
}

function added(a: FuzzCounts, b: FuzzCounts): FuzzCounts {
  const names = Object.keys(a) as (keyof FuzzCounts)[];
  return Object.fromEntries(
    names.map((name) => [name, name.startsWith("most") ? Math.max(a[name], b[name]) : a[name] + b[name]])
  ) as unknown as FuzzCounts;
}

/**
 * Runs at least so many packets of a kind through two meters at once, one with packets side by side and one with other
 * bytes between them: both must find the same, as nothing that no packet holds may count. Throws what does not hold,
 * with the round's seed and the batch. `onBatch` is called before each batch is metered.
 */
export async function fuzzRound(
  kind: Kind,
  packets: number,
  seed: number,
  valid: readonly Frame[],
  onBatch: () => void
): Promise<FuzzCounts> {
  const random = new Random(seed);
  const settings: MeterSettings = {
    idleTimeoutUs: random.of([1e6, 60e6, 120e6]),
    activeTimeoutUs: random.of([5e6, 600e6, 1800e6]),
    maxFlows: random.of([100, 4096, 20_000]),
    captureSeed: "f022f022f022f022",
    verifiesChecksums: random.chance(0.3)
  };
  const meter = await FuzzedMeter.make(settings, Buffer.alloc(0), true);
  const twin = await FuzzedMeter.make(settings, between, false);
  const clock = new Clock(random);
  let added = 0;
  let batches = 0;
  const checked = (step: () => void) => {
    onBatch();
    try {
      step();
      if (meter.digest.value !== twin.digest.value) throw new Error("bytes that no packet holds change what is found");
    } catch (error) {
      const where = `${kind.name}, round ${seed}, batch ${batches}`;
      throw new Error(`${where}: ${(error as Error).message}`, {cause: error});
    }
    batches++;
  };
  const process = () =>
    checked(() => {
      meter.process();
      twin.process();
    });
  const addMore = kind.begin(random, valid);
  while (added < packets)
    addMore((bytes, link = 1, wire = bytes.length) => {
      const time = clock.next();
      // The twin's packets need more room: what fits there fits both.
      if (!twin.add(bytes, link, wire, time)) {
        process();
        twin.add(bytes, link, wire, time);
      }
      meter.add(bytes, link, wire, time);
      added++;
    });
  process();
  checked(() => {
    meter.finish();
    twin.finish();
  });
  const {counters} = meter.meter;
  const {givenUp, unreadFlows, forgottenNames} = meter.dissectionCounters;
  return {
    packets: counters.packets,
    flows: counters.flows,
    malformed: counters.malformed,
    nonIp: counters.nonIpPackets,
    unread: Object.values(counters.unread).reduce((a, b) => a + b, 0),
    evicted: counters.evictedFlows,
    fragmentsForgotten: counters.fragmentsForgotten,
    records: meter.records,
    givenUp,
    unreadFlows,
    forgottenNames,
    mostHeldBytes: meter.mostHeldBytes,
    mostCoreBytes: meter.memoryBytes
  };
}

/** Times that a pcapng file can say at most, in µs. */
const latestTs = 253_402_300_799e6;

/** Packet times in µs: mostly a moment later, sometimes far ahead or back, seldom nonsense for one packet. */
class Clock {
  #time = 1_700_000_000_000_000;
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  next(): number {
    const random = this.#random;
    const step = random.next();
    if (step < 0.98) this.#time += random.below(500);
    else if (step < 0.99) this.#time += random.below(2e6);
    else if (step < 0.9995) this.#time -= random.below(2e6);
    else if (step < 0.9999) this.#time += random.below(300e6);
    else return random.of([0, -1e12, 2 ** 32 * 1e6, latestTs, -latestTs]);
    return this.#time;
  }
}
