import type {Protocol} from "../protocol.ts";
import {amqp} from "./amqp.ts";
import {bittorrent} from "./bittorrent.ts";
import {dhcp} from "./dhcp.ts";
import {dhcpv6} from "./dhcpv6.ts";
import {dnp3} from "./dnp3.ts";
import {dns} from "./dns.ts";
import {dtls} from "./dtls.ts";
import {ftp} from "./ftp.ts";
import {http} from "./http.ts";
import {http2} from "./http2.ts";
import {ike} from "./ike.ts";
import {imap} from "./imap.ts";
import {irc} from "./irc.ts";
import {kerberos} from "./kerberos.ts";
import {l2tp} from "./l2tp.ts";
import {ldap} from "./ldap.ts";
import {modbus} from "./modbus.ts";
import {mongodb} from "./mongodb.ts";
import {mqtt} from "./mqtt.ts";
import {mssql} from "./mssql.ts";
import {mysql} from "./mysql.ts";
import {netbios} from "./netbios.ts";
import {ntp} from "./ntp.ts";
import {openvpn} from "./openvpn.ts";
import {pop3} from "./pop3.ts";
import {postgresql} from "./postgresql.ts";
import {quic} from "./quic.ts";
import {radius} from "./radius.ts";
import {rdp} from "./rdp.ts";
import {redis} from "./redis.ts";
import {rtcp} from "./rtcp.ts";
import {rtp} from "./rtp.ts";
import {rtsp} from "./rtsp.ts";
import {sip} from "./sip.ts";
import {smb} from "./smb.ts";
import {smtp} from "./smtp.ts";
import {snmp} from "./snmp.ts";
import {socks} from "./socks.ts";
import {ssdp} from "./ssdp.ts";
import {ssh} from "./ssh.ts";
import {stun} from "./stun.ts";
import {syslog} from "./syslog.ts";
import {telnet} from "./telnet.ts";
import {tftp} from "./tftp.ts";
import {tls} from "./tls.ts";
import {vnc} from "./vnc.ts";
import {wireguard} from "./wireguard.ts";
import {xmpp} from "./xmpp.ts";

/** Services that the core names itself, in the order of its numbers for them (core/reading.ts). */
export const coreServices: readonly string[] = ["dns", "mdns", "llmnr", "tls", "http", "quic"];

/** Every protocol that is recognised; of two that could claim a payload, the first does, so the surer ones come first. */
export const protocols: readonly Protocol[] = [
  tls,
  http,
  http2,
  ssh,
  rtsp,
  sip,
  ssdp,
  smtp,
  ftp,
  pop3,
  imap,
  irc,
  xmpp,
  vnc,
  redis,
  mqtt,
  amqp,
  netbios,
  dns,
  quic,
  dtls,
  stun,
  rtcp,
  ntp,
  dhcp,
  dhcpv6,
  kerberos,
  snmp,
  ldap,
  syslog,
  tftp,
  radius,
  wireguard,
  ike,
  l2tp,
  openvpn,
  bittorrent,
  smb,
  rdp,
  socks,
  telnet,
  postgresql,
  mysql,
  mssql,
  mongodb,
  dnp3,
  modbus,
  rtp
];
