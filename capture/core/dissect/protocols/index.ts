/** Every protocol that is recognised: one file, one line in `defineProtocols`, one fixture. */

import {Event} from "../../meter/layout";
import {DCERPC, DHCP, DNS, DTLS, FTP, FTP_DATA, HTTP, HTTP2, IMAP, LDAP, LLMNR, MDNS, MYSQL, NETBIOS, POP3, POSTGRESQL, PROXY, QUIC, RDP, READ, RTP, SMB, SMTP, SOCKS, SSH, TFTP, TLS} from "../streams/reading";
import {parse} from "../parsers/index";
import {endIndustrial, takeIndustrial} from "../parsers/industrial/flow";
import {endTunnel, takeTunnel, TUNNEL} from "../parsers/tunnel";
import {beginsActivemq, recogniseActivemq} from "./activemq";
import {beginsAdb, recogniseAdb} from "./adb";
import {beginsAds, recogniseAds} from "./ads";
import {beginsAerospike, recogniseAerospike} from "./aerospike";
import {beginsAfp, recogniseAfp} from "./afp";
import {recogniseAgora} from "./agora";
import {beginsAjp, recogniseAjp} from "./ajp";
import {beginsAlicloud, recogniseAlicloud} from "./alicloud";
import {beginsAmqp, recogniseAmqp} from "./amqp";
import {beginsAtg, recogniseAtg} from "./atg";
import {beginsAvast, recogniseAvast} from "./avast";
import {beginBacnet, beginsBacnet, recogniseBacnet} from "./bacnet";
import {beginsBfcp, recogniseBfcp} from "./bfcp";
import {beginsBfd, recogniseBfd} from "./bfd";
import {beginsBgp, recogniseBgp} from "./bgp";
import {beginsBitcoin, recogniseBitcoin} from "./bitcoin";
import {beginsBittorrent, recogniseBittorrent} from "./bittorrent";
import {beginsBjnp, recogniseBjnp} from "./bjnp";
import {beginsC1222, recogniseC1222} from "./c1222";
import {beginC37118, beginsC37118, recogniseC37118} from "./c37118";
import {beginsCan, recogniseCan} from "./can";
import {beginsCapwap, recogniseCapwap} from "./capwap";
import {beginsCassandra, recogniseCassandra} from "./cassandra";
import {beginsCeph, recogniseCeph} from "./ceph";
import {beginsCheckMk, recogniseCheckMk} from "./check-mk";
import {beginsCiscoVpn, recogniseCiscoVpn} from "./cisco-vpn";
import {beginsCitrix, recogniseCitrix} from "./citrix";
import {beginsCnpIp, recogniseCnpIp} from "./cnp-ip";
import {beginsCoap, recogniseCoap} from "./coap";
import {beginsCodesys, recogniseCodesys} from "./codesys";
import {beginsCollectd, recogniseCollectd} from "./collectd";
import {beginsCorba, recogniseCorba} from "./corba";
import {beginsCpha, recogniseCpha} from "./cpha";
import {beginDcerpc, beginsDcerpc, endDcerpc, recogniseDcerpc, takeDcerpc} from "./dcerpc";
import {beginDhcp, beginsDhcp, endDhcp, recogniseDhcp, takeDhcp} from "./dhcp";
import {beginsDhcpv6, recogniseDhcpv6} from "./dhcpv6";
import {beginsDiameter, recogniseDiameter} from "./diameter";
import {beginsDingtalk, recogniseDingtalk} from "./dingtalk";
import {beginsDiscord, recogniseDiscord} from "./discord";
import {beginsDistcc, recogniseDistcc} from "./distcc";
import {beginsDlep, recogniseDlep} from "./dlep";
import {beginsDlms, recogniseDlms} from "./dlms";
import {beginDnp3, beginsDnp3, recogniseDnp3} from "./dnp3";
import {beginDns, endDns, recogniseDns, takeDns} from "./dns";
import {beginsDnscrypt, recogniseDnscrypt} from "./dnscrypt";
import {beginsDoip, recogniseDoip} from "./doip";
import {beginsDrda, recogniseDrda} from "./drda";
import {beginsDropbox, recogniseDropbox} from "./dropbox";
import {beginDtls, beginsDtls, endDtls, recogniseDtls, takeDtls} from "./dtls";
import {beginsEdonkey, recogniseEdonkey} from "./edonkey";
import {beginsEgd, recogniseEgd} from "./egd";
import {beginsElasticsearch, recogniseElasticsearch} from "./elasticsearch";
import {beginsEnet, recogniseEnet} from "./enet";
import {beginEnip, beginsEnip, recogniseEnip} from "./enip";
import {beginsEtherSBus, recogniseEtherSBus} from "./ether-s-bus";
import {beginsEtherSIo, recogniseEtherSIo} from "./ether-s-io";
import {recogniseEthercat} from "./ethercat";
import {recogniseEthereum} from "./ethereum";
import {beginsFastcgi, recogniseFastcgi} from "./fastcgi";
import {beginsFbzero, recogniseFbzero} from "./fbzero";
import {beginFins, beginsFins, recogniseFins} from "./fins";
import {beginsFix, recogniseFix} from "./fix";
import {beginsFlute, recogniseFlute} from "./flute";
import {beginFtp, beginsFtp, endFtp, recogniseFtp, takeFtp} from "./ftp";
import {endFtpData, takeFtpData} from "./ftp-data";
import {beginGeSrtp, beginsGeSrtp, recogniseGeSrtp} from "./ge-srtp";
import {beginsGearman, recogniseGearman} from "./gearman";
import {beginsGit, recogniseGit} from "./git";
import {beginsGlbp, recogniseGlbp} from "./glbp";
import {beginsGnutella, recogniseGnutella} from "./gnutella";
import {beginsGtp, recogniseGtp} from "./gtp";
import {recogniseH323} from "./h323";
import {beginHartIp, beginsHartIp, recogniseHartIp} from "./hart-ip";
import {beginsHislip, recogniseHislip} from "./hislip";
import {beginsHl7, recogniseHl7} from "./hl7";
import {beginsHpVirtgrp, recogniseHpVirtgrp} from "./hp-virtgrp";
import {beginsHsrp, recogniseHsrp} from "./hsrp";
import {beginHttp, beginsHttp, endHttp, recogniseHttp, takeHttp} from "./http";
import {beginHttp2, beginsHttp2, endHttp2, recogniseHttp2, setGrpc, takeHttp2} from "./http2";
import {beginsI3d, recogniseI3d} from "./i3d";
import {beginsIax, recogniseIax} from "./iax";
import {beginsIcap, recogniseIcap} from "./icap";
import {beginsIcecast, recogniseIcecast} from "./icecast";
import {beginIec104, beginsIec104, recogniseIec104} from "./iec104";
import {recogniseIke} from "./ike";
import {beginImap, beginsImap, endImap, recogniseImap, takeImap} from "./imap";
import {beginsIpfix, recogniseIpfix} from "./ipfix";
import {beginsIpmi, recogniseIpmi} from "./ipmi";
import {beginsIrc, recogniseIrc} from "./irc";
import {beginsIscsi, recogniseIscsi} from "./iscsi";
import {beginsJavaRmi, recogniseJavaRmi} from "./java-rmi";
import {beginsJsonRpc, recogniseJsonRpc} from "./json-rpc";
import {beginsKafka, recogniseKafka} from "./kafka";
import {recogniseKcp} from "./kcp";
import {beginKerberos, beginsKerberos, endKerberos, recogniseKerberos, takeKerberos} from "./kerberos";
import {beginsKismet, recogniseKismet} from "./kismet";
import {beginsKnxnetIp, recogniseKnxnetIp} from "./knxnet-ip";
import {beginsL2tp, recogniseL2tp} from "./l2tp";
import {beginLdap, beginsLdap, endLdap, recogniseLdap, takeLdap} from "./ldap";
import {beginsLdp, recogniseLdp} from "./ldp";
import {recogniseLisp} from "./lisp";
import {recogniseLotusNotes} from "./lotus-notes";
import {beginsLustre, recogniseLustre} from "./lustre";
import {beginsMegaco, recogniseMegaco} from "./megaco";
import {beginMelsec, beginsMelsec, recogniseMelsec} from "./melsec";
import {recogniseMemcached} from "./memcached";
import {beginsMerakiCloud, recogniseMerakiCloud} from "./meraki-cloud";
import {beginsMgcp, recogniseMgcp} from "./mgcp";
import {beginModbus, recogniseModbus} from "./modbus";
import {beginsMonero, recogniseMonero} from "./monero";
import {beginMongodb, endMongodb, recogniseMongodb, takeMongodb} from "./mongodb";
import {beginsMpegTs, recogniseMpegTs} from "./mpeg-ts";
import {beginMqtt, beginsMqtt, endMqtt, recogniseMqtt, takeMqtt} from "./mqtt";
import {beginsMsrp, recogniseMsrp} from "./msrp";
import {beginMssql, beginsMssql, endMssql, recogniseMssql, takeMssql} from "./mssql";
import {beginsMumble, recogniseMumble} from "./mumble";
import {beginsMunin, recogniseMunin} from "./munin";
import {beginMysql, endMysql, recogniseMysql, takeMysql} from "./mysql";
import {beginsNano, recogniseNano} from "./nano";
import {beginsNatPmp, recogniseNatPmp} from "./nat-pmp";
import {beginsNats, recogniseNats} from "./nats";
import {beginsNbd, recogniseNbd} from "./nbd";
import {beginsNcp, recogniseNcp} from "./ncp";
import {recogniseNetbios, takeNetbios} from "./netbios";
import {beginsNetcode, recogniseNetcode} from "./netcode";
import {beginsNetflow, recogniseNetflow} from "./netflow";
import {recogniseNfs} from "./nfs";
import {beginsNiagaraFox, recogniseNiagaraFox} from "./niagara-fox";
import {beginsNintendo, recogniseNintendo} from "./nintendo";
import {beginsNntp, recogniseNntp} from "./nntp";
import {beginsNoe, recogniseNoe} from "./noe";
import {beginsNomachine, recogniseNomachine} from "./nomachine";
import {beginsNsdp, recogniseNsdp} from "./nsdp";
import {recogniseNtp} from "./ntp";
import {beginsOicq, recogniseOicq} from "./oicq";
import {recogniseOnlineGame} from "./online-game";
import {beginOpcua, beginsOpcua, recogniseOpcua} from "./opcua";
import {beginsOpenflow, recogniseOpenflow} from "./openflow";
import {beginsOpenvpn, recogniseOpenvpn} from "./openvpn";
import {beginsOracle, recogniseOracle} from "./oracle";
import {beginsOscar, recogniseOscar} from "./oscar";
import {beginsPana, recognisePana} from "./pana";
import {beginsPfcp, recognisePfcp} from "./pfcp";
import {recognisePhoton} from "./photon";
import {beginPop3, beginsPop3, endPop3, recognisePop3, takePop3} from "./pop3";
import {beginPostgresql, beginsPostgresql, endPostgresql, recognisePostgresql, takePostgresql} from "./postgresql";
import {beginsPowerlink, recognisePowerlink} from "./powerlink";
import {beginsPptp, recognisePptp} from "./pptp";
import {beginsProfinet, recogniseProfinet} from "./profinet";
import {beginProxy, beginsProxy, endProxy, recogniseProxy, takeProxy} from "./proxy";
import {recognisePtp} from "./ptp";
import {beginsQuake, recogniseQuake} from "./quake";
import {beginQuic, beginsQuic, endQuic, recogniseQuic, takeQuic} from "./quic";
import {beginRadius, beginsRadius, endRadius, recogniseRadius, takeRadius} from "./radius";
import {beginsRadmin, recogniseRadmin} from "./radmin";
import {beginsRaft, recogniseRaft} from "./raft";
import {recogniseRaknet} from "./raknet";
import {beginRdp, beginsRdp, endRdp, recogniseRdp, takeRdp} from "./rdp";
import {beginRedis, beginsRedis, endRedis, recogniseRedis, takeRedis} from "./redis";
import {beginsRemoteAccessTool, recogniseRemoteAccessTool} from "./remote-access-tool";
import {beginsRip, recogniseRip} from "./rip";
import {beginsRipeAtlas, recogniseRipeAtlas} from "./ripe-atlas";
import {beginsRlogin, recogniseRlogin} from "./rlogin";
import {beginsRoughtime, recogniseRoughtime} from "./roughtime";
import {recogniseRpc} from "./rpc";
import {recogniseRpcbind} from "./rpcbind";
import {beginsRsh, recogniseRsh} from "./rsh";
import {beginsRsync, recogniseRsync} from "./rsync";
import {beginsRtcp, recogniseRtcp} from "./rtcp";
import {beginsRtmp, recogniseRtmp} from "./rtmp";
import {beginRtp, beginsRtp, endRtp, recogniseRtp, takeRtp} from "./rtp";
import {beginsRtps, recogniseRtps} from "./rtps";
import {beginsRtsp, recogniseRtsp} from "./rtsp";
import {recogniseRx} from "./rx";
import {beginS7comm, beginsS7comm, endS7comm, recogniseS7comm, setS7Services, takeS7comm} from "./s7comm";
import {beginsSap, recogniseSap} from "./sap";
import {setSctpDiameter, setSctpService} from "./sctp";
import {beginsSflow, recogniseSflow} from "./sflow";
import {beginsShell, recogniseShell} from "./shell";
import {beginSip, beginsSip, endSip, recogniseSip, takeSip} from "./sip";
import {recogniseSkinny} from "./skinny";
import {beginsSlp, recogniseSlp} from "./slp";
import {beginSmb, beginsSmb, endSmb, recogniseSmb, takeSmb} from "./smb";
import {beginsSmpp, recogniseSmpp} from "./smpp";
import {beginsSmtp, beginSmtp, endSmtp, recogniseSmtp, takeSmtp} from "./smtp";
import {beginSnmp, beginsSnmp, endSnmp, recogniseSnmp, takeSnmp} from "./snmp";
import {beginsSocks, beginSocks, endSocks, recogniseSocks, takeSocks} from "./socks";
import {beginsSoftether, recogniseSoftether} from "./softether";
import {recogniseSomeIp} from "./some-ip";
import {beginsSourceEngine, recogniseSourceEngine} from "./source-engine";
import {beginsSpeedtest, recogniseSpeedtest} from "./speedtest";
import {beginsSpotify, recogniseSpotify} from "./spotify";
import {beginsSsdp, recogniseSsdp} from "./ssdp";
import {beginSsh, beginsSsh, endSsh, recogniseSsh, takeSsh} from "./ssh";
import {recogniseSteam} from "./steam";
import {beginsStomp, recogniseStomp} from "./stomp";
import {beginsStratum, recogniseStratum} from "./stratum";
import {beginsStun, recogniseStun} from "./stun";
import {beginsSvn, recogniseSvn} from "./svn";
import {beginsSyncthing, recogniseSyncthing} from "./syncthing";
import {beginsSyslog, recogniseSyslog} from "./syslog";
import {beginsTacacs, recogniseTacacs} from "./tacacs";
import {beginsTailscale, recogniseTailscale} from "./tailscale";
import {beginsTeamspeak, recogniseTeamspeak} from "./teamspeak";
import {beginsTeamviewer, recogniseTeamviewer} from "./teamviewer";
import {recogniseTelegram} from "./telegram";
import {beginsTelnet, recogniseTelnet} from "./telnet";
import {beginsTftp, beginTftp, endTftp, recogniseTftp, takeTftp} from "./tftp";
import {beginsThrift, recogniseThrift} from "./thrift";
import {beginsTinc, recogniseTinc} from "./tinc";
import {beginsTivoConnect, recogniseTivoConnect} from "./tivo-connect";
import {beginsTls, beginTlsFirst, endTls, recogniseTls, takeTls} from "./tls";
import {beginsTplinkShp, recogniseTplinkShp} from "./tplink-shp";
import {recogniseTrdp} from "./trdp";
import {beginsTuya, recogniseTuya} from "./tuya";
import {beginsUbiquiti, recogniseUbiquiti} from "./ubiquiti";
import {beginsUftp, recogniseUftp} from "./uftp";
import {recogniseViber} from "./viber";
import {beginsVnc, recogniseVnc} from "./vnc";
import {beginsWakeOnLan, recogniseWakeOnLan} from "./wake-on-lan";
import {beginsWccp, recogniseWccp} from "./wccp";
import {beginsWhatsapp, recogniseWhatsapp} from "./whatsapp";
import {beginsWhois, recogniseWhois} from "./whois";
import {beginsWireguard, recogniseWireguard} from "./wireguard";
import {beginsWsDiscovery, recogniseWsDiscovery} from "./ws-discovery";
import {beginsX11, recogniseX11} from "./x11";
import {beginsXdmcp, recogniseXdmcp} from "./xdmcp";
import {beginsXiaomi, recogniseXiaomi} from "./xiaomi";
import {beginsXmpp, recogniseXmpp} from "./xmpp";
import {beginsYmsg, recogniseYmsg} from "./ymsg";
import {beginsZ3950, recogniseZ3950} from "./z3950";
import {beginsZabbix, recogniseZabbix} from "./zabbix";
import {beginsZeromq, recogniseZeromq} from "./zeromq";
import {beginsZoom, recogniseZoom} from "./zoom";
import {beginsZrtp, recogniseZrtp} from "./zrtp";
import {beginsZug, recogniseZug} from "./zug";

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
  define(count, "icap", TCP, beginsIcap, recogniseIcap);
  define(count, "icecast", TCP, beginsIcecast, recogniseIcecast);
  parse(define(HTTP, "http", TCP, beginsHttp, recogniseHttp, IS_READ), beginHttp, takeHttp, endHttp);
  parse(define(HTTP2, "http2", TCP, beginsHttp2, recogniseHttp2, IS_READ), beginHttp2, takeHttp2, endHttp2);
  setGrpc(variant("grpc"));
  parse(define(SSH, "ssh", TCP, beginsSsh, recogniseSsh, IS_READ), beginSsh, takeSsh, endSsh);
  define(count, "rtsp", TCP, beginsRtsp, recogniseRtsp);
  parse(define(count, "sip", TCP | UDP, beginsSip, recogniseSip, IS_READ), beginSip, takeSip, endSip);
  define(count, "ssdp", UDP, beginsSsdp, recogniseSsdp);
  parse(define(SMTP, "smtp", TCP, beginsSmtp, recogniseSmtp, IS_READ), beginSmtp, takeSmtp, endSmtp);
  parse(define(FTP, "ftp", TCP, beginsFtp, recogniseFtp, IS_READ), beginFtp, takeFtp, endFtp);
  parse(define(POP3, "pop3", TCP, beginsPop3, recognisePop3, IS_READ), beginPop3, takePop3, endPop3);
  parse(define(IMAP, "imap", TCP, beginsImap, recogniseImap, IS_READ), beginImap, takeImap, endImap);
  define(count, "irc", TCP, beginsIrc, recogniseIrc);
  define(count, "shell", TCP, beginsShell, recogniseShell);
  define(count, "xmpp", TCP, beginsXmpp, recogniseXmpp, MAY_TURN_TLS);
  define(count, "vnc", TCP, beginsVnc, recogniseVnc);
  parse(define(count, "redis", TCP, beginsRedis, recogniseRedis, IS_READ), beginRedis, takeRedis, endRedis);
  define(count, "stratum", TCP, beginsStratum, recogniseStratum);
  parse(define(count, "mqtt", TCP, beginsMqtt, recogniseMqtt, IS_READ), beginMqtt, takeMqtt, endMqtt);
  define(count, "amqp", TCP, beginsAmqp, recogniseAmqp);
  parse(define(count, "opcua", TCP, beginsOpcua, recogniseOpcua, IS_READ), beginOpcua, takeIndustrial, endIndustrial);
  define(count, "rsync", TCP, beginsRsync, recogniseRsync);
  define(count, "zabbix", TCP, beginsZabbix, recogniseZabbix);
  define(count, "nats", TCP, beginsNats, recogniseNats);
  define(count, "stomp", TCP, beginsStomp, recogniseStomp);
  define(count, "munin", TCP, beginsMunin, recogniseMunin);
  define(count, "nntp", TCP, beginsNntp, recogniseNntp);
  define(count, "git", TCP, beginsGit, recogniseGit);
  define(count, "hl7", TCP, beginsHl7, recogniseHl7);
  define(count, "fix", TCP, beginsFix, recogniseFix);
  define(count, "gnutella", TCP | UDP, beginsGnutella, recogniseGnutella);
  define(count, "rtps", UDP, beginsRtps, recogniseRtps);
  define(count, "citrix", TCP, beginsCitrix, recogniseCitrix);
  define(count, "ceph", TCP, beginsCeph, recogniseCeph);
  define(count, "svn", TCP, beginsSvn, recogniseSvn);
  define(count, "nomachine", TCP, beginsNomachine, recogniseNomachine);
  define(count, "corba", TCP | UDP, beginsCorba, recogniseCorba);
  define(count, "java-rmi", TCP, beginsJavaRmi, recogniseJavaRmi);
  define(count, "mgcp", UDP, beginsMgcp, recogniseMgcp);
  define(count, "bjnp", UDP, beginsBjnp, recogniseBjnp);
  define(count, "whatsapp", TCP, beginsWhatsapp, recogniseWhatsapp);
  define(count, "steam", TCP | UDP, beginsAnyhow, recogniseSteam);
  define(count, "teamspeak", UDP, beginsTeamspeak, recogniseTeamspeak);
  define(count, "spotify", TCP | UDP, beginsSpotify, recogniseSpotify);
  define(count, "dropbox", UDP, beginsDropbox, recogniseDropbox);
  define(count, "tuya", TCP | UDP, beginsTuya, recogniseTuya);
  define(count, "elasticsearch", TCP, beginsElasticsearch, recogniseElasticsearch);
  define(count, "speedtest", TCP, beginsSpeedtest, recogniseSpeedtest);
  define(count, "check-mk", TCP, beginsCheckMk, recogniseCheckMk);
  define(count, "softether", UDP, beginsSoftether, recogniseSoftether);
  define(count, "ripe-atlas", UDP, beginsRipeAtlas, recogniseRipeAtlas);
  define(count, "roughtime", UDP, beginsRoughtime, recogniseRoughtime);
  define(count, "dnscrypt", TCP | UDP, beginsDnscrypt, recogniseDnscrypt);
  define(count, "ws-discovery", UDP, beginsWsDiscovery, recogniseWsDiscovery);
  define(count, "json-rpc", TCP, beginsJsonRpc, recogniseJsonRpc);
  define(count, "adb", TCP, beginsAdb, recogniseAdb);
  define(count, "distcc", TCP, beginsDistcc, recogniseDistcc);
  define(count, "fbzero", TCP, beginsFbzero, recogniseFbzero);
  define(count, "i3d", UDP, beginsI3d, recogniseI3d);
  define(count, "iax", UDP, beginsIax, recogniseIax);
  define(count, "kismet", TCP, beginsKismet, recogniseKismet);
  define(count, "msrp", TCP, beginsMsrp, recogniseMsrp);
  define(count, "nbd", TCP, beginsNbd, recogniseNbd);
  define(count, "niagara-fox", TCP, beginsNiagaraFox, recogniseNiagaraFox);
  define(count, "pana", UDP, beginsPana, recognisePana);
  define(count, "ymsg", TCP, beginsYmsg, recogniseYmsg);
  define(count, "zrtp", UDP, beginsZrtp, recogniseZrtp);
  define(count, "tailscale", UDP, beginsTailscale, recogniseTailscale);
  define(count, "bgp", TCP, beginsBgp, recogniseBgp);
  define(count, "zeromq", TCP, beginsZeromq, recogniseZeromq);
  define(count, "wake-on-lan", UDP, beginsWakeOnLan, recogniseWakeOnLan);
  define(count, "source-engine", UDP, beginsSourceEngine, recogniseSourceEngine);
  define(count, "quake", UDP, beginsQuake, recogniseQuake);
  define(count, "alicloud", TCP, beginsAlicloud, recogniseAlicloud);
  define(count, "activemq", TCP, beginsActivemq, recogniseActivemq);
  define(count, "bitcoin", TCP, beginsBitcoin, recogniseBitcoin);
  define(count, "pptp", TCP, beginsPptp, recognisePptp);
  parse(define(count, "c37118", TCP | UDP, beginsC37118, recogniseC37118, IS_READ), beginC37118, takeIndustrial, endIndustrial);
  parse(define(count, "iec104", TCP, beginsIec104, recogniseIec104, IS_READ), beginIec104, takeIndustrial, endIndustrial);
  define(count, "knxnet-ip", TCP | UDP, beginsKnxnetIp, recogniseKnxnetIp);
  parse(define(count, "bacnet", UDP, beginsBacnet, recogniseBacnet, IS_READ), beginBacnet, takeIndustrial, endIndustrial);
  parse(define(count, "fins", TCP | UDP, beginsFins, recogniseFins, IS_READ), beginFins, takeIndustrial, endIndustrial);
  define(count, "ads", TCP, beginsAds, recogniseAds);
  parse(define(count, "melsec", TCP | UDP, beginsMelsec, recogniseMelsec, IS_READ), beginMelsec, takeIndustrial, endIndustrial);
  parse(define(count, "enip", TCP | UDP, beginsEnip, recogniseEnip, IS_READ), beginEnip, takeIndustrial, endIndustrial);
  define(count, "profinet", UDP, beginsProfinet, recogniseProfinet);
  define(count, "tplink-shp", TCP | UDP, beginsTplinkShp, recogniseTplinkShp);
  define(count, "raknet", UDP, beginsAnyhow, recogniseRaknet);
  define(count, "netcode", UDP, beginsNetcode, recogniseNetcode);
  define(count, "nintendo", UDP, beginsNintendo, recogniseNintendo);
  define(count, "zug", UDP, beginsZug, recogniseZug);
  define(count, "enet", UDP, beginsEnet, recogniseEnet);
  define(count, "photon", UDP, beginsAnyhow, recognisePhoton);
  define(count, "iscsi", TCP, beginsIscsi, recogniseIscsi);
  define(count, "x11", TCP, beginsX11, recogniseX11);
  define(count, "thrift", TCP | UDP, beginsThrift, recogniseThrift);
  define(count, "remote-access-tool", TCP, beginsRemoteAccessTool, recogniseRemoteAccessTool);
  parse(define(NETBIOS, "netbios", TCP | UDP, beginsAnyhow, recogniseNetbios, IS_READ), beginSmb, takeNetbios, endSmb);
  parse(define(DNS, "dns", TCP | UDP, beginsAnyhow, recogniseDns, IS_READ), beginDns, takeDns, endDns);
  parse(define(QUIC, "quic", UDP, beginsQuic, recogniseQuic, IS_READ), beginQuic, takeQuic, endQuic);
  parse(define(DTLS, "dtls", UDP, beginsDtls, recogniseDtls, IS_READ), beginDtls, takeDtls, endDtls);
  define(count, "stun", TCP | UDP, beginsStun, recogniseStun);
  define(count, "rtcp", UDP, beginsRtcp, recogniseRtcp);
  define(count, "ntp", UDP, beginsAnyhow, recogniseNtp);
  parse(define(DHCP, "dhcp", UDP, beginsDhcp, recogniseDhcp, IS_READ), beginDhcp, takeDhcp, endDhcp);
  define(count, "dhcpv6", UDP, beginsDhcpv6, recogniseDhcpv6);
  parse(define(count, "kerberos", TCP | UDP, beginsKerberos, recogniseKerberos, IS_READ), beginKerberos, takeKerberos, endKerberos);
  parse(define(count, "snmp", UDP, beginsSnmp, recogniseSnmp, IS_READ), beginSnmp, takeSnmp, endSnmp);
  parse(define(LDAP, "ldap", TCP | UDP, beginsLdap, recogniseLdap, IS_READ), beginLdap, takeLdap, endLdap);
  define(count, "syslog", TCP | UDP, beginsSyslog, recogniseSyslog);
  parse(define(TFTP, "tftp", UDP, beginsTftp, recogniseTftp, IS_READ), beginTftp, takeTftp, endTftp);
  parse(define(count, "radius", UDP, beginsRadius, recogniseRadius, IS_READ), beginRadius, takeRadius, endRadius);
  define(count, "wireguard", UDP, beginsWireguard, recogniseWireguard);
  define(count, "ike", UDP, beginsAnyhow, recogniseIke);
  define(count, "l2tp", UDP, beginsL2tp, recogniseL2tp);
  define(count, "openvpn", TCP | UDP, beginsOpenvpn, recogniseOpenvpn);
  define(count, "bittorrent", TCP | UDP, beginsBittorrent, recogniseBittorrent);
  parse(define(SMB, "smb", TCP, beginsSmb, recogniseSmb, IS_READ), beginSmb, takeSmb, endSmb);
  parse(define(DCERPC, "dcerpc", TCP | UDP, beginsDcerpc, recogniseDcerpc, IS_READ), beginDcerpc, takeDcerpc, endDcerpc);
  parse(define(RDP, "rdp", TCP | UDP, beginsRdp, recogniseRdp, IS_READ), beginRdp, takeRdp, endRdp);
  parse(define(count, "s7comm", TCP, beginsS7comm, recogniseS7comm, IS_READ | IS_TENTATIVE), beginS7comm, takeS7comm, endS7comm);
  setS7Services(count - 1, variant("s7comm-plus"), variant("mms"));
  parse(define(SOCKS, "socks", TCP, beginsSocks, recogniseSocks, IS_READ), beginSocks, takeSocks, endSocks);
  define(count, "telnet", TCP, beginsTelnet, recogniseTelnet);
  parse(define(POSTGRESQL, "postgresql", TCP, beginsPostgresql, recognisePostgresql, IS_READ), beginPostgresql, takePostgresql, endPostgresql);
  parse(define(MYSQL, "mysql", TCP, beginsAnyhow, recogniseMysql, IS_READ), beginMysql, takeMysql, endMysql);
  parse(define(count, "mssql", TCP, beginsMssql, recogniseMssql, IS_READ), beginMssql, takeMssql, endMssql);
  parse(define(count, "mongodb", TCP, beginsAnyhow, recogniseMongodb, IS_READ), beginMongodb, takeMongodb, endMongodb);
  parse(define(count, "dnp3", TCP | UDP, beginsDnp3, recogniseDnp3, IS_READ), beginDnp3, takeIndustrial, endIndustrial);
  parse(define(count, "modbus", TCP, beginsAnyhow, recogniseModbus, IS_READ), beginModbus, takeIndustrial, endIndustrial);
  parse(define(count, "hart-ip", TCP | UDP, beginsHartIp, recogniseHartIp, IS_READ), beginHartIp, takeIndustrial, endIndustrial);
  define(count, "ethercat", UDP, beginsAnyhow, recogniseEthercat);
  define(count, "powerlink", UDP, beginsPowerlink, recognisePowerlink);
  define(count, "egd", UDP, beginsEgd, recogniseEgd);
  define(count, "ether-s-bus", UDP, beginsEtherSBus, recogniseEtherSBus);
  define(count, "dlms", TCP | UDP, beginsDlms, recogniseDlms);
  define(count, "c1222", TCP | UDP, beginsC1222, recogniseC1222);
  define(count, "cnp-ip", UDP, beginsCnpIp, recogniseCnpIp);
  define(count, "some-ip", TCP | UDP, beginsAnyhow, recogniseSomeIp);
  define(count, "coap", UDP, beginsCoap, recogniseCoap);
  define(count, "h323", TCP | UDP, beginsAnyhow, recogniseH323);
  define(count, "atg", TCP, beginsAtg, recogniseAtg);
  define(count, "nfs", TCP | UDP, beginsAnyhow, recogniseNfs);
  define(count, "rpcbind", TCP | UDP, beginsAnyhow, recogniseRpcbind);
  define(count, "rpc", TCP | UDP, beginsAnyhow, recogniseRpc);
  define(count, "slp", TCP | UDP, beginsSlp, recogniseSlp);
  define(count, "cassandra", TCP, beginsCassandra, recogniseCassandra);
  define(count, "gtp", UDP, beginsGtp, recogniseGtp);
  define(count, "pfcp", UDP, beginsPfcp, recognisePfcp);
  define(count, "netflow", UDP, beginsNetflow, recogniseNetflow);
  define(count, "ipfix", TCP | UDP, beginsIpfix, recogniseIpfix);
  define(count, "sflow", UDP, beginsSflow, recogniseSflow);
  define(count, "ptp", UDP, beginsAnyhow, recognisePtp);
  define(count, "hsrp", UDP, beginsHsrp, recogniseHsrp);
  define(count, "teamviewer", TCP | UDP, beginsTeamviewer, recogniseTeamviewer);
  define(count, "ethereum", TCP | UDP, beginsAnyhow, recogniseEthereum);
  define(count, "kafka", TCP, beginsKafka, recogniseKafka);
  define(count, "collectd", UDP, beginsCollectd, recogniseCollectd);
  define(count, "nat-pmp", UDP, beginsNatPmp, recogniseNatPmp);
  define(count, "rtmp", TCP, beginsRtmp, recogniseRtmp);
  define(count, "skinny", TCP, beginsAnyhow, recogniseSkinny);
  define(count, "ajp", TCP, beginsAjp, recogniseAjp);
  define(count, "bfcp", TCP | UDP, beginsBfcp, recogniseBfcp);
  define(count, "rsh", TCP, beginsRsh, recogniseRsh);
  define(count, "rlogin", TCP, beginsRlogin, recogniseRlogin);
  setSctpDiameter(define(count, "diameter", TCP, beginsDiameter, recogniseDiameter));
  define(count, "drda", TCP, beginsDrda, recogniseDrda);
  define(count, "fastcgi", TCP, beginsFastcgi, recogniseFastcgi);
  define(count, "memcached", TCP | UDP, beginsAnyhow, recogniseMemcached);
  define(count, "mpeg-ts", UDP, beginsMpegTs, recogniseMpegTs);
  define(count, "oracle", TCP, beginsOracle, recogniseOracle);
  define(count, "xdmcp", UDP, beginsXdmcp, recogniseXdmcp);
  define(count, "ldp", TCP | UDP, beginsLdp, recogniseLdp);
  define(count, "rip", UDP, beginsRip, recogniseRip);
  define(count, "bfd", UDP, beginsBfd, recogniseBfd);
  define(count, "glbp", UDP, beginsGlbp, recogniseGlbp);
  define(count, "tacacs", TCP, beginsTacacs, recogniseTacacs);
  define(count, "sap", UDP, beginsSap, recogniseSap);
  define(count, "ipmi", UDP, beginsIpmi, recogniseIpmi);
  define(count, "openflow", TCP, beginsOpenflow, recogniseOpenflow);
  define(count, "smpp", TCP, beginsSmpp, recogniseSmpp);
  define(count, "edonkey", TCP, beginsEdonkey, recogniseEdonkey);
  define(count, "capwap", UDP, beginsCapwap, recogniseCapwap);
  define(count, "telegram", UDP, beginsAnyhow, recogniseTelegram);
  define(count, "discord", UDP, beginsDiscord, recogniseDiscord);
  define(count, "zoom", UDP, beginsZoom, recogniseZoom);
  define(count, "mumble", UDP, beginsMumble, recogniseMumble);
  define(count, "uftp", UDP, beginsUftp, recogniseUftp);
  parse(define(count, "ge-srtp", TCP, beginsGeSrtp, recogniseGeSrtp, IS_READ), beginGeSrtp, takeIndustrial, endIndustrial);
  define(count, "aerospike", TCP, beginsAerospike, recogniseAerospike);
  define(count, "afp", TCP, beginsAfp, recogniseAfp);
  define(count, "avast", TCP, beginsAvast, recogniseAvast);
  define(count, "can", UDP, beginsCan, recogniseCan);
  define(count, "cisco-vpn", UDP, beginsCiscoVpn, recogniseCiscoVpn);
  define(count, "codesys", TCP, beginsCodesys, recogniseCodesys);
  define(count, "cpha", UDP, beginsCpha, recogniseCpha);
  define(count, "dingtalk", TCP, beginsDingtalk, recogniseDingtalk);
  define(count, "dlep", TCP | UDP, beginsDlep, recogniseDlep);
  define(count, "doip", TCP | UDP, beginsDoip, recogniseDoip);
  define(count, "ether-s-io", UDP, beginsEtherSIo, recogniseEtherSIo);
  define(count, "flute", UDP, beginsFlute, recogniseFlute);
  define(count, "gearman", TCP, beginsGearman, recogniseGearman);
  define(count, "hislip", TCP, beginsHislip, recogniseHislip);
  define(count, "hp-virtgrp", TCP, beginsHpVirtgrp, recogniseHpVirtgrp);
  define(count, "kcp", UDP, beginsAnyhow, recogniseKcp);
  define(count, "lisp", TCP | UDP, beginsAnyhow, recogniseLisp);
  define(count, "lotus-notes", TCP, beginsAnyhow, recogniseLotusNotes);
  define(count, "lustre", TCP, beginsLustre, recogniseLustre);
  define(count, "meraki-cloud", UDP, beginsMerakiCloud, recogniseMerakiCloud);
  define(count, "monero", TCP, beginsMonero, recogniseMonero);
  define(count, "nano", TCP | UDP, beginsNano, recogniseNano);
  define(count, "ncp", TCP, beginsNcp, recogniseNcp);
  define(count, "noe", UDP, beginsNoe, recogniseNoe);
  define(count, "nsdp", UDP, beginsNsdp, recogniseNsdp);
  define(count, "oicq", UDP, beginsOicq, recogniseOicq);
  define(count, "online-game", TCP | UDP, beginsAnyhow, recogniseOnlineGame);
  define(count, "oscar", TCP, beginsOscar, recogniseOscar);
  define(count, "radmin", TCP, beginsRadmin, recogniseRadmin);
  define(count, "raft", TCP, beginsRaft, recogniseRaft);
  define(count, "rx", UDP, beginsAnyhow, recogniseRx);
  define(count, "agora", UDP, beginsAnyhow, recogniseAgora);
  define(count, "syncthing", TCP | UDP, beginsSyncthing, recogniseSyncthing);
  define(count, "tinc", TCP, beginsTinc, recogniseTinc);
  define(count, "tivo-connect", UDP, beginsTivoConnect, recogniseTivoConnect);
  define(count, "trdp", TCP | UDP, beginsAnyhow, recogniseTrdp);
  define(count, "ubiquiti", UDP, beginsUbiquiti, recogniseUbiquiti);
  define(count, "viber", TCP | UDP, beginsAnyhow, recogniseViber);
  define(count, "wccp", UDP, beginsWccp, recogniseWccp);
  define(count, "whois", TCP, beginsWhois, recogniseWhois);
  define(count, "xiaomi", TCP, beginsXiaomi, recogniseXiaomi);
  define(count, "z3950", TCP, beginsZ3950, recogniseZ3950);
  parse(define(RTP, "rtp", UDP, beginsRtp, recogniseRtp, IS_READ | IS_TENTATIVE), beginRtp, takeRtp, endRtp);
  defineSctp();
  // Known by the control connection that announces it.
  name(FTP_DATA, "ftp-data");
  parse(FTP_DATA, noTunnel, takeFtpData, endFtpData);
  parse(TUNNEL, noTunnel, takeTunnel, endTunnel);
  fillCandidates();
}

/** By SCTP's payload protocol identifiers. */
function defineSctp(): void {
  setSctpService(1, variant("iua"));
  setSctpService(2, variant("m2ua"));
  setSctpService(3, variant("m3ua"));
  setSctpService(4, variant("sua"));
  setSctpService(5, variant("m2pa"));
  setSctpService(7, define(count, "megaco", TCP | UDP, beginsMegaco, recogniseMegaco));
  setSctpService(18, variant("s1ap"));
  setSctpService(24, variant("sbc-ap"));
  setSctpService(27, variant("x2ap"));
  setSctpService(29, variant("lcs-ap"));
  setSctpService(60, variant("ngap"));
  setSctpService(61, variant("xnap"));
  setSctpService(62, variant("f1ap"));
  setSctpService(64, variant("e1ap"));
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

/** A name that the parser of another protocol gives; its number. */
function variant(text: string): u8 {
  name(count, text);
  return count++;
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
