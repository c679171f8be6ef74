import type {Payload} from "../../meter/meter.ts";
import {isText, uint32} from "../ascii.ts";
import {HeldStream} from "../held-stream.ts";
import {type DissectedFlow, type Parser, type Protocol, transport} from "../protocol.ts";
import {type SmbMessage, smb1, smb1Message, smb2, smb2Message, smbCommandName} from "./smb-message.ts";

/** Bytes of a message that are looked at: its header and a path behind it. */
const maxMessageBytes = 4096;

/** Requests that wait for their response, and shares whose path is remembered. */
const maxPending = 64;
const maxShares = 64;

/** A response that says that the real one will come later ([MS-SMB2] §3.3.4.2). */
const statusPending = 0x103;

/** Messages behind one another in one packet ([MS-SMB2] §3.3.4.1.3) that are looked at. */
const maxCompounded = 16;

/** Places in the list of columns of `smb`. */
const column = {version: 3, command: 4, share: 5, path: 6, status: 7} as const;

/** SMB, version 1 to 3 ([MS-SMB2] §2.2.1). */
export const smb: Protocol = {
  name: "smb",
  begin: () => new SmbParser()
};

interface Request {
  readonly message: SmbMessage;
  readonly command: string;
  readonly ts: number;
}

/** Requests that open, name or close something, with their status; what is read and written is too much for rows. */
export class SmbParser implements Parser {
  #sides: readonly [Messages, Messages] | null = null;
  readonly #pending = new Map<number, Request>();
  readonly #shares = new Map<number, string>();
  #dialect: string | null = null;

  take(payload: Payload, flow: DissectedFlow): boolean {
    // Names and datagrams of NetBIOS.
    if (payload.proto === transport.udp) return false;
    const take = (message: SmbMessage, ts: number) => this.#message(message, ts, flow);
    this.#sides ??= [new Messages(flow, take), new Messages(flow, take)];
    this.#sides[payload.direction].push(payload);
    return !(this.#sides[0].isLost && this.#sides[1].isLost);
  }

  end(flow: DissectedFlow): void {
    for (const request of this.#pending.values()) this.#write(request, null, flow);
    this.#pending.clear();
    if (this.#sides === null) return;
    for (const side of this.#sides) side.close();
  }

  renew(): void {
    this.#sides = null;
    this.#shares.clear();
    this.#dialect = null;
  }

  #message(message: SmbMessage, ts: number, flow: DissectedFlow): void {
    flow.service = smb.name;
    if (message.isResponse) this.#respond(message, flow);
    else {
      const command = smbCommandName(message);
      if (command === null) return;
      const last = this.#pending.get(message.id);
      if (last !== undefined) this.#finish(last, null, flow);
      else if (this.#pending.size >= maxPending) {
        const [oldest] = this.#pending.values();
        this.#finish(oldest, null, flow);
      }
      this.#pending.set(message.id, {message, command, ts});
    }
  }

  #respond(response: SmbMessage, flow: DissectedFlow): void {
    if (response.status === statusPending) return;
    if (response.dialect !== null) this.#dialect = response.dialect;
    const request = this.#pending.get(response.id);
    // A server may answer the SMB 1 negotiation in SMB 2 ([MS-SMB2] §3.3.5.3).
    if (request === undefined || !isAnswer(request.message, response)) return;
    const {path} = request.message;
    if (isTreeConnect(request.message) && response.status === 0 && path !== null && this.#shares.size < maxShares)
      this.#shares.set(response.tree, path);
    this.#finish(request, response.status, flow);
  }

  #finish(request: Request, status: number | null, flow: DissectedFlow): void {
    this.#pending.delete(request.message.id);
    this.#write(request, status, flow);
  }

  #write({message, command, ts}: Request, status: number | null, {flowHi, flowLo, output}: DissectedFlow): void {
    const {smb: rows} = output;
    const row = rows.add(flowHi, flowLo, ts);
    if (row < 0) return;
    const isTree = isTreeConnect(message);
    rows.text(row, column.version, this.#dialect ?? String(message.generation));
    rows.text(row, column.command, command);
    rows.text(row, column.share, isTree ? message.path : (this.#shares.get(message.tree) ?? null));
    rows.text(row, column.path, isTree ? null : message.path);
    rows.number(row, column.status, status);
  }
}

const isTreeConnect = ({generation, command}: SmbMessage) =>
  command === (generation === 1 ? smb1.treeConnect : smb2.treeConnect);

function isAnswer(request: SmbMessage, response: SmbMessage): boolean {
  if (request.generation === response.generation) return request.command === response.command;
  return request.command === smb1.negotiate && response.command === smb2.negotiate;
}

/** Messages of one direction behind their session headers (RFC 1002 §4.3.1). */
class Messages extends HeldStream {
  readonly #take: (message: SmbMessage, ts: number) => void;
  /** Bytes of a message that are still to come and not wanted. */
  #skip = 0;

  constructor({output}: DissectedFlow, take: (message: SmbMessage, ts: number) => void) {
    super(output, maxMessageBytes + 4);
    this.#take = take;
  }

  protected read(bytes: Uint8Array, start: number, end: number, ts: number): number {
    let at = start;
    for (;;) {
      const skipped = Math.min(this.#skip, end - at);
      this.#skip -= skipped;
      at += skipped;
      if (this.#skip > 0 || end - at < 4) return at;
      // A message has a type of zero; over port 445 three bytes of length, over 139 seventeen bits of it.
      const length = uint32(bytes, at) & 0xffffff;
      const wanted = 4 + Math.min(length, maxMessageBytes);
      if (end - at < wanted) return at;
      if (bytes[at] === 0) this.#messages(bytes, at + 4, at + wanted, ts);
      if (this.isLost) return end;
      at += wanted;
      this.#skip = 4 + length - wanted;
    }
  }

  override gap(missing: number): void {
    // A hole within what is not wanted does no harm: writes are long, and are the ones that get lost or cut.
    if (missing <= this.#skip && this.held.length === 0) this.#skip -= missing;
    else super.gap(missing);
  }

  #messages(bytes: Uint8Array, start: number, end: number, ts: number): void {
    let at = start;
    for (let i = 0; i < maxCompounded; i++) {
      if (end - at < 8) return;
      // Encrypted and compressed ones tell nothing.
      if (bytes[at] === 0xfd || bytes[at] === 0xfc) return;
      if ((bytes[at] !== 0xfe && bytes[at] !== 0xff) || !isText(bytes, at + 1, end, "SMB")) {
        this.lose();
        return;
      }
      const message = bytes[at] === 0xfe ? smb2Message(bytes, at, end) : smb1Message(bytes, at, end);
      if (message === null) return;
      this.#take(message, ts);
      const next = message.generation === 2 ? nextCommand(bytes, at) : 0;
      if (next < 64) return;
      at += next;
    }
  }
}

/** Where the next of several messages in one begins; 0 after the last. */
const nextCommand = (bytes: Uint8Array, at: number) =>
  (bytes[at + 20] | (bytes[at + 21] << 8) | (bytes[at + 22] << 16) | (bytes[at + 23] << 24)) >>> 0;
