import type {AddressColumn, EncodedTextColumn, RowBatch} from "../../schema/rows.ts";
import type {ArpPacket} from "../meter/meter.ts";
import {TextSet} from "../partitions/text-set.ts";

const firstRows = 256;
const addressBytes = 16;

/** Rows of `arp` of one capture, on their way to the lake. */
export class ArpRows {
  rows = 0;
  readonly #sha256: string;
  #times = new Float64Array(0);
  #operations = new Float64Array(0);
  #vlans = new Float64Array(0);
  #senderIps = new Uint8Array(0);
  #targetIps = new Uint8Array(0);
  readonly #senderMacs = new MacTexts();
  readonly #targetMacs = new MacTexts();

  constructor(sha256: string) {
    this.#sha256 = sha256;
  }

  add({ts, vlan, operation, bytes, at}: ArpPacket): void {
    const row = this.rows++;
    if (row >= this.#times.length) this.#grow();
    this.#times[row] = ts;
    this.#operations[row] = operation;
    this.#vlans[row] = vlan < 0 ? Number.NaN : vlan;
    this.#senderMacs.set(row, bytes, at);
    this.#targetMacs.set(row, bytes, at + 10);
    for (let i = 0; i < 4; i++) {
      this.#senderIps[row * addressBytes + i] = bytes[at + 6 + i];
      this.#targetIps[row * addressBytes + i] = bytes[at + 16 + i];
    }
  }

  /** The rows so far as a batch, null where there are none. */
  take(): RowBatch | null {
    const {rows} = this;
    if (rows === 0) return null;
    const columns = [
      {codes: new Int32Array(rows), values: [this.#sha256]},
      this.#times.slice(0, rows),
      this.#operations.slice(0, rows),
      this.#senderMacs.take(rows),
      addresses(this.#senderIps, rows),
      this.#targetMacs.take(rows),
      addresses(this.#targetIps, rows),
      this.#vlans.slice(0, rows)
    ];
    this.rows = 0;
    return {table: "arp", rows, columns};
  }

  #grow(): void {
    const rows = Math.max(firstRows, this.#times.length * 2);
    const numbers = (from: Float64Array) => {
      const to = new Float64Array(rows);
      to.set(from);
      return to;
    };
    const bytes = (from: Uint8Array) => {
      const to = new Uint8Array(rows * addressBytes);
      to.set(from);
      return to;
    };
    [this.#times, this.#operations, this.#vlans] = [this.#times, this.#operations, this.#vlans].map(numbers);
    [this.#senderIps, this.#targetIps] = [this.#senderIps, this.#targetIps].map(bytes);
  }
}

function addresses(bytes: Uint8Array, rows: number): AddressColumn {
  const versions = new Uint8Array(rows).fill(4);
  return {addresses: bytes.slice(0, rows * addressBytes), stride: addressBytes, versions, versionStride: 1};
}

/** A column of Ethernet addresses; the one last seen is known at once, as requests come in rows from the same host. */
class MacTexts {
  readonly #texts = new TextSet();
  #codes = new Int32Array(firstRows);
  readonly #last = new Uint8Array(6);
  /** The code of that address; -1 where it has none yet. */
  #code = -1;

  set(row: number, bytes: Uint8Array, at: number): void {
    if (row >= this.#codes.length) {
      const codes = new Int32Array(this.#codes.length * 2);
      codes.set(this.#codes);
      this.#codes = codes;
    }
    let i = 0;
    while (i < 6 && this.#last[i] === bytes[at + i]) i++;
    if (i < 6 || this.#code < 0) {
      for (; i < 6; i++) this.#last[i] = bytes[at + i];
      this.#code = this.#texts.codeOf(macText(bytes, at));
    }
    this.#codes[row] = this.#code;
  }

  take(rows: number): EncodedTextColumn {
    const {distinct, bytes} = this.#texts;
    const column = {codes: this.#codes.slice(0, rows), texts: bytes.slice(), distinct};
    this.#texts.clear();
    this.#code = -1;
    return column;
  }
}

/** Text of an Ethernet address whose six bytes begin at `at`. */
function macText(bytes: Uint8Array, at: number): string {
  let text = hex[bytes[at]];
  for (let i = 1; i < 6; i++) text += `:${hex[bytes[at + i]]}`;
  return text;
}

const hex = Array.from({length: 256}, (_, byte) => byte.toString(16).padStart(2, "0"));
