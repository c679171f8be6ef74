import {Event} from "../../../meter/layout";
import {allocate, release} from "../../heap";
import {countGivenUp} from "../../streams/held";
import {flowIdOf, nameClient, nameServer, Reading} from "../../streams/reading";
import {TLS_ALERT, TLS_ALERT_BY, TLS_ALPN, TLS_ALPN_CHOSEN, TLS_CIPHER, TLS_HEARTBEAT_EXCESS, TLS_JA3, TLS_JA3S, TLS_JA4, TLS_RESUMED, TLS_SERVER_NAME, TLS_TABLE, TLS_VERSION} from "../../columns";
import {addRow, setKept, setNull, setNumber, setText, Table, tableAt} from "../../rows";
import {appendHex, appendText, clean, cleanAt, cleanLength, hashOf, isSame} from "../../text";
import {appendNames, appendVersionName, highestVersion, readKey, VERSION_NAME} from "./client-hello";
import {JA3, JA4, writeJa3, writeJa4} from "./fingerprints";
import {hostAt, hostEnd, keyLength, scan} from "./hello-scan";
import {appendAlertName} from "./alerts";
import {Session} from "./tls-session";

/**
 * What a row of `tls` tells of a ClientHello, apart from the name it asks for: the same for all hellos of a client. JA4,
 * JA3, version, key and ALPN names follow it in its block.
 */
@unmanaged
class Offered {
  /** Who needs it: the table below, and hellos on their way to a row. */
  users: u32 = 0;
  /** Bytes of the block. */
  bytes: u32 = 0;
  hash: u32 = 0;
  keyLength: u32 = 0;
  versionLength: u32 = 0;
  /** -1 where no name is offered. */
  alpnLength: i32 = 0;
}

const JA4_AT: usize = offsetof<Offered>();
const JA3_AT: usize = JA4_AT + JA4;
const VERSION_AT: usize = JA3_AT + JA3;
const KEY_AT: usize = VERSION_AT + VERSION_NAME;

/** Longest key that is remembered: more than twice of what browsers' hellos leave. */
const MAX_KEY: usize = 512;
const key = memory.data(512, 8);

/** By what `scan` leaves of a hello: few clients make most connections, and hashing costs most of reading one. */
const PLACES: u32 = 2048;
const seen = memory.data(8192);

/** Of the hello last told: its `Offered`, in use until `dropOffered`; 0 where memory was out. */
export let offered: usize = 0;
/** Of the hello last told: name that it asks for, 0 without; valid until the next text is made. */
export let serverNameAt: usize = 0;
export let serverNameLength: u32 = 0;

/** Forgets all hellos; to be called where the heap begins anew. */
export function openHellos(): void {
  memory.fill(seen, 0, <usize>PLACES << 2);
}

/**
 * Reads the ClientHello in the body of a handshake message, false where its lengths contradict each other; the flow is
 * named after it where it has no name yet. `carrier`: what carried it as JA4 has it, `t` TCP, `q` QUIC, `d` datagrams.
 */
export function takeHello(start: usize, end: usize, carrier: u8, reading: Reading): bool {
  if (!scan(start, end, carrier, key, MAX_KEY)) return false;
  offered = keyLength >= 0 ? remembered() : readLong(start, end, carrier);
  if (offered !== 0) nameClient(reading, offered + JA4_AT, <u32>JA4);
  else countGivenUp();
  serverNameAt = 0;
  if (hostAt === 0) return true;
  clean(hostAt, hostEnd, 255);
  serverNameAt = cleanAt;
  serverNameLength = cleanLength;
  nameServer(reading, serverNameAt, serverNameLength);
  return true;
}

/** As `takeHello`, and writes its row at once: what the server chooses is not seen. `ts`: µs since 1970. */
export function tellHello(start: usize, end: usize, carrier: u8, ts: f64, reading: Reading, event: Event): bool {
  if (!takeHello(start, end, carrier, reading)) return false;
  if (offered === 0) return true;
  const table = tableAt(TLS_TABLE);
  const row = addRow(table, flowIdOf(event), ts);
  if (row >= 0) {
    writeOffered(table, row, offered);
    if (serverNameAt === 0) setNull(table, row, TLS_SERVER_NAME);
    else setText(table, row, TLS_SERVER_NAME, serverNameAt, serverNameLength);
    setNumber(table, row, TLS_CIPHER, NaN);
    setNumber(table, row, TLS_RESUMED, NaN);
    setNumber(table, row, TLS_HEARTBEAT_EXCESS, NaN);
    for (let i = 0; i < 4; i++) setNull(table, row, i === 0 ? TLS_JA3S : i === 1 ? TLS_ALPN_CHOSEN : i === 2 ? TLS_ALERT : TLS_ALERT_BY);
  }
  dropOffered(offered);
  return true;
}

/** Writes what the hello tells, apart from its server's name. */
function writeOffered(table: Table, row: i32, told: usize): void {
  const offered = changetype<Offered>(told);
  setText(table, row, TLS_VERSION, told + VERSION_AT, offered.versionLength);
  if (offered.alpnLength < 0) setNull(table, row, TLS_ALPN);
  else setText(table, row, TLS_ALPN, told + KEY_AT + offered.keyLength, offered.alpnLength);
  setText(table, row, TLS_JA4, told + JA4_AT, <u32>JA4);
  setText(table, row, TLS_JA3, told + JA3_AT, <u32>JA3);
}

/** Writes the row of a handshake, of which one of both hellos at least was seen. */
export function writeHandshake(session: Session, event: Event): void {
  const table = tableAt(TLS_TABLE);
  const row = addRow(table, flowIdOf(event), session.ts);
  if (row < 0) return;
  if (session.offered !== 0) writeOffered(table, row, session.offered);
  else {
    setNull(table, row, TLS_ALPN);
    setNull(table, row, TLS_JA4);
    setNull(table, row, TLS_JA3);
  }
  setKept(table, row, TLS_SERVER_NAME, session.serverName);
  const hasServer = session.hasServer !== 0;
  setNumber(table, row, TLS_CIPHER, hasServer ? <f64>session.cipher : NaN);
  setNumber(table, row, TLS_RESUMED, hasServer ? <f64>session.isResumed : NaN);
  setKept(table, row, TLS_ALPN_CHOSEN, session.alpn);
  setNumber(table, row, TLS_HEARTBEAT_EXCESS, session.heartbeatExcess === 0 ? NaN : <f64>session.heartbeatExcess);
  if (hasServer) {
    setText(table, row, TLS_VERSION, key, <u32>(appendVersionName(session.version, key) - key));
    const digest = changetype<usize>(session) + offsetof<Session>("ja3s");
    setText(table, row, TLS_JA3S, key, <u32>(appendHex(digest, digest + 16, key) - key));
  } else setNull(table, row, TLS_JA3S);
  if (session.alert !== 0) {
    setText(table, row, TLS_ALERT, key, <u32>(appendAlertName(session.alert - 1, key) - key));
    const isClients = session.client !== 0 ? session.alertSide + 1 === session.client : session.alertSide === 0;
    setText(table, row, TLS_ALERT_BY, key, <u32>(appendText(isClients ? "client" : "server", key) - key));
  } else {
    setNull(table, row, TLS_ALERT);
    setNull(table, row, TLS_ALERT_BY);
  }
}

/** One user less. */
export function dropOffered(address: usize): void {
  const offered = changetype<Offered>(address);
  if (--offered.users === 0) release(address, offered.bytes);
}

/** The `Offered` of the key; a new one takes the place of the one that has the same place. */
function remembered(): usize {
  const length = <usize>keyLength;
  const hash = hashOf(key, length);
  const place = seen + (<usize>(hash & (PLACES - 1)) << 2);
  const known = <usize>load<u32>(place);
  if (known !== 0) {
    const own = changetype<Offered>(known);
    if (own.hash === hash && own.keyLength === keyLength && isSame(known + KEY_AT, key, length)) {
      own.users++;
      return known;
    }
  }
  const made = offeredBy(key, length, true);
  if (made === 0) return 0;
  if (known !== 0) dropOffered(known);
  store<u32>(place, <u32>made);
  changetype<Offered>(made).hash = hash;
  changetype<Offered>(made).users++;
  return made;
}

/** The `Offered` of a hello whose key is too long to be remembered. */
function readLong(start: usize, end: usize, carrier: u8): usize {
  const room = end - start;
  const long = allocate(room);
  if (long === 0) return 0;
  scan(start, end, carrier, long, room);
  const made = offeredBy(long, keyLength, false);
  release(long, room);
  return made;
}

/** Makes the `Offered` of a key, with one user; 0 where memory is out. */
function offeredBy(key: usize, length: usize, hasKey: bool): usize {
  const work = allocate(6 * length);
  if (work === 0) return 0;
  const spare = work + length;
  const texts = spare + length;
  readKey(key, length, work);
  const namesEnd = appendNames(texts);
  const namesLength: usize = namesEnd === 0 ? 0 : namesEnd - texts;
  const keptLength = hasKey ? length : 0;
  const bytes = KEY_AT + keptLength + namesLength;
  const block = allocate(bytes);
  if (block !== 0) {
    const offered = changetype<Offered>(block);
    offered.users = 1;
    offered.bytes = <u32>bytes;
    offered.keyLength = <u32>keptLength;
    offered.alpnLength = namesEnd === 0 ? -1 : <i32>namesLength;
    offered.versionLength = <u32>(appendVersionName(highestVersion, block + VERSION_AT) - block - VERSION_AT);
    memory.copy(block + KEY_AT, key, keptLength);
    memory.copy(block + KEY_AT + keptLength, texts, namesLength);
    writeJa4(block + JA4_AT, spare, texts);
    writeJa3(block + JA3_AT, texts);
  }
  release(work, 6 * length);
  return block;
}
