import {u16At} from "../../../meter/bytes";
import {Event} from "../../../meter/layout";
import {dropText, keepText} from "../../heap";
import {countMalformed} from "../../streams/held";
import {Reading} from "../../streams/reading";
import {clean, cleanAt, cleanLength, hashOf} from "../../text";
import {writeCertificates} from "./certificates";
import {dropOffered, offered, serverNameAt, serverNameLength, takeHello, writeHandshake} from "./hello-row";
import {chosenAt, chosenEnd, isRetry, readServerHello, serverCipher, serverDigest, serverVersion, sessionAt, sessionEnd, takesKey} from "./server-hello";

/** The handshake of a flow, from both sides. */
@unmanaged
export class Session {
  /** Time of the packet in which the ClientHello began that awaits the server's; without one, the ServerHello. */
  ts: f64 = 0;
  /** What it offers, 0 where none awaits, and the name that it asks for, kept. */
  offered: u32 = 0;
  serverName: u32 = 0;
  /** Once nothing more of the handshake is looked for. */
  isDone: bool = false;
  /** Whether a ServerHello (that asks for no other ClientHello) was seen, and goes on an earlier session. */
  hasServer: u8 = 0;
  isResumed: u8 = 0;
  /** What carries it, for JA4. */
  carrier: u8 = 0;
  /** First alert: its description plus one, and the direction that it came from. */
  alert: u8 = 0;
  alertSide: u8 = 0;
  /** The direction of the ClientHello plus one; 0 while that is not known. */
  client: u8 = 0;
  /** What the server chose. */
  version: u32 = 0;
  cipher: u32 = 0;
  /** Name of its ALPN, kept. */
  alpn: u32 = 0;
  /** Hash of the client's session id, 0 where it is empty. */
  sessionId: u32 = 0;
  /** Most that a heartbeat request says to carry beyond what it does. */
  heartbeatExcess: u32 = 0;
  /** What was read so far, as its reader counts it. */
  cost: u32 = 0;
  ja3s: u64 = 0;
  ja3sEnd: u64 = 0;
}

const CLIENT_HELLO: u8 = 1;
const SERVER_HELLO: u8 = 2;
const CERTIFICATE: u8 = 11;

/** Messages of a handshake in clear (RFC 5246 §7.4): 0, 1, 2, 3, 4, 11, 12, 13, 14, 15, 16, 20, 21, 22, 23, as bits. */
const MESSAGES: u32 = 0xf1f81f;

const FATAL: u8 = 2;
const CLOSE_NOTIFY: u8 = 0;

/** What the messages below are of. */
export let session: Session = changetype<Session>(0);
let reading: Reading = changetype<Reading>(0);
let event: Event = changetype<Event>(0);

export function enterSession(entered: Session, itsReading: Reading, itsEvent: Event): void {
  session = entered;
  reading = itsReading;
  event = itsEvent;
}

/** Whether a message of that type may come now: others are encrypted, or none. */
export function mayCome(type: u8): bool {
  if (type === CLIENT_HELLO || type === SERVER_HELLO) return true;
  return session.client !== 0 && type <= 23 && ((MESSAGES >> type) & 1) !== 0;
}

/** Takes a handshake message that began in a packet of time `ts`; false where its direction is not to be read on. */
export function takeMessage(start: usize, end: usize, ts: f64, direction: u8): bool {
  const type = load<u8>(start);
  if (type === CERTIFICATE) return takeCertificates(start + 4, end, ts, direction);
  if (type !== CLIENT_HELLO && type !== SERVER_HELLO) return true;
  if (type === CLIENT_HELLO ? takeClient(start + 4, end, ts, direction) : takeServer(start + 4, end, ts, direction)) return true;
  countMalformed();
  return false;
}

/** Takes an alert in clear. */
export function takeAlert(level: u8, description: u8, direction: u8): void {
  if (session.alert === 0 && description !== CLOSE_NOTIFY) {
    session.alert = description + 1;
    session.alertSide = direction;
  }
  if (level === FATAL || description === CLOSE_NOTIFY) session.isDone = true;
}

/** Takes a heartbeat in clear: type 1 asks, with the length of what is to come back, before 16 bytes of padding at least (RFC 6520 §4). */
export function takeHeartbeat(start: usize, end: usize): void {
  if (end < start + 3 || load<u8>(start) !== 1) return;
  const stated = u16At(start + 1);
  const carried = <u32>(end - start) - 3;
  if (stated > carried && stated - carried > session.heartbeatExcess) session.heartbeatExcess = stated - carried;
}

/** Writes the row of the handshake under way, if any. */
export function writeSession(): void {
  const name = <usize>session.serverName;
  if (session.offered !== 0 || session.hasServer !== 0) writeHandshake(session, event);
  if (session.offered !== 0) dropOffered(session.offered);
  dropText(name);
  dropText(<usize>session.alpn);
  session.offered = session.serverName = session.alpn = 0;
  session.hasServer = session.alert = 0;
  session.heartbeatExcess = 0;
}

function takeClient(start: usize, end: usize, ts: f64, direction: u8): bool {
  if (!takeHello(start, end, session.carrier, reading)) return false;
  writeSession();
  session.client = direction + 1;
  if (offered === 0) return true;
  session.offered = <u32>offered;
  session.serverName = serverNameAt === 0 ? 0 : <u32>keepText(serverNameAt, serverNameLength);
  session.ts = ts;
  const id = start + 34;
  session.sessionId = load<u8>(id) === 0 ? 0 : hashOf(id + 1, load<u8>(id)) | 1;
  return true;
}

function takeServer(start: usize, end: usize, ts: f64, direction: u8): bool {
  if (!readServerHello(start, end)) return false;
  session.client = 2 - direction;
  if (session.offered === 0) {
    if (session.hasServer !== 0) writeSession();
    session.ts = ts;
    session.sessionId = 0;
  }
  session.hasServer = 1;
  session.version = serverVersion;
  session.cipher = serverCipher;
  session.ja3s = load<u64>(serverDigest);
  session.ja3sEnd = load<u64>(serverDigest, 8);
  const isThirteen = serverVersion === 0x0304 || serverVersion >> 8 === 0x7f || serverVersion === 0xfefc;
  const isSame = sessionEnd > sessionAt && session.sessionId === (hashOf(sessionAt, sessionEnd - sessionAt) | 1);
  session.isResumed = u8(isThirteen ? takesKey : isSame);
  if (chosenAt !== 0) {
    clean(chosenAt, chosenEnd, 255);
    session.alpn = <u32>keepText(cleanAt, cleanLength);
  }
  if (isRetry) writeSession();
  // The rest of the handshake is encrypted.
  else if (isThirteen) session.isDone = true;
  return true;
}

function takeCertificates(start: usize, end: usize, ts: f64, direction: u8): bool {
  // Without a hello the responder is the server.
  const isClient = session.client === 0 ? direction === 0 : direction + 1 === session.client;
  if (!writeCertificates(event, start, end, ts, isClient)) countMalformed();
  return true;
}
