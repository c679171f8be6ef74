import type {FlowPacket} from "../capture/packets/flow-packets.ts";
import {type AddressMaps, redactedFrame} from "../capture/packets/redacted-packet.ts";
import {openSource} from "../capture/sources/open.ts";
import {maxCapturedBytes} from "../capture/sources/source.ts";
import {addressBytes, addressText} from "../loaders/export/crypto-pan.ts";
import {PacketBreaches} from "../loaders/export/packet-breaches.ts";
import type {Redaction} from "../loaders/export/redaction.ts";
import {openLake} from "../loaders/lake/duckdb.ts";
import {quoted} from "../schema/ddl.ts";
import {tables} from "../schema/tables.ts";
import {kindOf, type TextKind} from "../schema/text-kinds.ts";
import {exit, UserError} from "./verb.ts";

/** Has a redaction know the addresses, names and users of the lake: they are replaced within sentences, and must not be found afterwards. */
export async function learnWords(lake: string, redaction: Redaction): Promise<void> {
  const engine = await openLake(lake, {maxRows: 5_000_000});
  try {
    for (const kind of ["address", "mac", "name", "user", "payload"] satisfies TextKind[]) {
      const selects = tables.flatMap(({name, columns}) =>
        columns
          .filter(({type, name: column}) => type === "VARCHAR" && kindOf(name, column) === kind)
          .map((column) => `SELECT ${quoted(column.name)} AS v FROM ${quoted(name)}`)
      );
      if (selects.length === 0) continue;
      const {rows} = await engine.query(`SELECT DISTINCT v FROM (${selects.join(" UNION ALL ")}) WHERE v IS NOT NULL`);
      for (const [text] of rows) redaction.redact(kind, String(text));
    }
  } finally {
    await engine.close();
  }
}

/** A packet as it may leave; its payload does not, whatever the policy says. */
export function redactedPackets(redaction: Redaction): (packet: FlowPacket) => FlowPacket {
  const known = new Map<string, Uint8Array>();
  const mapped = (make: (bytes: Uint8Array) => Uint8Array) => (bytes: Uint8Array) => {
    const key = Buffer.from(bytes).toString("latin1");
    const made = known.get(key) ?? make(bytes);
    known.set(key, made);
    bytes.set(made);
  };
  const maps: AddressMaps = {
    ip: mapped((bytes) => addressBytes(redaction.redact("address", addressText(bytes))!)),
    mac: mapped((bytes) => {
      const text = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(":");
      return Buffer.from(redaction.redact("mac", text)!.replaceAll(":", ""), "hex");
    })
  };
  return (packet) => ({
    ...packet,
    ts: packet.ts + redaction.shiftUs,
    bytes: redactedFrame(packet.link, packet.bytes, maps)
  });
}

const batchPackets = 1024;

/** Reads a file of redacted packets again. Throws where an original is in it. */
export async function refuseBreaches(path: string, redaction: Redaction): Promise<void> {
  if (redaction.policy.addresses === "keep") return;
  const breaches = new PacketBreaches(redaction.originals, redaction.images);
  const source = await openSource(path);
  const numbers = () => new Int32Array(batchPackets);
  const batch = {
    bytes: new Uint8Array(4 * maxCapturedBytes),
    offset: numbers(),
    captured: numbers(),
    wire: numbers(),
    ts: new Float64Array(batchPackets),
    link: numbers(),
    count: 0
  };
  while (await source.next(batch))
    for (let i = 0; i < batch.count; i++)
      breaches.look(batch.bytes.subarray(batch.offset[i], batch.offset[i] + batch.captured[i]));
  if (source.problem) throw source.problem;
  if (breaches.found.size === 0) return;
  const told = [...breaches.found.values()].slice(0, 10).map(({what, text}) => `  the ${what} ${text}`);
  throw new UserError(
    exit.stale,
    `export: nothing was written, since ${breaches.found.size} originals are in it:\n${told.join("\n")}`
  );
}
