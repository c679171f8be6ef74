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

/** Places for the addresses seen last, a power of two. */
const seenPlaces = 256;

/** A column of Ethernet addresses; those seen last are known without their text. */
class MacTexts {
  readonly #texts = new TextSet();
  #codes = new Int32Array(firstRows);
  /** By place: an address as a number of 48 bits, -1 where there is none, and its code. */
  readonly #seen = new Float64Array(seenPlaces).fill(-1);
  readonly #seenCodes = new Int32Array(seenPlaces);

  set(row: number, bytes: Uint8Array, at: number): void {
    if (row >= this.#codes.length) {
      const codes = new Int32Array(this.#codes.length * 2);
      codes.set(this.#codes);
      this.#codes = codes;
    }
    const upper = (bytes[at] << 16) | (bytes[at + 1] << 8) | bytes[at + 2];
    const lower = (bytes[at + 3] << 16) | (bytes[at + 4] << 8) | bytes[at + 5];
    const address = upper * 2 ** 24 + lower;
    const place = (lower ^ (lower >> 8) ^ upper) & (seenPlaces - 1);
    if (this.#seen[place] !== address) {
      this.#seen[place] = address;
      this.#seenCodes[place] = this.#texts.codeOf(macText(bytes, at));
    }
    this.#codes[row] = this.#seenCodes[place];
  }

  take(rows: number): EncodedTextColumn {
    const {distinct, bytes} = this.#texts;
    const column = {codes: this.#codes.slice(0, rows), texts: bytes.slice(), distinct};
    this.#texts.clear();
    this.#seen.fill(-1);
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
