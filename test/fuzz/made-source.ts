import {
  type CaptureError,
  maxCapturedBytes,
  type PacketBatch,
  type PacketSource
} from "../../capture/sources/source.ts";
import type {Frame, Kind} from "./kinds/kind.ts";
import type {Random} from "./random.ts";

/** Fuzzed packets of a kind as a source of packets, a thousandth of a second apart; `packets` of them or a few more. */
export class MadeSource implements PacketSource {
  readonly format = "made";
  readonly snaplen = maxCapturedBytes;
  readonly problem: CaptureError | null = null;
  readonly kernelDrops = null;
  readonly interfaceDrops = null;
  packets = 0;
  readonly #most: number;
  readonly #addMore: ReturnType<Kind["begin"]>;
  /** Made and not handed out yet. */
  #waiting: {bytes: Uint8Array; link: number; wire: number}[] = [];

  constructor(kind: Kind, random: Random, valid: readonly Frame[], packets: number) {
    this.#most = packets;
    this.#addMore = kind.begin(random, valid);
  }

  async next(batch: PacketBatch): Promise<boolean> {
    const {bytes, offset, captured, wire, ts, link} = batch;
    while (this.#waiting.length < offset.length && this.packets + this.#waiting.length < this.#most)
      this.#addMore((of, type = 1, length = of.length) => this.#waiting.push({bytes: of, link: type, wire: length}));
    let i = 0;
    for (let at = 0; i < Math.min(offset.length, this.#waiting.length); i++) {
      const packet = this.#waiting[i];
      if (at + packet.bytes.length > bytes.length) break;
      bytes.set(packet.bytes, at);
      offset[i] = at;
      captured[i] = packet.bytes.length;
      wire[i] = packet.wire;
      ts[i] = 1_700_000_000_000_000 + this.packets++ * 1000;
      link[i] = packet.link;
      at += packet.bytes.length;
    }
    this.#waiting = this.#waiting.slice(i);
    batch.count = i;
    return i > 0;
  }

  async close(): Promise<void> {}
}
