/** Ports where a service is usually found, from IANA's service names and what is common. */
const usual: Readonly<Record<string, readonly number[]>> = {
  dns: [53, 5353, 5355],
  mdns: [5353],
  llmnr: [5355],
  http: [80, 3128, 5000, 8000, 8008, 8080, 8081, 8888, 1900, 5357],
  tls: [443, 465, 563, 636, 853, 989, 990, 992, 993, 995, 5061, 5223, 5228, 6443, 8443, 8883, 9443, 4433],
  quic: [443, 853, 8443, 4433],
  ssh: [22, 2222],
  ftp: [21],
  smtp: [25, 587, 2525],
  imap: [143],
  pop3: [110],
  dhcp: [67, 68, 546, 547],
  ntp: [123],
  mqtt: [1883],
  snmp: [161, 162],
  ssdp: [1900],
  smb: [139, 445],
  rdp: [3389],
  sip: [5060],
  redis: [6379],
  mysql: [3306],
  postgresql: [5432]
};

/** What is usually found at a port, in the order of the list above; empty where nothing is expected. */
export function expectedServices(port: number): string[] {
  return Object.keys(usual).filter((service) => usual[service].includes(port));
}

/**
 * Whether a recognised service answers on a port where another one is usual (`other`), on a port that is usual for no
 * service we know (`uncommon`), or where it belongs (null). Services without a usual port are never judged.
 */
export function portMismatch(service: string, port: number): "other" | "uncommon" | null {
  const ports = usual[service];
  if (!ports || ports.includes(port)) return null;
  return expectedServices(port).length > 0 ? "other" : "uncommon";
}

/** {@link portMismatch} as a condition over columns. */
export function unusualPortSql(service: string, port: string): string {
  const each = Object.entries(usual).map(
    ([name, ports]) => `${service} = '${name}' AND ${port} NOT IN (${ports.join(", ")})`
  );
  return `(${each.join(" OR ")})`;
}
