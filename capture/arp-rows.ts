import type {RowBatch} from "../schema/rows.ts";
import {TextBuilder} from "./dissect/row-buffer.ts";
import {ipv4Text} from "./meter/address-text.ts";
import type {ArpPacket} from "./meter/meter.ts";

/** Rows of `arp` of one capture, on their way to the lake. */
export class ArpRows {
  rows = 0;
  readonly #sha256: string;
  #times: number[] = [];
  #operations: number[] = [];
  #vlans: number[] = [];
  readonly #texts = {
    senderMac: new TextBuilder(),
    senderIp: new TextBuilder(),
    targetMac: new TextBuilder(),
    targetIp: new TextBuilder()
  };

  constructor(sha256: string) {
    this.#sha256 = sha256;
  }

  add({ts, vlan, operation, bytes, at}: ArpPacket): void {
    const row = this.rows++;
    this.#times.push(ts);
    this.#operations.push(operation);
    this.#vlans.push(vlan < 0 ? Number.NaN : vlan);
    this.#texts.senderMac.set(row, macText(bytes, at));
    this.#texts.senderIp.set(row, ipv4Text(bytes, at + 6));
    this.#texts.targetMac.set(row, macText(bytes, at + 10));
    this.#texts.targetIp.set(row, ipv4Text(bytes, at + 16));
  }

  /** The rows so far as a batch, null where there are none. */
  take(): RowBatch | null {
    const {rows} = this;
    if (rows === 0) return null;
    const {senderMac, senderIp, targetMac, targetIp} = this.#texts;
    const columns = [
      {codes: new Int32Array(rows), values: [this.#sha256]},
      Float64Array.from(this.#times),
      Float64Array.from(this.#operations),
      senderMac.take(rows),
      senderIp.take(rows),
      targetMac.take(rows),
      targetIp.take(rows),
      Float64Array.from(this.#vlans)
    ];
    this.rows = 0;
    [this.#times, this.#operations, this.#vlans] = [[], [], []];
    return {table: "arp", rows, columns};
  }
}

/** Text of an Ethernet address whose six bytes begin at `at`. */
function macText(bytes: Uint8Array, at: number): string {
  let text = hex[bytes[at]];
  for (let i = 1; i < 6; i++) text += `:${hex[bytes[at + i]]}`;
  return text;
}

const hex = Array.from({length: 256}, (_, byte) => byte.toString(16).padStart(2, "0"));
