import type {TextColumn} from "../../schema/rows.ts";
import type {FinishedFlows} from "../meter/meter.ts";

/** IANA protocol numbers of the transports whose ports say something. */
const transport = {tcp: 6, udp: 17} as const;

type Transport = (typeof transport)[keyof typeof transport];

/**
 * What is usually found at a responder's port, by the names of `flows.service` (IANA's service names and port numbers,
 * and what is common). A guess: nothing but a hint for people where no content told.
 */
const usual: Readonly<Record<Transport, Readonly<Record<string, readonly number[]>>>> = {
  [transport.tcp]: {
    amqp: [5672],
    bittorrent: [6881, 6882, 6883, 6884, 6885, 6886, 6887, 6888, 6889],
    dnp3: [20000],
    dns: [53],
    ftp: [21],
    "ftp-data": [20],
    http: [80, 591, 8000, 8008, 8080, 8081, 8888, 3128],
    imap: [143],
    irc: [6660, 6661, 6662, 6663, 6664, 6665, 6666, 6667, 6668, 6669, 7000],
    kerberos: [88, 464],
    ldap: [389, 3268],
    modbus: [502],
    mongodb: [27017, 27018, 27019],
    mqtt: [1883],
    mssql: [1433],
    mysql: [3306],
    netbios: [137],
    nfs: [2049],
    oracle: [1521],
    pop3: [110],
    postgresql: [5432],
    pptp: [1723],
    rdp: [3389],
    redis: [6379],
    rpcbind: [111],
    rsync: [873],
    rtsp: [554],
    sip: [5060],
    smb: [139, 445],
    smtp: [25, 587, 2525],
    socks: [1080],
    ssh: [22],
    telnet: [23],
    tls: [443, 465, 563, 636, 853, 989, 990, 992, 993, 994, 995, 3269, 5061, 5671, 5986, 6514, 8443, 8883],
    vnc: [5900, 5901, 5902, 5903],
    whois: [43],
    winrm: [5985],
    xmpp: [5222, 5269]
  },
  [transport.udp]: {
    coap: [5683],
    dhcp: [67, 68],
    dhcpv6: [546, 547],
    dns: [53],
    ike: [500, 4500],
    kerberos: [88, 464],
    l2tp: [1701],
    ldap: [389],
    llmnr: [5355],
    mdns: [5353],
    netbios: [137, 138],
    netflow: [2055, 4739, 9995],
    nfs: [2049],
    ntp: [123],
    openvpn: [1194],
    quic: [443],
    radius: [1812, 1813, 1645, 1646],
    rdp: [3389],
    rpcbind: [111],
    sip: [5060],
    snmp: [161, 162],
    ssdp: [1900],
    stun: [3478, 3479],
    syslog: [514],
    tftp: [69],
    wireguard: [51820]
  }
};

const names = [...new Set(Object.values(usual).flatMap((services) => Object.keys(services)))].sort();

/** By transport and port: place of the name, -1 where nothing is expected. */
const codes: Readonly<Record<Transport, Int8Array>> = {6: codesOf(transport.tcp), 17: codesOf(transport.udp)};

function codesOf(proto: Transport): Int8Array {
  const places = new Int8Array(65_536).fill(-1);
  for (const [name, ports] of Object.entries(usual[proto]))
    for (const port of ports) places[port] = names.indexOf(name);
  return places;
}

/** `flows.service_guess` of a batch whose services by content are given: NULL where one is known, or nothing usual. */
export function guessedServices(flows: FinishedFlows, known: TextColumn): TextColumn {
  const {rows} = flows;
  const proto = flows.column("proto") as Float64Array;
  const port = flows.column("dst_port") as Float64Array;
  const guesses = new Int32Array(rows);
  const {codes: knownCodes} = known;
  const {6: tcp, 17: udp} = codes;
  for (let row = 0; row < rows; row++) {
    const transportOf = knownCodes[row] >= 0 ? -1 : proto[row];
    guesses[row] = transportOf === transport.tcp ? tcp[port[row]] : transportOf === transport.udp ? udp[port[row]] : -1;
  }
  return {codes: guesses, values: names};
}

/** What is usually found at a responder's port; null where nothing is. */
export function guessedService(proto: number, port: number): string | null {
  return proto === transport.tcp || proto === transport.udp ? (names[codes[proto][port]] ?? null) : null;
}
