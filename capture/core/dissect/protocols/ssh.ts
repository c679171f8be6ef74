import {Event} from "../../meter/layout";
import {allocate, release} from "../heap";
import {loseBytes} from "../streams/held-stream";
import {flowIdOf, Reading} from "../streams/reading";
import {SSH_AUTH_FAILURES, SSH_AUTH_GUESS, SSH_TABLE, SSH_CLIENT_ALGORITHMS, SSH_CLIENT_BANNER, SSH_HASSH, SSH_HASSH_SERVER, SSH_SERVER_ALGORITHMS, SSH_SERVER_BANNER} from "../columns";
import {addRow, setKept, setNull, setNumber, setText, Table, tableAt} from "../rows";
import {costOf, FULL_COST, openStream, passAllHoles, passHoles, push} from "../streams/stream";
import {isText} from "../text";
import {setWord} from "../parsers/kept";
import {AuthGuess, takeAuth} from "../parsers/ssh/auth-guess";
import {algorithms, algorithmsLength, HASSH, hassh, makeHassh} from "../parsers/ssh/hassh";
import {CLIENT, dropSide, endSide, isReadSide, readSide, SERVER, SshSide} from "../parsers/ssh/ssh-side";

/** SSH (RFC 4253): the banners and the offers of both sides, one row per connection. */

/** Both banners, what both sides offer, and who is the client, are looked for within 24 full payloads. */
const MAX_COST: u32 = 24 * FULL_COST;
/** Payloads behind these within which the outcome of the login is guessed. */
const MAX_LATER: u16 = 64;

/** A connection; the `SshSide`s of its two directions follow it. */
@unmanaged
class Connection extends AuthGuess {
  /** When the first banner began. */
  ts: f64 = 0;
  cost: u32 = 0;
  /** Payloads behind those within which the offers were read. */
  later: u16 = 0;
  /** Both offers were read. */
  isRead: u16 = 0;
}

const CONNECTION_BYTES: usize = offsetof<Connection>() + 2 * offsetof<SshSide>();

/** SSH by its identification strings, on any port. */
export function recogniseSsh(_event: Event, start: usize, end: usize): bool {
  return isText(start, end, "SSH-1.") || isText(start, end, "SSH-2.");
}

/** Whether it may begin with that byte. */
// @ts-ignore: decorator
@inline
export function beginsSsh(byte: u8): bool {
  return byte === 0x53;
}

/** State of a connection; 0 where memory is out. */
export function beginSsh(): usize {
  const state = allocate(CONNECTION_BYTES);
  if (state === 0) return 0;
  memory.fill(state, 0, CONNECTION_BYTES);
  changetype<Connection>(state).ts = NaN;
  openStream(sideOf(state, 0), true);
  openStream(sideOf(state, 1), true);
  return state;
}

/** Takes the next payload of the connection; false: no more wanted. */
export function takeSsh(state: usize, _reading: Reading, event: Event, start: usize, end: usize): bool {
  const connection = changetype<Connection>(state);
  if (connection.isRead !== 0)
    return takeAuth(connection, event.direction === serverOf(state), start, end, event.cut, event.streamOffset) && ++connection.later < MAX_LATER;
  if (isNaN(connection.ts) && isText(start, end, "SSH-")) connection.ts = event.time;
  const other = sideOf(state, 1 - event.direction);
  if (other.first !== 0) passHoles(other, event.acknowledged, changetype<usize>(other), readSide, loseBytes);
  const side = sideOf(state, event.direction);
  if (side.isLost === 0)
    push(side, start, end, event.cut, event.streamOffset, event.time, changetype<usize>(side), readSide, loseBytes);
  connection.cost += costOf(start, end);
  if (connection.cost >= MAX_COST) return false;
  const isClear = side.role !== 0 || other.role !== 0;
  if (isClear && isReadSide(side) && isReadSide(other)) connection.isRead = 1;
  return true;
}

/** Direction of the server's bytes, once the offers were read. */
function serverOf(state: usize): i32 {
  return sideOf(state, 0).role === SERVER || sideOf(state, 1).role === CLIENT ? 0 : 1;
}

/** The connection has ended, or enough was read of it: its row is written, and all let go of. */
export function endSsh(state: usize, _reading: Reading, event: Event): void {
  const one = sideOf(state, 0);
  const other = sideOf(state, 1);
  passAllHoles(one, changetype<usize>(one), readSide, loseBytes);
  passAllHoles(other, changetype<usize>(other), readSide, loseBytes);
  endSide(one);
  endSide(other);
  // The originator is taken for the client until the key exchange tells: where the connection was met after its SYN, the
  // originator is who was seen first, and servers greet first.
  if (one.role === SERVER || other.role === CLIENT) write(event, changetype<Connection>(state), other, one);
  else write(event, changetype<Connection>(state), one, other);
  dropSide(one);
  dropSide(other);
  release(state, CONNECTION_BYTES);
}

// @ts-ignore: decorator
@inline
function sideOf(state: usize, direction: i32): SshSide {
  return changetype<SshSide>(state + offsetof<Connection>() + <usize>direction * offsetof<SshSide>());
}

function write(event: Event, connection: Connection, client: SshSide, server: SshSide): void {
  const rows = tableAt(SSH_TABLE);
  const row = addRow(rows, flowIdOf(event), connection.ts);
  if (row < 0) return;
  setKept(rows, row, SSH_CLIENT_BANNER, <usize>client.banner);
  setKept(rows, row, SSH_SERVER_BANNER, <usize>server.banner);
  setOffer(rows, row, client, false, SSH_HASSH, SSH_CLIENT_ALGORITHMS);
  setOffer(rows, row, server, true, SSH_HASSH_SERVER, SSH_SERVER_ALGORITHMS);
  if (connection.isSuccess !== 0 || connection.failures > 0) setWord(rows, row, SSH_AUTH_GUESS, connection.isSuccess !== 0 ? "success" : "failure");
  else setNull(rows, row, SSH_AUTH_GUESS);
  setNumber(rows, row, SSH_AUTH_FAILURES, connection.accepted !== 0 ? <f64>connection.failures : NaN);
}

function setOffer(rows: Table, row: i32, side: SshSide, isServer: bool, fingerprint: i32, list: i32): void {
  if (side.offered === 0) {
    setNull(rows, row, fingerprint);
    setNull(rows, row, list);
    return;
  }
  makeHassh(<usize>side.offered + 4, isServer);
  setText(rows, row, fingerprint, hassh, HASSH);
  setText(rows, row, list, algorithms, algorithmsLength);
}
