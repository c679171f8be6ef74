/** Every protocol that is recognised: one file, one line in `defineProtocols`, one fixture. */

import {Event} from "../../meter/layout";
import {DCERPC, DHCP, DNS, DTLS, FTP, FTP_DATA, HTTP, LDAP, LLMNR, MDNS, NETBIOS, PROXY, QUIC, READ, RTP, SMB, SMTP, SOCKS, SSH, TFTP, TLS} from "../streams/reading";
import {parse} from "../parsers/index";
import {endTunnel, takeTunnel, TUNNEL} from "../parsers/tunnel";
import {beginsAmqp, recogniseAmqp} from "./amqp";
import {beginsBittorrent, recogniseBittorrent} from "./bittorrent";
import {beginDcerpc, beginsDcerpc, endDcerpc, recogniseDcerpc, takeDcerpc} from "./dcerpc";
import {beginDhcp, beginsDhcp, endDhcp, recogniseDhcp, takeDhcp} from "./dhcp";
import {beginsDhcpv6, recogniseDhcpv6} from "./dhcpv6";
import {beginsDnp3, recogniseDnp3} from "./dnp3";
import {beginDns, endDns, recogniseDns, takeDns} from "./dns";
import {beginDtls, beginsDtls, endDtls, recogniseDtls, takeDtls} from "./dtls";
import {beginFtp, beginsFtp, endFtp, recogniseFtp, takeFtp} from "./ftp";
import {endFtpData, takeFtpData} from "./ftp-data";
import {beginHttp, beginsHttp, endHttp, recogniseHttp, takeHttp} from "./http";
import {beginsHttp2, recogniseHttp2} from "./http2";
import {recogniseIke} from "./ike";
import {beginsImap, recogniseImap} from "./imap";
import {beginsIrc, recogniseIrc} from "./irc";
import {beginKerberos, beginsKerberos, endKerberos, recogniseKerberos, takeKerberos} from "./kerberos";
import {beginsL2tp, recogniseL2tp} from "./l2tp";
import {beginLdap, beginsLdap, endLdap, recogniseLdap, takeLdap} from "./ldap";
import {recogniseModbus} from "./modbus";
import {recogniseMongodb} from "./mongodb";
import {beginsMqtt, recogniseMqtt} from "./mqtt";
import {beginsMssql, recogniseMssql} from "./mssql";
import {recogniseMysql} from "./mysql";
import {recogniseNetbios} from "./netbios";
import {recogniseNtp} from "./ntp";
import {beginsOpenvpn, recogniseOpenvpn} from "./openvpn";
import {beginsPop3, recognisePop3} from "./pop3";
import {beginsPostgresql, recognisePostgresql} from "./postgresql";
import {beginProxy, beginsProxy, endProxy, recogniseProxy, takeProxy} from "./proxy";
import {beginQuic, beginsQuic, endQuic, recogniseQuic, takeQuic} from "./quic";
import {beginsRadius, recogniseRadius} from "./radius";
import {beginsRdp, recogniseRdp} from "./rdp";
import {beginsRedis, recogniseRedis} from "./redis";
import {beginsRtcp, recogniseRtcp} from "./rtcp";
import {beginRtp, beginsRtp, endRtp, recogniseRtp, takeRtp} from "./rtp";
import {beginsRtsp, recogniseRtsp} from "./rtsp";
import {beginsSip, recogniseSip} from "./sip";
import {beginSmb, beginsSmb, endSmb, recogniseSmb, takeSmb} from "./smb";
import {beginsSmtp, beginSmtp, endSmtp, recogniseSmtp, takeSmtp} from "./smtp";
import {beginsSnmp, recogniseSnmp} from "./snmp";
import {beginsSocks, beginSocks, endSocks, recogniseSocks, takeSocks} from "./socks";
import {beginsSsdp, recogniseSsdp} from "./ssdp";
import {beginSsh, beginsSsh, endSsh, recogniseSsh, takeSsh} from "./ssh";
import {beginsStratum, recogniseStratum} from "./stratum";
import {beginsStun, recogniseStun} from "./stun";
import {beginsSyslog, recogniseSyslog} from "./syslog";
import {beginsTelnet, recogniseTelnet} from "./telnet";
import {beginsTftp, beginTftp, endTftp, recogniseTftp, takeTftp} from "./tftp";
import {beginsTls, beginTlsFirst, endTls, recogniseTls, takeTls} from "./tls";
import {beginsVnc, recogniseVnc} from "./vnc";
import {beginsWireguard, recogniseWireguard} from "./wireguard";
import {beginsXmpp, recogniseXmpp} from "./xmpp";

/** Whether a payload of an event (of one byte at least, in `start .. end`) begins a conversation of a protocol. */
type Recognise = (event: Event, start: usize, end: usize) => bool;
/** Whether it may begin with that byte. */
type Begins = (byte: u8) => bool;

/** Transports. */
const TCP: u8 = 1;
const UDP: u8 = 2;

/** It has a parser (parsers/index.ts); else the name is all. */
export const IS_READ: u8 = 1;
/** A TLS session may begin later in the same connection (STARTTLS, proxies), without a parser's word for it. */
export const MAY_TURN_TLS: u8 = 2;
/** One payload is no proof: the parser names the flow once it is sure. */
export const IS_TENTATIVE: u8 = 4;

/** Most that may begin with one byte. */
const MOST = 192;

@unmanaged
class Protocol {
  /** Functions, as the addresses of their references. */
  recognise: u32 = 0;
  begins: u32 = 0;
  transports: u8 = 0;
  number: u8 = 0;
  reserved: u16 = 0;
}

/** In the order in which they are asked. */
const protocols = memory.data(3072);
let asked: i32 = 0;
/** Flags by number, and names (of the variants that parsers name, too). */
const flags = memory.data(256);
const names = memory.data(1024);
/** The next number; the first ones are those of the protocols that have parsers (reading.ts). */
let count: u8 = READ;

/** By transport and first byte: the protocols that it may begin, by their places plus one, in their order. */
const candidates = memory.data(98304);

/** Makes the list: of two that could claim a payload, the first does, so the surer ones come first. */
export function defineProtocols(): void {
  if (asked > 0) return;
  name(MDNS, "mdns");
  name(LLMNR, "llmnr");
  parse(define(TLS, "tls", TCP, beginsTls, recogniseTls, IS_READ), beginTlsFirst, takeTls, endTls);
  parse(define(PROXY, "proxy-protocol", TCP, beginsProxy, recogniseProxy, IS_READ), beginProxy, takeProxy, endProxy);
  parse(define(HTTP, "http", TCP, beginsHttp, recogniseHttp, IS_READ), beginHttp, takeHttp, endHttp);
  define(count, "http2", TCP, beginsHttp2, recogniseHttp2);
  parse(define(SSH, "ssh", TCP, beginsSsh, recogniseSsh, IS_READ), beginSsh, takeSsh, endSsh);
  define(count, "rtsp", TCP, beginsRtsp, recogniseRtsp);
  define(count, "sip", TCP | UDP, beginsSip, recogniseSip);
  define(count, "ssdp", UDP, beginsSsdp, recogniseSsdp);
  parse(define(SMTP, "smtp", TCP, beginsSmtp, recogniseSmtp, IS_READ), beginSmtp, takeSmtp, endSmtp);
  parse(define(FTP, "ftp", TCP, beginsFtp, recogniseFtp, IS_READ), beginFtp, takeFtp, endFtp);
  define(count, "pop3", TCP, beginsPop3, recognisePop3, MAY_TURN_TLS);
  define(count, "imap", TCP, beginsImap, recogniseImap, MAY_TURN_TLS);
  define(count, "irc", TCP, beginsIrc, recogniseIrc);
  define(count, "xmpp", TCP, beginsXmpp, recogniseXmpp, MAY_TURN_TLS);
  define(count, "vnc", TCP, beginsVnc, recogniseVnc);
  define(count, "redis", TCP, beginsRedis, recogniseRedis);
  define(count, "stratum", TCP, beginsStratum, recogniseStratum);
  define(count, "mqtt", TCP, beginsMqtt, recogniseMqtt);
  define(count, "amqp", TCP, beginsAmqp, recogniseAmqp);
  parse(define(NETBIOS, "netbios", TCP | UDP, beginsAnyhow, recogniseNetbios, IS_READ), beginSmb, takeSmb, endSmb);
  parse(define(DNS, "dns", TCP | UDP, beginsAnyhow, recogniseDns, IS_READ), beginDns, takeDns, endDns);
  parse(define(QUIC, "quic", UDP, beginsQuic, recogniseQuic, IS_READ), beginQuic, takeQuic, endQuic);
  parse(define(DTLS, "dtls", UDP, beginsDtls, recogniseDtls, IS_READ), beginDtls, takeDtls, endDtls);
  define(count, "stun", TCP | UDP, beginsStun, recogniseStun);
  define(count, "rtcp", UDP, beginsRtcp, recogniseRtcp);
  define(count, "ntp", UDP, beginsAnyhow, recogniseNtp);
  parse(define(DHCP, "dhcp", UDP, beginsDhcp, recogniseDhcp, IS_READ), beginDhcp, takeDhcp, endDhcp);
  define(count, "dhcpv6", UDP, beginsDhcpv6, recogniseDhcpv6);
  parse(define(count, "kerberos", TCP | UDP, beginsKerberos, recogniseKerberos, IS_READ), beginKerberos, takeKerberos, endKerberos);
  define(count, "snmp", UDP, beginsSnmp, recogniseSnmp);
  parse(define(LDAP, "ldap", TCP | UDP, beginsLdap, recogniseLdap, IS_READ), beginLdap, takeLdap, endLdap);
  define(count, "syslog", TCP | UDP, beginsSyslog, recogniseSyslog);
  parse(define(TFTP, "tftp", UDP, beginsTftp, recogniseTftp, IS_READ), beginTftp, takeTftp, endTftp);
  define(count, "radius", UDP, beginsRadius, recogniseRadius);
  define(count, "wireguard", UDP, beginsWireguard, recogniseWireguard);
  define(count, "ike", UDP, beginsAnyhow, recogniseIke);
  define(count, "l2tp", UDP, beginsL2tp, recogniseL2tp);
  define(count, "openvpn", TCP | UDP, beginsOpenvpn, recogniseOpenvpn);
  define(count, "bittorrent", TCP | UDP, beginsBittorrent, recogniseBittorrent);
  parse(define(SMB, "smb", TCP, beginsSmb, recogniseSmb, IS_READ), beginSmb, takeSmb, endSmb);
  parse(define(DCERPC, "dcerpc", TCP | UDP, beginsDcerpc, recogniseDcerpc, IS_READ), beginDcerpc, takeDcerpc, endDcerpc);
  define(count, "rdp", TCP | UDP, beginsRdp, recogniseRdp, MAY_TURN_TLS);
  parse(define(SOCKS, "socks", TCP, beginsSocks, recogniseSocks, IS_READ), beginSocks, takeSocks, endSocks);
  define(count, "telnet", TCP, beginsTelnet, recogniseTelnet);
  define(count, "postgresql", TCP, beginsPostgresql, recognisePostgresql, MAY_TURN_TLS);
  define(count, "mysql", TCP, beginsAnyhow, recogniseMysql, MAY_TURN_TLS);
  define(count, "mssql", TCP, beginsMssql, recogniseMssql);
  define(count, "mongodb", TCP, beginsAnyhow, recogniseMongodb);
  define(count, "dnp3", TCP | UDP, beginsDnp3, recogniseDnp3);
  define(count, "modbus", TCP, beginsAnyhow, recogniseModbus);
  parse(define(RTP, "rtp", UDP, beginsRtp, recogniseRtp, IS_READ | IS_TENTATIVE), beginRtp, takeRtp, endRtp);
  // Known by the control connection that announces it.
  name(FTP_DATA, "ftp-data");
  parse(FTP_DATA, noTunnel, takeFtpData, endFtpData);
  parse(TUNNEL, noTunnel, takeTunnel, endTunnel);
  fillCandidates();
}

/** A protocol's number (`count`: the next one), name, transports, what it begins with, how it is recognised, flags; its number. */
function define(number: u8, text: string, transports: u8, begins: Begins, recognise: Recognise, its: u8 = 0): u8 {
  const protocol = changetype<Protocol>(protocols + <usize>asked * offsetof<Protocol>());
  asked++;
  protocol.recognise = <u32>changetype<usize>(recognise);
  protocol.begins = <u32>changetype<usize>(begins);
  protocol.transports = transports;
  protocol.number = number;
  store<u8>(flags + number, its);
  name(number, text);
  if (number === count) count++;
  return number;
}

function name(number: u8, text: string): void {
  store<u32>(names + (<usize>number << 2), <u32>changetype<usize>(text));
}

/** Tunnels and announced connections are opened by the protocol before them. */
function noTunnel(): usize {
  return 0;
}

function beginsAnyhow(_byte: u8): bool {
  return true;
}

function fillCandidates(): void {
  for (let transport = 0; transport < 2; transport++)
    for (let byte = 0; byte < 256; byte++) {
      let to = listOf(transport, byte);
      for (let i = 0; i < asked; i++) {
        const protocol = changetype<Protocol>(protocols + <usize>i * offsetof<Protocol>());
        if ((protocol.transports & (transport === 0 ? TCP : UDP)) === 0) continue;
        if (changetype<Begins>(<usize>protocol.begins)(<u8>byte)) store<u8>(to++, <u8>(i + 1));
      }
    }
}

// @ts-ignore: decorator
@inline
function listOf(transport: i32, byte: i32): usize {
  return candidates + ((<usize>transport << 8) + <usize>byte) * MOST;
}

/** Number of the protocol that the payload begins, -1 without. */
export function recognise(event: Event, start: usize, end: usize): i32 {
  for (let at = listOf(event.proto === 6 ? 0 : 1, load<u8>(start)); load<u8>(at) !== 0; at++) {
    const protocol = changetype<Protocol>(protocols + (<usize>load<u8>(at) - 1) * offsetof<Protocol>());
    if (changetype<Recognise>(<usize>protocol.recognise)(event, start, end)) return protocol.number;
  }
  return -1;
}

// @ts-ignore: decorator
@inline
export function flagsOf(protocol: u8): u8 {
  return load<u8>(flags + protocol);
}

/** How many numbers there are. */
export function protocolCount(): i32 {
  return count;
}

/** Name of a number: an address of UTF-16 units, `protocolNameLength` of them. */
export function protocolName(number: i32): usize {
  return <usize>load<u32>(names + (<usize>number << 2));
}

export function protocolNameLength(number: i32): i32 {
  return changetype<string>(protocolName(number)).length;
}
