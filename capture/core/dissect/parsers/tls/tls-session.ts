import {Event} from "../../../meter/layout";
import {dropText, keepText} from "../../heap";
import {countMalformed} from "../../streams/held";
import {Reading} from "../../streams/reading";
import {dropOffered, offered, serverNameAt, serverNameLength, takeHello, writeHello} from "./hello-row";
import {isRetry, readServerHello} from "./server-hello";

/** The hellos of a flow, from either side. */
@unmanaged
export class Session {
  /** Time of the packet in which the ClientHello that awaits the ServerHello began. */
  ts: f64 = 0;
  /** What it offers, 0 where none awaits, and the name that it asks for, kept. */
  offered: u32 = 0;
  serverName: u32 = 0;
  /** Once both hellos were seen. */
  isDone: bool = false;
  payloads: u8 = 0;
  reserved: u16 = 0;
  reserved2: u32 = 0;
}

const CLIENT_HELLO: u8 = 1;
const SERVER_HELLO: u8 = 2;

/** What carries it, for JA4: TCP. */
const CARRIER: u8 = 0x74;

/** What the messages below are of. */
export let session: Session = changetype<Session>(0);
let reading: Reading = changetype<Reading>(0);
let event: Event = changetype<Event>(0);

export function enterSession(entered: Session, itsReading: Reading, itsEvent: Event): void {
  session = entered;
  reading = itsReading;
  event = itsEvent;
}

/** Takes a handshake message that began in a packet of time `ts`; false where its direction is not to be read on. */
export function takeMessage(start: usize, end: usize, ts: f64): bool {
  const type = load<u8>(start);
  if (type !== CLIENT_HELLO && type !== SERVER_HELLO) return false;
  if (type === CLIENT_HELLO ? takeClient(start + 4, end, ts) : takeServer(start + 4, end)) return true;
  countMalformed();
  return false;
}

/** Writes the row of the ClientHello that awaits the server's, if any. */
export function writeOffer(hasServer: bool): void {
  const offered = session.offered;
  const name = <usize>session.serverName;
  if (offered === 0) return;
  if (name === 0) writeHello(offered, 0, 0, session.ts, hasServer, event);
  else writeHello(offered, name + 4, load<u32>(name), session.ts, hasServer, event);
  dropOffered(offered);
  dropText(name);
  session.offered = session.serverName = 0;
}

function takeClient(start: usize, end: usize, ts: f64): bool {
  if (!takeHello(start, end, CARRIER, reading)) return false;
  writeOffer(false);
  if (offered === 0) return true;
  session.offered = <u32>offered;
  session.serverName = serverNameAt === 0 ? 0 : <u32>keepText(serverNameAt, serverNameLength);
  session.ts = ts;
  return true;
}

function takeServer(start: usize, end: usize): bool {
  if (!readServerHello(start, end)) return false;
  // A server's hello without the client's, which was not captured: nothing to tell.
  if (session.offered === 0) return true;
  writeOffer(true);
  if (!isRetry) session.isDone = true;
  return true;
}
