import type {DissectionCounters} from "../dissect/dissection.ts";
import type {MeterCounters} from "../meter/meter.ts";
import type {PacketBatch} from "../sources/source.ts";
import type {ToldLoss} from "./programs.ts";

/** Drops of one part; null where the program has not told. */
export interface PartLoss {
  readonly kernelDrops: number | null;
  readonly interfaceDrops: number | null;
  readonly pipeDrops: number | null;
}

const summed = [
  "packets",
  "wireBytes",
  "capturedBytes",
  "cutPackets",
  "nonIpPackets",
  "arpPackets",
  "malformed",
  "duplicates",
  "misdated",
  "evictedFlows",
  "fragmentsForgotten",
  "contextStartsDropped",
  "contextPairsEvicted",
  "contextHostsEvicted"
] as const satisfies readonly (keyof MeterCounters)[];

/** Cuts counts that run from a capture's beginning into those of its parts. */
export class PartCounts {
  #before: MeterCounters | null = null;
  #flowsBefore = 0;
  #dissectedBefore: DissectionCounters | null = null;
  #lossBefore = {kernelDrops: 0, interfaceDrops: 0, pipeDrops: 0};
  #first = Number.POSITIVE_INFINITY;
  #last = Number.NEGATIVE_INFINITY;

  /** Notes the packet times of a batch. */
  note({ts, count}: PacketBatch): void {
    for (let i = 0; i < count; i++) {
      const time = ts[i];
      if (time < this.#first) this.#first = time;
      if (time > this.#last) this.#last = time;
    }
  }

  /** The counts since the last call. `flows`: finished flows since the beginning, which are those a part holds. */
  take(now: MeterCounters, flows: number): MeterCounters {
    const before = this.#before;
    const part: MeterCounters = {...now, firstTs: this.#first, lastTs: this.#last, flows: flows - this.#flowsBefore};
    if (before) {
      for (const name of summed) part[name] = now[name] - before[name];
      part.unread = Object.fromEntries(
        Object.entries(now.unread)
          .map(([link, packets]) => [link, packets - (before.unread[Number(link)] ?? 0)])
          .filter(([, packets]) => packets !== 0)
      );
    }
    this.#before = now;
    this.#flowsBefore = flows;
    this.#first = Number.POSITIVE_INFINITY;
    this.#last = Number.NEGATIVE_INFINITY;
    return part;
  }

  /** What dissection counted since the last call. */
  takeDissected(now: DissectionCounters): DissectionCounters {
    const before = this.#dissectedBefore;
    this.#dissectedBefore = {...now};
    if (!before) return {...now};
    return {
      malformed: now.malformed - before.malformed,
      givenUp: now.givenUp - before.givenUp,
      gaps: now.gaps - before.gaps,
      cutTexts: now.cutTexts - before.cutTexts,
      droppedRows: now.droppedRows - before.droppedRows,
      unreadFlows: now.unreadFlows - before.unreadFlows,
      forgottenNames: now.forgottenNames - before.forgottenNames
    };
  }

  /** The drops since the last call. */
  takeLoss(told: Omit<ToldLoss, "captured">): PartLoss {
    const since = (name: "kernelDrops" | "interfaceDrops" | "pipeDrops", now: number | null) => {
      if (now === null) return null;
      const part = Math.max(0, now - this.#lossBefore[name]);
      this.#lossBefore[name] = Math.max(now, this.#lossBefore[name]);
      return part;
    };
    return {
      kernelDrops: since("kernelDrops", told.kernelDrops),
      interfaceDrops: since("interfaceDrops", told.interfaceDrops),
      pipeDrops: since("pipeDrops", told.programDrops)
    };
  }
}
