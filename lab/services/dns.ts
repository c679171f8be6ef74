import {readFileSync} from "node:fs";
import {join} from "node:path";
import {datagrams} from "./datagrams.ts";

/**
 * A name server over UDP (RFC 1035): answers A and AAAA from the folder's `names.json` (name → addresses), TXT with a
 * short text for names below `x.lab.example`, NXDOMAIN for the rest.
 */
export function dns(port: number, folder: string): void {
  const names: Record<string, string[]> = JSON.parse(readFileSync(join(folder, "names.json"), "utf8"));
  datagrams(port, (query, peer, socket) => {
    const question = readQuestion(query);
    if (!question) return;
    const {name, type, end} = question;
    const records = names[name]?.filter((address) =>
      type === 1 ? address.includes(".") : type === 28 && address.includes(":")
    );
    const tunnel = name.endsWith(".x.lab.example");
    const data = tunnel ? [Buffer.from("\x0fok ok ok ok ok ", "latin1")] : (records ?? []).map(addressBytes);
    const answers = data.map((bytes) => {
      const record = Buffer.alloc(12);
      record.writeUInt16BE(0xc00c, 0);
      record.writeUInt16BE(type, 2);
      record.writeUInt16BE(1, 4);
      record.writeUInt32BE(tunnel ? 1 : 300, 6);
      record.writeUInt16BE(bytes.length, 10);
      return Buffer.concat([record, bytes]);
    });
    const header = Buffer.from(query.subarray(0, 12));
    header.writeUInt16BE(0x8580 | (names[name] || tunnel ? 0 : 3), 2);
    header.writeUInt16BE(answers.length, 6);
    header.writeUInt32BE(0, 8);
    socket.send(Buffer.concat([header, query.subarray(12, end), ...answers]), peer.port, peer.address);
  });
}

function readQuestion(query: Buffer): {name: string; type: number; end: number} | undefined {
  const parts: string[] = [];
  let at = 12;
  while (at < query.length && query[at] !== 0) {
    parts.push(query.toString("latin1", at + 1, at + 1 + query[at]).toLowerCase());
    at += 1 + query[at];
  }
  if (at + 5 > query.length) return undefined;
  return {name: parts.join("."), type: query.readUInt16BE(at + 1), end: at + 5};
}

function addressBytes(address: string): Buffer {
  if (address.includes(".")) return Buffer.from(address.split(".").map(Number));
  const [head, tail] = address.split("::").map((half) => half.split(":").filter(Boolean));
  const groups = [...head, ...Array<string>(8 - head.length - (tail?.length ?? 0)).fill("0"), ...(tail ?? [])];
  return Buffer.from(groups.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]));
}
