import type {PartFile} from "../../capture/partitions/layout.ts";
import {ParquetReader} from "../../capture/partitions/reader/parquet-reader.ts";
import {stateGroup} from "../../models/activity/flows.ts";
import type {TextColumn} from "../../schema/rows.ts";
import type {FlowNumbers, FlowTexts} from "./activity-flows.ts";

/** Flows of a row group as numbers, and where they lie by their ids. */
interface FlowGroup {
  readonly ids: BigInt64Array;
  readonly places: Places;
  readonly numbers: FlowNumbers;
  readonly services: Int32Array;
  /** Flows that nobody has asked for yet. */
  left: number;
}

/** Flows found by their ids, for each where it lies; rows that are not there are left out. */
export interface FoundFlows {
  /** The rows that were found; null where all were. */
  readonly rows: Int32Array | null;
  readonly numbers: FlowNumbers;
  readonly services: Int32Array;
}

/** Lists of distinct texts that grow while flows are read: texts keep their numbers. */
class Numbered {
  readonly texts: string[] = [];
  readonly #numbers = new Map<string, number>();

  /** For each of some texts its number. */
  of(texts: readonly string[]): Int32Array {
    return Int32Array.from(texts, (text) => {
      let number = this.#numbers.get(text);
      if (number === undefined) {
        number = this.texts.push(text) - 1;
        this.#numbers.set(text, number);
      }
      return number;
    });
  }
}

/**
 * The flows of a part as numbers, by their ids. Files are read one after another as flows are asked for, and a row group is
 * forgotten when all of its flows were: features lie in files like those of the flows, but in another order.
 */
export class PartFlows {
  readonly #files: readonly PartFile[];
  readonly #addresses = new Numbered();
  readonly #captures = new Numbered();
  readonly #services = new Numbered();
  /** What the numbers stand for; the lists grow with the flows that were read. */
  readonly texts: FlowTexts = {addresses: this.#addresses.texts, captures: this.#captures.texts};
  readonly services: readonly string[] = this.#services.texts;
  #groups: FlowGroup[] = [];
  #next = 0;

  constructor(files: readonly PartFile[]) {
    this.#files = files;
  }

  /** Flows of those ids in their order. The id alone tells flows apart: it is a hash of the capture, too. */
  async find(ids: BigInt64Array): Promise<FoundFlows> {
    const groups = new Int32Array(ids.length).fill(-1);
    const rows = new Int32Array(ids.length);
    let missing = ids.length;
    for (let g = 0; missing > 0; g++) {
      if (g === this.#groups.length && !(await this.#read())) break;
      // An empty file adds no group.
      if (g < this.#groups.length) missing -= this.#groups[g].places.find(ids, groups, rows, g);
      else g--;
    }
    let found: Int32Array | null = null;
    if (missing > 0) {
      found = Int32Array.from({length: ids.length}, (_, i) => i).filter((i) => groups[i] >= 0);
      for (const [k, i] of found.entries()) [groups[k], rows[k]] = [groups[i], rows[i]];
    }
    const result = this.#gathered(groups, rows, ids.length - missing);
    this.#groups = this.#groups.filter(({left}) => left > 0);
    return {rows: found, ...result};
  }

  #gathered(groups: Int32Array, rows: Int32Array, count: number): Omit<FoundFlows, "rows"> {
    const numbers = emptyNumbers(count);
    const services = new Int32Array(count);
    for (const [g, group] of this.#groups.entries()) {
      let own = 0;
      for (let i = 0; i < count; i++) if (groups[i] === g) own++;
      if (own === 0) continue;
      group.left -= own;
      for (const [name, to] of Object.entries(numbers)) {
        if (typeof to === "number") continue;
        gather(group.numbers[name as "start"], rows, to as Float64Array, own === count ? null : groups, g);
      }
      gather(group.services, rows, services, own === count ? null : groups, g);
    }
    return {numbers: numbers as unknown as FlowNumbers, services};
  }

  /** Reads the next file; false where there is none. */
  async #read(): Promise<boolean> {
    if (this.#next === this.#files.length) return false;
    const reader = await ParquetReader.open(this.#files[this.#next++].path);
    try {
      for (const group of reader.footer.groups.keys()) this.#groups.push(this.#readGroup(reader, group));
    } finally {
      reader.close();
    }
    return true;
  }

  #readGroup(reader: ParquetReader, group: number): FlowGroup {
    const {rows} = reader.footer.groups[group];
    const coded = (name: string, numbered: Numbered) =>
      recoded(reader.texts(group, name), (texts) => numbered.of(texts));
    const ids = reader.identifiers(group, "flow_id");
    const state = recoded(reader.texts(group, "conn_state"), (states) =>
      Int32Array.from(states, (name) => stateGroup.get(name) ?? 0)
    );
    for (let i = 0; i < rows; i++) if (state[i] < 0) state[i] = 0;
    const numbers: FlowNumbers = {
      rows,
      capture: coded("capture_sha256", this.#captures),
      start: reader.doubles(group, "ts_start"),
      duration: reader.doubles(group, "duration_us"),
      source: coded("src_ip", this.#addresses),
      responder: coded("dst_ip", this.#addresses),
      proto: reader.integers(group, "proto"),
      src_port: reader.integers(group, "src_port"),
      dst_port: reader.integers(group, "dst_port"),
      state,
      packets_out: reader.doubles(group, "src_pkts"),
      packets_back: reader.doubles(group, "dst_pkts"),
      payload_out: reader.doubles(group, "src_payload_bytes"),
      payload_back: reader.doubles(group, "dst_payload_bytes")
    };
    return {ids, places: new Places(ids), numbers, services: coded("service", this.#services), left: rows};
  }
}

/** Codes by other numbers of the texts; -1 stays. */
function recoded({codes, values}: TextColumn, numbersOf: (texts: readonly string[]) => Int32Array): Int32Array {
  const numbers = numbersOf(values);
  for (let i = 0; i < codes.length; i++) if (codes[i] >= 0) codes[i] = numbers[codes[i]];
  return codes;
}

/** Empty columns of flows. */
export function emptyNumbers(rows: number): FlowNumbers {
  const doubles = () => new Float64Array(rows);
  const integers = () => new Int32Array(rows);
  return {
    rows,
    capture: integers(),
    start: doubles(),
    duration: doubles(),
    source: integers(),
    responder: integers(),
    proto: integers(),
    src_port: integers(),
    dst_port: integers(),
    state: integers(),
    packets_out: doubles(),
    packets_back: doubles(),
    payload_out: doubles(),
    payload_back: doubles()
  };
}

/** Takes values of rows, where `groups` are given only those of group `g`. */
function gather(
  from: Int32Array | Float64Array,
  rows: Int32Array,
  to: Int32Array | Float64Array,
  groups: Int32Array | null,
  g: number
): void {
  if (groups === null) for (let i = 0; i < to.length; i++) to[i] = from[rows[i]];
  else for (let i = 0; i < to.length; i++) if (groups[i] === g) to[i] = from[rows[i]];
}

/** Where ids lie in a list: open addressing by their lower half, which is a hash's. */
class Places {
  readonly #halves: Int32Array;
  /** A row + 1 in each place that is taken. */
  readonly #rows: Int32Array;

  constructor(ids: BigInt64Array) {
    const halves = new Int32Array(ids.buffer, ids.byteOffset, ids.length * 2);
    const rows = new Int32Array(2 ** (32 - Math.clz32(Math.max(1, ids.length))) * 2);
    const mask = rows.length - 1;
    for (let row = 0; row < ids.length; row++) {
      let at = halves[2 * row] & mask;
      while (rows[at] !== 0) at = (at + 1) & mask;
      rows[at] = row + 1;
    }
    this.#halves = halves;
    this.#rows = rows;
  }

  /** Notes rows and `group` for those of `ids` that have no group yet and lie here; how many. */
  find(ids: BigInt64Array, groups: Int32Array, found: Int32Array, group: number): number {
    const asked = new Int32Array(ids.buffer, ids.byteOffset, ids.length * 2);
    const halves = this.#halves;
    const rows = this.#rows;
    const mask = rows.length - 1;
    let count = 0;
    for (let i = 0; i < ids.length; i++) {
      if (groups[i] >= 0) continue;
      const [low, high] = [asked[2 * i], asked[2 * i + 1]];
      for (let at = low & mask; rows[at] !== 0; at = (at + 1) & mask) {
        const row = rows[at] - 1;
        if (halves[2 * row] !== low || halves[2 * row + 1] !== high) continue;
        groups[i] = group;
        found[i] = row;
        count++;
        break;
      }
    }
    return count;
  }
}
