import {isUtf8} from "node:buffer";
import {isIP} from "node:net";
import type {FinishedFlows} from "../../capture/meter/meter.ts";
import {textsOf} from "../../capture/partitions/texts-of.ts";
import type {Column} from "../../schema/column.ts";
import {fb1Columns} from "../../schema/features.ts";
import {flowColumns} from "../../schema/flows.ts";
import type {AddressColumn, CodedTextColumn, ColumnData, EncodedTextColumn, RowBatch} from "../../schema/rows.ts";
import {type TableName, table} from "../../schema/tables.ts";
import {Conversation} from "../capture/dissect/conversation.ts";
import {meteredColumns} from "../capture/meter/metered.ts";

/** Longest text of a record: no reader keeps more of a name, a target or a header. */
const longestText = 8192;

const services = new Set(new Conversation(6, [1, 2]).dissection.services);

/** What a text column of `flows` may hold; it throws nothing else. */
const texts: Record<string, (text: string) => boolean> = {
  src_ip: (text) => isIP(text) > 0,
  dst_ip: (text) => isIP(text) > 0,
  outer_src_ip: (text) => isIP(text) > 0,
  outer_dst_ip: (text) => isIP(text) > 0,
  proxied_ip: (text) => isIP(text) > 0,
  service: (text) => services.has(text),
  service_guess: (text) => /^[a-z0-9_-]{1,30}$/.test(text),
  tunnel: (text) => /^[a-z0-9-]+(:\d{1,10}(\/\d{1,5})?)?(>[a-z0-9-]+(:\d{1,10}(\/\d{1,5})?)?){0,7}$/.test(text),
  conn_state: (text) => /^(S[0123F]|REJ|RST[OR]|RSTOS0|RSTRH|SHR?|OTH)$/.test(text),
  history: (text) => /^[\^A-Za-z]{0,32}$/.test(text),
  end_reason: (text) => /^(fin|rst|idle|active|evicted|end|reuse)$/.test(text),
  ja4: (text) => /^[tqd][0-9a-z]{2}[di]\d{4}[0-9A-Za-z]{2}_[0-9a-f]{12}_[0-9a-f]{12}$/.test(text)
};

/** Twice the last second of the year 9999, in µs: no time, duration or sum is longer. */
const most = 2 * 253_402_300_799e6;

/** Least and most that a number may be, where that is not 0 and `most`. */
const ranges: Record<string, readonly [number, number]> = {
  "flows.ts_start": [-most, most],
  "flows.ts_end": [-most, most],
  "flows.src_port": [0, 65_535],
  "flows.dst_port": [0, 65_535],
  "flows.proto": [0, 255],
  "flows.vlan": [0, 4095],
  "flows.vlan_inner": [0, 4095],
  "dns.transaction_id": [0, 65_535],
  "dns.qtype": [0, 65_535],
  "dns.rcode": [0, 4095],
  // Where packet times run backwards an answer comes before what it answers.
  "flows.rtt_us": [-most, most],
  "dns.rtt_us": [-most, most],
  "kerberos.rtt_us": [-most, most],
  "ldap.rtt_us": [-most, most],
  "sip.rtt_us": [-most, most],
  "radius.rtt_us": [-most, most],
  "databases.rtt_us": [-most, most],
  // UTCTime begins in 1950.
  "certificates.not_before": [-most, most],
  "certificates.not_after": [-most, most],
  "http.status": [0, 999],
  "tls.cipher": [0, 65_535]
};

function fail(where: string, row: number, found: unknown): never {
  throw new Error(`${where}, row ${row}: found ${JSON.stringify(found)}`);
}

/** Throws where a value of finished flows or of their features is none that its column may have. */
export function checkFlows(flows: FinishedFlows, known: Readonly<Record<string, CodedTextColumn>>): void {
  for (const column of flowColumns as readonly Column[]) {
    const {name} = column;
    const data = known[name] ?? (meteredColumns.includes(name) && name !== "flow_id" ? flows.column(name) : null);
    if (data) checkColumn(`flows.${name}`, column, data, flows.rows);
  }
  for (const column of fb1Columns)
    checkNumbers(`features.${column.name}`, flows.column(column.name) as Float32Array, flows.rows);
  const number = (name: string) => flows.column(name) as Float64Array;
  const [first, last, duration] = [number("ts_start"), number("ts_end"), number("duration_us")];
  const [there, back] = [number("src_pkts"), number("dst_pkts")];
  for (let row = 0; row < flows.rows; row++) {
    if (last[row] - first[row] !== duration[row])
      fail("flows.duration_us", row, [first[row], last[row], duration[row]]);
    if (there[row] + back[row] < 1) fail("flows.src_pkts", row, [there[row], back[row]]);
  }
}

/** Throws where a value of an application's records is none that its column may have. */
export function checkRecords(batch: RowBatch): void {
  for (const [i, column] of table(batch.table as TableName).columns.entries())
    if (i > 0) checkColumn(`${batch.table}.${column.name}`, column, batch.columns[i], batch.rows);
}

function checkColumn(
  where: string,
  {name, nullable, type}: Column,
  data: ColumnData | AddressColumn,
  rows: number
): void {
  if ("codes" in data) checkTexts(where, name, nullable === true, data, rows);
  else if ("width" in data) checkCommunities(where, data.bytes, data.width, rows);
  else if ("addresses" in data) checkVersions(where, nullable === true, data, rows);
  else {
    const isNull = nullable === true;
    const [low, high] = ranges[where] ?? (name === "ts" ? ranges["flows.ts_start"] : [0, most]);
    for (let row = 0; row < rows; row++) {
      const value = data[row] as number;
      const isNumber = value >= low && value <= high && (type === "DOUBLE" || Number.isInteger(value));
      const isRight = Number.isNaN(value) ? isNull : isNumber;
      if (!isRight) fail(where, row, value);
    }
  }
}

function checkTexts(where: string, name: string, isNullable: boolean, column: CodedTextColumn, rows: number): void {
  const {codes} = column;
  const values = textsOf(column);
  if ("texts" in column) checkEncoded(where, column);
  const used = new Set<number>();
  for (let row = 0; row < rows; row++) {
    if (!(codes[row] >= (isNullable ? -1 : 0) && codes[row] < values.length)) fail(where, row, codes[row]);
    used.add(codes[row]);
  }
  const isRight = where.startsWith("flows.") || name.endsWith("_ip") ? texts[name] : undefined;
  used.delete(-1);
  for (const i of used) {
    const value = values[i];
    if (value.length > longestText) fail(where, i, `${value.slice(0, 80)}… of ${value.length} characters`);
    if (!isWellFormed(value) || (isRight && !isRight(value))) fail(where, i, value);
  }
}

/** Throws where a text is no UTF-8, or the bytes are not those of the texts alone. */
function checkEncoded(where: string, {texts, distinct}: EncodedTextColumn): void {
  const bytes = Buffer.from(texts.buffer, texts.byteOffset, texts.byteLength);
  let at = 0;
  for (let code = 0; code < distinct; code++) {
    const text = bytes.subarray(at + 4, at + 4 + bytes.readUInt32LE(at));
    if (!isUtf8(text)) fail(where, code, text.toString("latin1"));
    at += 4 + text.length;
  }
  if (at !== bytes.length) fail(where, distinct, `${at} bytes of ${bytes.length}`);
}

function checkVersions(
  where: string,
  isNullable: boolean,
  {versions, versionStride}: AddressColumn,
  rows: number
): void {
  for (let row = 0; row < rows; row++) {
    const version = versions[row * versionStride];
    if (version !== 4 && version !== 6 && !(isNullable && version === 0)) fail(where, row, version);
  }
}

/** False where a half of a surrogate pair stands alone: such a text has no UTF-8. */
function isWellFormed(text: string): boolean {
  return !/[\ud800-\udfff]/.test(text) || !/\p{Surrogate}/u.test(text);
}

function checkCommunities(where: string, bytes: Uint8Array, width: number, rows: number): void {
  for (let row = 0; row < rows; row++) {
    const at = row * width;
    if (bytes[at] !== 0x31 || bytes[at + 1] !== 0x3a || bytes[at + width - 1] !== 0x3d)
      fail(where, row, Buffer.from(bytes.subarray(at, at + width)).toString("latin1"));
  }
}

function checkNumbers(where: string, values: Float32Array, rows: number): void {
  for (let row = 0; row < rows; row++) if (!Number.isFinite(values[row])) fail(where, row, String(values[row]));
}
