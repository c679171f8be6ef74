import type {ByteStream} from "../sources/bytes.ts";
import {LogProblem} from "./log-flow.ts";

/** One direction of a flow, or both, by the numbers of IANA's IPFIX elements; those of the way back at {@link reverse} + number. */
export type Elements = ReadonlyMap<number, Uint8Array>;

/** Elements of the way back (RFC 5103) stand this far from those of the way there. */
export const reverse = 1 << 16;

/** A record with what its message says of times. */
export interface ExportRecord {
  readonly elements: Elements;
  /** When the exporter began, in ms since 1970, where times are told from there. */
  readonly bootMs: number | null;
  /** When the message was made, in ms since 1970. */
  readonly exportMs: number;
}

/** Private elements are read past, but for those of this enterprise, which are of the way back (RFC 5103). */
const reverseEnterprise = 29_305;
const variable = 0xffff;

interface Field {
  /** Null where nothing is known of it. */
  readonly element: number | null;
  readonly length: number;
}

interface Template {
  readonly fields: readonly Field[];
  /** Its records are about the exporter, and no flows. */
  readonly isOptions: boolean;
}

/** systemInitTimeMilliseconds. */
const bootElement = 160;
/** samplingInterval, samplerRandomInterval. */
const samplingElements = [34, 50];
/** samplingPacketInterval and samplingPacketSpace: so many packets are taken, then so many left (RFC 5477). */
const [takenElement, skippedElement] = [305, 306];

/** Layout of a record of NetFlow v5, which has no templates (Cisco's table B-4). */
const v5Fields: readonly Field[] = (
  [
    [8, 4],
    [12, 4],
    [15, 4],
    [10, 2],
    [14, 2],
    [2, 4],
    [1, 4],
    [22, 4],
    [21, 4],
    [7, 2],
    [11, 2],
    [null, 1],
    [6, 1],
    [4, 1],
    [5, 1],
    [16, 2],
    [17, 2],
    [9, 1],
    [13, 1],
    [null, 2]
  ] as const
).map(([element, length]) => ({element, length}));

/** The version that a file of messages begins with; null where it is none. */
export function exportVersion(head: Uint8Array): 5 | 9 | 10 | null {
  if (head.length < 24 || head[0] !== 0) return null;
  const [version, second] = [head[1], (head[2] << 8) | head[3]];
  if (version === 5) return second >= 1 && second <= 30 ? 5 : null;
  if (version === 9) return second >= 1 && isSet(head, 20, 0) ? 9 : null;
  return version === 10 && second >= 16 && isSet(head, 16, 2) ? 10 : null;
}

/** Whether a set may begin there: of templates, whose numbers begin with `first`, or of data. */
function isSet(head: Uint8Array, at: number, first: number): boolean {
  const [id, length] = [(head[at] << 8) | head[at + 1], (head[at + 2] << 8) | head[at + 3]];
  return (id === first || id === first + 1 || id >= 256) && length >= 4;
}

/**
 * Records of flows from messages of NetFlow v5 and v9 (RFC 3954) and IPFIX (RFC 7011, as RFC 5655 keeps them in files),
 * one after another. Data before its template is counted in `untold` and left; `sampledOf` is the most packets of which an
 * exporter says that it looked at one. Throws a LogProblem where a message cannot be what it says; what came before it
 * has been given.
 */
export class ExportReader {
  untold = 0;
  sampledOf = 1;
  readonly #bytes: ByteStream;
  readonly #templates = new Map<string, Template>();
  /** By exporter: when it began, in ms since 1970, where its options tell. */
  readonly #boots = new Map<string, number>();
  #buffer = new Uint8Array(0);
  #at = 0;
  #read = 0;

  constructor(bytes: ByteStream) {
    this.#bytes = bytes;
  }

  /** The byte of the file that is read next. */
  get byte(): number {
    return this.#read - (this.#buffer.length - this.#at);
  }

  async *records(): AsyncGenerator<ExportRecord> {
    for (let head = await this.#see(4); head; head = await this.#see(4)) {
      const version = head.getUint16(0);
      if (version === 5) yield* this.#v5(head.getUint16(2));
      else if (version === 9) yield* this.#v9();
      else if (version === 10) yield* this.#ipfix(head.getUint16(2));
      else throw new LogProblem(`expected a message of version 5, 9 or 10, found ${version}`);
    }
    if (this.#buffer.length > this.#at) throw new LogProblem("expected a message, found the end of the file");
  }

  async *#v5(count: number): AsyncGenerator<ExportRecord> {
    if (count < 1 || count > 30) throw new LogProblem(`expected 1 to 30 records in a message, found ${count}`);
    const head = await this.#take(24);
    const exportMs = head.getUint32(8) * 1000 + Math.floor(head.getUint32(12) / 1e6);
    const bootMs = exportMs - head.getUint32(4);
    // Two bits of the last field tell how packets are chosen.
    this.#sampled(head.getUint16(22) & 0x3fff);
    for (let i = 0; i < count; i++) {
      const record = await this.#take(48);
      yield {elements: elementsOf(record, v5Fields, {at: 0})!, bootMs, exportMs};
    }
  }

  async *#v9(): AsyncGenerator<ExportRecord> {
    const head = await this.#take(20);
    const exportMs = head.getUint32(8) * 1000;
    const about = {bootMs: exportMs - head.getUint32(4), exportMs};
    const source = `9 ${head.getUint32(16)}`;
    // The head counts records, not bytes: a set cannot have the number of a version, and a message begins with one.
    for (let next = await this.#see(4); next && !isVersion(next.getUint16(0)); next = await this.#see(4)) {
      const set = await this.#set(next);
      yield* this.#records(set, next.getUint16(0), source, {template: 0, options: 1}, about);
    }
  }

  async *#ipfix(length: number): AsyncGenerator<ExportRecord> {
    if (length < 16) throw new LogProblem(`expected a message of 16 bytes or more, found one of ${length}`);
    const message = await this.#take(length);
    const about = {bootMs: null, exportMs: message.getUint32(4) * 1000};
    const source = `10 ${message.getUint32(12)}`;
    for (let at = 16; at + 4 <= length; ) {
      const [id, size] = [message.getUint16(at), message.getUint16(at + 2)];
      if (size < 4 || at + size > length)
        throw new LogProblem(`expected a set within its message, found one of ${size} bytes`);
      yield* this.#records(within(message, at + 4, size - 4), id, source, {template: 2, options: 3}, about);
      at += size;
    }
  }

  async #set(head: DataView): Promise<DataView> {
    const size = head.getUint16(2);
    if (size < 4) throw new LogProblem(`expected a set of 4 bytes or more, found one of ${size}`);
    return within(await this.#take(size), 4, size - 4);
  }

  *#records(
    set: DataView,
    id: number,
    source: string,
    kinds: {readonly template: number; readonly options: number},
    about: Pick<ExportRecord, "bootMs" | "exportMs">
  ): Generator<ExportRecord> {
    if (id === kinds.template || id === kinds.options) {
      this.#learn(set, source, {isIpfix: kinds.template === 2, isOptions: id === kinds.options});
      return;
    }
    if (id < 256) return;
    const template = this.#templates.get(`${source} ${id}`);
    if (!template) {
      this.untold++;
      return;
    }
    const {fields, isOptions} = template;
    const least = fields.reduce((sum, {length}) => sum + (length === variable ? 1 : length), 0);
    const place = {at: 0};
    // What is left below a record's size is padding.
    while (least > 0 && place.at + least <= set.byteLength) {
      const elements = elementsOf(set, fields, place);
      if (!elements) return;
      for (const name of samplingElements) this.#sampled(numberOf(elements, name) ?? 1);
      const taken = numberOf(elements, takenElement);
      if (taken) this.#sampled(Math.round((taken + (numberOf(elements, skippedElement) ?? 0)) / taken));
      if (isOptions) this.#hear(elements, source);
      else yield {elements, exportMs: about.exportMs, bootMs: this.#boots.get(source) ?? about.bootMs};
    }
  }

  #hear(elements: Elements, source: string): void {
    const boot = numberOf(elements, bootElement);
    if (boot !== null) this.#boots.set(source, boot);
  }

  #sampled(of: number): void {
    this.sampledOf = Math.max(this.sampledOf, of);
  }

  #learn(set: DataView, source: string, {isIpfix, isOptions}: {isIpfix: boolean; isOptions: boolean}): void {
    const head = isOptions ? 6 : 4;
    for (let at = 0; at + head <= set.byteLength; ) {
      const id = set.getUint16(at);
      if (id < 256) return;
      // Version 9 gives the bytes of both kinds of fields of options, IPFIX their number and how many of them are scopes.
      const told = set.getUint16(at + 2);
      const count = isOptions && !isIpfix ? (told + set.getUint16(at + 4)) / 4 : told;
      const scopes = isOptions && !isIpfix ? told / 4 : 0;
      at += head;
      const fields: Field[] = [];
      for (let i = 0; i < count && at + 4 <= set.byteLength; i++) {
        const [number, length] = [set.getUint16(at), set.getUint16(at + 2)];
        at += 4;
        const isPrivate = isIpfix && (number & 0x8000) !== 0;
        const enterprise = isPrivate && at + 4 <= set.byteLength ? set.getUint32(at) : null;
        if (isPrivate) at += 4;
        const element = i < scopes ? null : elementOf(number & 0x7fff, enterprise);
        fields.push({element, length});
      }
      // IPFIX takes a template back by one without fields.
      if (fields.length === count && count > 0) this.#templates.set(`${source} ${id}`, {fields, isOptions});
      else this.#templates.delete(`${source} ${id}`);
    }
  }

  /** The next bytes, left where they are; null at the end. */
  async #see(length: number): Promise<DataView | null> {
    while (this.#buffer.length - this.#at < length) {
      const rest = this.#buffer.subarray(this.#at);
      const more = new Uint8Array(rest.length + (1 << 17));
      more.set(rest);
      const n = await this.#bytes.read(more, rest.length, more.length - rest.length);
      this.#buffer = more.subarray(0, rest.length + n);
      this.#at = 0;
      this.#read += n;
      if (n === 0) return null;
    }
    return new DataView(this.#buffer.buffer, this.#buffer.byteOffset + this.#at, length);
  }

  async #take(length: number): Promise<DataView> {
    const view = await this.#see(length);
    if (!view) throw new LogProblem(`expected a message of ${length} bytes or more, found the end of the file`);
    this.#at += length;
    return view;
  }
}

/** The element of a number; null where it is another enterprise's than that of the way back. */
function elementOf(number: number, enterprise: number | null): number | null {
  if (enterprise === null) return number;
  return enterprise === reverseEnterprise ? reverse + number : null;
}

const isVersion = (number: number) => number === 5 || number === 9 || number === 10;

function within(view: DataView, at: number, length: number): DataView {
  return new DataView(view.buffer, view.byteOffset + at, length);
}

/** The elements of a record, whose place moves behind it; null where it reaches beyond its set. */
function elementsOf(set: DataView, fields: readonly Field[], place: {at: number}): Elements | null {
  const elements = new Map<number, Uint8Array>();
  for (const field of fields) {
    let {length} = field;
    if (length === variable) {
      if (place.at >= set.byteLength) return null;
      length = set.getUint8(place.at++);
      if (length === 255) {
        if (place.at + 2 > set.byteLength) return null;
        length = set.getUint16(place.at);
        place.at += 2;
      }
    }
    if (place.at + length > set.byteLength) return null;
    if (field.element !== null)
      elements.set(field.element, new Uint8Array(set.buffer, set.byteOffset + place.at, length));
    place.at += length;
  }
  return elements;
}

/** A number of up to eight bytes; null where the record has none of it. */
export function numberOf(elements: Elements, name: number): number | null {
  const bytes = elements.get(name);
  if (!bytes || bytes.length === 0 || bytes.length > 8) return null;
  return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
}
