import {fb1Columns} from "../../schema/features.ts";
import type {AddressColumn, ColumnData, EncodedTextColumn, FixedTextColumn, TextColumn} from "../../schema/rows.ts";
import {ipv4Text, ipv6Text} from "./address-text.ts";
import {type Core, regions} from "./core.ts";
import type {FinishedFlows} from "./meter.ts";
import {numberNames} from "./number-names.ts";
import {tunnelText} from "./tunnel-text.ts";

const connStates = ["S0", "S1", "SF", "REJ", "S2", "S3", "RSTO", "RSTR", "RSTOS0", "RSTRH", "SH", "SHR", "OTH"];
const endReasons = ["fin", "rst", "idle", "active", "evicted", "end", "reuse", "open"];

const addressBytes = 64;
const communityBytes = 30;
const maxNesting = 8;
/** Bytes of a row's mark (core/output.ts). */
const mark = {bytes: 8, connState: 0, endReason: 1, version: 2, outerVersion: 3, tunnelDepth: 4};
/** Distinct addresses kept as text between batches before the store is emptied. */
const maxAddresses = 1 << 16;

/** Where a row's addresses stand, and in its mark their version. */
const addressPlaces: Readonly<Record<string, {offset: number; version: number}>> = {
  src_ip: {offset: 0, version: mark.version},
  dst_ip: {offset: 16, version: mark.version},
  outer_src_ip: {offset: 32, version: mark.outerVersion},
  outer_dst_ip: {offset: 48, version: mark.outerVersion}
};

/** The core's output as columns. Texts are made when their column is asked for. */
export class CoreFinishedFlows implements FinishedFlows {
  rows = 0;
  readonly #core: Core;
  readonly #capacity: number;
  readonly #codes = new Map<string, Int32Array>();
  /** Views of the last batch's columns of numbers: most batches have as many rows, in the same memory. */
  readonly #numbers: Float64Array[] = [];
  readonly #features: Float32Array[] = [];
  readonly #ipv4 = new Map<number, string>();

  constructor(core: Core) {
    this.#core = core;
    this.#capacity = core.outputRows();
  }

  column(name: string): ColumnData {
    const number = numberIndex.get(name);
    if (number !== undefined) {
      const view = this.#numbers[number];
      // Memory that has grown leaves a view without length.
      if (view?.length === this.rows && this.rows > 0) return view;
      return (this.#numbers[number] = this.#view(Float64Array, regions.numbers, number));
    }
    const feature = featureIndex.get(name);
    if (feature !== undefined) {
      const view = this.#features[feature];
      if (view?.length === this.rows && this.rows > 0) return view;
      return (this.#features[feature] = this.#view(Float32Array, regions.features, feature));
    }
    switch (name) {
      case "flow_id":
        return this.#view(BigInt64Array, regions.identifiers, 0);
      case "src_ip":
      case "dst_ip":
      case "outer_src_ip":
      case "outer_dst_ip":
        return this.#addresses(name, addressPlaces[name].offset, addressPlaces[name].version);
      case "conn_state":
        return this.#named(name, connStates, mark.connState);
      case "end_reason":
        return this.#named(name, endReasons, mark.endReason);
      case "history":
        return this.#histories();
      case "tunnel":
        return this.#tunnels(name);
      case "activity":
        return this.#activity();
      case "community_id":
        return this.#communities();
    }
    throw new Error(`the meter has no column ${name}`);
  }

  addresses(name: string): AddressColumn | null {
    const place = addressPlaces[name];
    if (!place) return null;
    const at = this.#core.region(regions.addresses) + place.offset;
    const addresses = new Uint8Array(this.#core.memory.buffer, at, this.rows * addressBytes - place.offset);
    return {
      addresses,
      stride: addressBytes,
      versions: this.#marks().subarray(place.version),
      versionStride: mark.bytes
    };
  }

  /** Text of an address of a finished row: 0 the originator's, 1 the responder's. */
  address(row: number, side: 0 | 1): string {
    const bytes = new Uint8Array(this.#core.memory.buffer);
    return this.addressAt(bytes, this.addressPlace(row, side), this.version(bytes, row));
  }

  /** Where in the core's memory that address begins. */
  addressPlace(row: number, side: 0 | 1): number {
    return this.#core.region(regions.addresses) + row * addressBytes + side * 16;
  }

  /** IP version of a finished row; `bytes` is the core's memory. */
  version(bytes: Uint8Array, row: number): number {
    return bytes[this.#core.region(regions.marks) + row * mark.bytes + mark.version];
  }

  addressAt(bytes: Uint8Array, at: number, version: number): string {
    if (version !== 4) return ipv6Text(bytes, at);
    const key = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
    let text = this.#ipv4.get(key);
    if (text === undefined) {
      if (this.#ipv4.size >= maxAddresses) this.#ipv4.clear();
      text = ipv4Text(bytes, at);
      this.#ipv4.set(key, text);
    }
    return text;
  }

  #view<T>(
    type: {new (buffer: ArrayBufferLike, at: number, length: number): T; BYTES_PER_ELEMENT: number},
    region: number,
    column: number
  ): T {
    const at = this.#core.region(region) + column * this.#core.columnStride() * type.BYTES_PER_ELEMENT;
    return new type(this.#core.memory.buffer, at, this.rows);
  }

  #codesOf(name: string): Int32Array {
    let codes = this.#codes.get(name);
    if (!codes) this.#codes.set(name, (codes = new Int32Array(this.#capacity)));
    return codes.subarray(0, this.rows);
  }

  #marks(): Uint8Array {
    return new Uint8Array(this.#core.memory.buffer, this.#core.region(regions.marks), this.rows * mark.bytes);
  }

  #named(name: string, values: readonly string[], field: number): TextColumn {
    const codes = this.#codesOf(name);
    const marks = this.#marks();
    for (let row = 0; row < this.rows; row++) codes[row] = marks[row * mark.bytes + field];
    return {codes, values};
  }

  #addresses(name: string, offset: number, versionField: number): TextColumn {
    const marks = this.#marks();
    const bytes = new Uint8Array(this.#core.memory.buffer);
    const words = new DataView(this.#core.memory.buffer);
    const codes = this.#codesOf(name);
    const values: string[] = [];
    const known4 = new Map<number, number>();
    const known6 = new Map<string, number>();
    const base = this.#core.region(regions.addresses) + offset;
    for (let row = 0; row < this.rows; row++) {
      const at = base + row * addressBytes;
      const version = marks[row * mark.bytes + versionField];
      if (version === 4) {
        const key = words.getUint32(at);
        let code = known4.get(key);
        if (code === undefined) {
          known4.set(key, (code = values.length));
          values.push(this.addressAt(bytes, at, 4));
        }
        codes[row] = code;
      } else codes[row] = intern(known6, values, ipv6Text(bytes, at));
    }
    return {codes, values};
  }

  #histories(): EncodedTextColumn {
    const core = this.#core;
    const distinct = core.histories();
    const {buffer} = core.memory;
    return {
      codes: new Int32Array(buffer, core.region(regions.historyCodes), this.rows),
      texts: new Uint8Array(buffer, core.region(regions.historyTexts), core.historiesBytes()),
      distinct
    };
  }

  #activity(): EncodedTextColumn {
    const core = this.#core;
    const distinct = core.activities();
    const {buffer} = core.memory;
    return {
      codes: new Int32Array(buffer, core.region(regions.activityCodes), this.rows),
      texts: new Uint8Array(buffer, core.region(regions.activityTexts), core.activityBytes()),
      distinct
    };
  }

  #tunnels(name: string): TextColumn {
    const marks = this.#marks();
    const base = this.#core.region(regions.tunnels);
    return this.#texts(name, (row) => {
      const depth = marks[row * mark.bytes + mark.tunnelDepth];
      if (depth === 0) return null;
      return tunnelText(new Uint32Array(this.#core.memory.buffer, base + row * maxNesting * 8, depth * 2), depth);
    });
  }

  #communities(): FixedTextColumn {
    this.#core.communities();
    const at = this.#core.region(regions.communities);
    return {width: communityBytes, bytes: new Uint8Array(this.#core.memory.buffer, at, this.rows * communityBytes)};
  }

  #texts(name: string, textOf: (row: number) => string | null): TextColumn {
    const codes = this.#codesOf(name);
    const values: string[] = [];
    const known = new Map<string, number>();
    for (let row = 0; row < this.rows; row++) {
      const text = textOf(row);
      codes[row] = text === null ? -1 : intern(known, values, text);
    }
    return {codes, values};
  }
}

const numberIndex = new Map<string, number>(numberNames.map((name, index) => [name, index]));
const featureIndex = new Map<string, number>(fb1Columns.map(({name}, index) => [name, index]));

function intern(known: Map<string, number>, values: string[], text: string): number {
  let code = known.get(text);
  if (code === undefined) {
    known.set(text, (code = values.length));
    values.push(text);
  }
  return code;
}
