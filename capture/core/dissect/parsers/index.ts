import {Event} from "../../meter/layout";
import {DNS, FTP, HTTP, NETBIOS, QUIC, Reading, SMB, SSH, TLS} from "../streams/reading";
import {beginDns, endDns, takeDns} from "../protocols/dns";
import {beginFtp, endFtp, isFtpTunnel, takeFtp} from "../protocols/ftp";
import {beginHttp, endHttp, isTunnel, takeHttp} from "../protocols/http";
import {beginQuic, endQuic, takeQuic} from "../protocols/quic";
import {beginRtp, endRtp, takeRtp} from "../protocols/rtp";
import {beginSmb, endSmb, takeSmb} from "../protocols/smb";
import {beginSsh, endSsh, takeSsh} from "../protocols/ssh";
import {beginTls, endTls, takeTls} from "../protocols/tls";

/** The parsers of the protocols that are read here. */

/** State of a new flow of the protocol; 0 where memory is out. */
export function beginParser(protocol: u8): usize {
  switch (protocol) {
    case DNS:
      return beginDns();
    case TLS:
      return beginTls(true);
    case HTTP:
      return beginHttp();
    case QUIC:
      return beginQuic();
    case SSH:
      return beginSsh();
    case FTP:
      return beginFtp();
    case SMB:
    case NETBIOS:
      return beginSmb();
    default:
      return beginRtp();
  }
}

/** Takes the payload `start .. end` of an event; false: no more are wanted. */
export function takeByParser(protocol: u8, state: usize, reading: Reading, event: Event, start: usize, end: usize): bool {
  switch (protocol) {
    case DNS:
      return takeDns(state, reading, event, start, end);
    case TLS:
      return takeTls(state, reading, event, start, end);
    case HTTP:
      return takeHttp(state, reading, event, start, end);
    case QUIC:
      return takeQuic(state, reading, event, start, end);
    case SSH:
      return takeSsh(state, reading, event, start, end);
    case FTP:
      return takeFtp(state, reading, event, start, end);
    case SMB:
    case NETBIOS:
      return takeSmb(state, reading, event, start, end);
    default:
      return takeRtp(state, reading, event, start, end);
  }
}

/** Whether TLS may follow in the same connection, of which the parser wants no more. */
export function mayTurnTls(protocol: u8, state: usize): bool {
  return protocol === HTTP ? isTunnel(state) : protocol === FTP && isFtpTunnel(state);
}

/** Writes what is still open, and lets go of all that is held, the state too. */
export function endParser(protocol: u8, state: usize, reading: Reading, event: Event): void {
  switch (protocol) {
    case DNS:
      return endDns(state, reading, event);
    case TLS:
      return endTls(state, reading, event);
    case HTTP:
      return endHttp(state, reading, event);
    case QUIC:
      return endQuic(state, reading, event);
    case SSH:
      return endSsh(state, reading, event);
    case FTP:
      return endFtp(state, reading, event);
    case SMB:
    case NETBIOS:
      return endSmb(state, reading, event);
    default:
      return endRtp(state, reading, event);
  }
}
