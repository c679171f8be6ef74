import type {Payload} from "../../meter/meter.ts";
import {indexOf, lineEnd, text} from "../ascii.ts";
import {HeldStream} from "../held-stream.ts";
import type {DissectedFlow, Parser, Protocol} from "../protocol.ts";

/** A line longer than this ends the reading. */
const maxLineBytes = 4096;

/** Commands that wait for their reply; beyond, the oldest is written without one. */
const maxPending = 32;

/** Characters of an argument or a reply that are kept. */
const maxText = 1024;

/** Commands whose argument is written: none in which a client could say a password. */
const shownArguments = new Set(
  "ALLO APPE AUTH CDUP CWD DELE EPRT EPSV FEAT LIST MDTM MFMT MKD MLSD MLST MODE NLST OPTS PASV PBSZ PORT PROT REST RETR RMD RNFR RNTO SIZE STOR STOU STRU TYPE XCRC XMD5 XSHA1 XCWD XMKD XRMD".split(
    " "
  )
);

/** Places in the list of columns of `ftp`. */
const column = {user: 3, command: 4, argument: 5, code: 6, reply: 7} as const;

/** FTP control connections (RFC 959, RFC 4217); TLS may follow. */
export const ftp: Protocol = {
  name: "ftp",
  begin: () => new FtpParser()
};

interface Command {
  readonly name: string;
  readonly argument: string | null;
  readonly user: string | null;
  readonly ts: number;
}

/** Commands with their final replies, in the order of the commands (RFC 959 §5.4). */
class FtpParser implements Parser {
  isTunnel = false;
  #sides: [Lines, Lines] | null = null;
  #pending: Command[] = [];
  #user: string | null = null;
  /** Who sends replies; null before the first. */
  #server: 0 | 1 | null = null;
  /** Of a reply of several lines: its code. */
  #open: number | null = null;

  take(payload: Payload, flow: DissectedFlow): boolean {
    this.#sides ??= [this.#lines(flow, 0), this.#lines(flow, 1)];
    this.#sides[payload.direction].push(payload);
    const [one, other] = this.#sides;
    return !this.isTunnel && !(one.isLost && other.isLost);
  }

  end(flow: DissectedFlow): void {
    for (const command of this.#pending) write(command, null, null, flow);
    this.#pending = [];
    if (this.#sides === null) return;
    for (const side of this.#sides) side.close();
  }

  renew(): void {
    this.isTunnel = false;
    this.#sides = null;
    this.#user = null;
    this.#server = null;
    this.#open = null;
  }

  #lines(flow: DissectedFlow, side: 0 | 1): Lines {
    return new Lines(flow, (bytes, start, end, ts) => {
      if (this.isTunnel) return;
      if (this.#server === null && codeOf(bytes, start, end) !== null) this.#server = side;
      if (side === this.#server) this.#reply(bytes, start, end, flow);
      else this.#command(bytes, start, end, ts, flow);
    });
  }

  #command(bytes: Uint8Array, start: number, end: number, ts: number, flow: DissectedFlow): void {
    const space = indexOf(bytes, 0x20, start, end);
    const last = space < 0 ? end : space;
    const name = text(bytes, start, last, 8).toUpperCase();
    if (last - start > 5 || !/^[A-Z][A-Z0-9]{2,4}$/.test(name)) return;
    const argument = space < 0 ? null : text(bytes, space + 1, end, maxText);
    if (name === "USER") this.#user = argument;
    if (this.#pending.length >= maxPending) write(this.#pending.shift()!, null, null, flow);
    this.#pending.push({name, argument: shownArguments.has(name) ? argument : null, user: this.#user, ts});
  }

  #reply(bytes: Uint8Array, start: number, end: number, flow: DissectedFlow): void {
    const code = codeOf(bytes, start, end);
    const isLast = code !== null && (end - start === 3 || bytes[start + 3] === 0x20);
    if (this.#open !== null && !(isLast && code === this.#open)) return;
    if (code === null) return;
    this.#open = isLast ? null : code;
    // 1xx announces that another reply follows; 220 and 421 may come without a command.
    if (!isLast || code < 200) return;
    const command = this.#pending.shift();
    if (command === undefined) return;
    write(command, code, text(bytes, Math.min(start + 4, end), end, maxText), flow);
    if (command.name === "AUTH" && code === 234) this.isTunnel = true;
  }
}

function write(
  {name, argument, user, ts}: Command,
  code: number | null,
  reply: string | null,
  flow: DissectedFlow
): void {
  const {ftp: rows} = flow.output;
  const row = rows.add(flow.flowHi, flow.flowLo, ts);
  if (row < 0) return;
  rows.text(row, column.user, user);
  rows.text(row, column.command, name);
  rows.text(row, column.argument, argument);
  rows.number(row, column.code, code);
  rows.text(row, column.reply, reply);
}

/** Three digits from 100 to 699 (RFC 959 §4.2, RFC 2228 for 6xx). */
function codeOf(bytes: Uint8Array, start: number, end: number): number | null {
  if (end - start < 3) return null;
  let code = 0;
  for (let at = start; at < start + 3; at++) {
    if (bytes[at] < 0x30 || bytes[at] > 0x39) return null;
    code = 10 * code + bytes[at] - 0x30;
  }
  return code >= 100 && code < 700 ? code : null;
}

/** Whole lines of one direction, without their ends. */
class Lines extends HeldStream {
  readonly #take: (bytes: Uint8Array, start: number, end: number, ts: number) => void;

  constructor({output}: DissectedFlow, take: (bytes: Uint8Array, start: number, end: number, ts: number) => void) {
    // A greeting that does not name FTP went by before the client spoke.
    super(output, maxLineBytes, null);
    this.#take = take;
  }

  protected read(bytes: Uint8Array, start: number, end: number, ts: number): number {
    let at = start;
    for (;;) {
      const line = lineEnd(bytes, at, end);
      if (line < 0) return at;
      const last = line > at && bytes[line - 1] === 13 ? line - 1 : line;
      if (last > at) this.#take(bytes, at, last, ts);
      at = line + 1;
    }
  }
}
