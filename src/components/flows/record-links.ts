import {element} from "../page/element.js";

/** Leads from flows of some services to what was said in them, `hash` being the filter that leaves these flows; null where nothing is read of them. */
export function recordLinks(services: readonly (string | null)[], hash: string): HTMLElement | null {
  const pages = [...new Set(services.flatMap(recordPages))];
  if (pages.length === 0) return null;
  return element(
    "div",
    {class: "fb-actions"},
    ...pages.map(([page, words]) =>
      element("a", {class: "fb-button", href: `./${page}.html#${hash}`, "data-testid": `records-${page}`}, words)
    )
  );
}

/** The pages that show what was said in flows of a service, with the words of their links. */
export function recordPages(service: string | null): readonly (readonly [page: string, words: string])[] {
  return pagesOf[service ?? ""] ?? [];
}

const [dnsPage, httpPage, tlsPage, filesPage, loginsPage, databasesPage, callsPage, industrialPage] = [
  ["dns", "DNS queries"],
  ["http", "HTTP requests"],
  ["tls", "TLS handshake"],
  ["files", "Files"],
  ["logins", "Logins"],
  ["databases", "Requests to the database"],
  ["remote-calls", "Remote calls"],
  ["industrial", "Industrial requests"]
] as const;

const pagesOf: Readonly<Record<string, ReturnType<typeof recordPages>>> = {
  dns: [dnsPage],
  mdns: [dnsPage],
  llmnr: [dnsPage],
  http: [httpPage, filesPage],
  http2: [httpPage, filesPage],
  grpc: [httpPage, filesPage],
  tls: [tlsPage],
  quic: [tlsPage],
  ftp: [loginsPage, filesPage],
  "ftp-data": [filesPage],
  dcc: [filesPage],
  tftp: [filesPage],
  smtp: [loginsPage, filesPage],
  pop3: [loginsPage, filesPage],
  imap: [loginsPage, filesPage],
  ssh: [loginsPage],
  telnet: [loginsPage],
  socks: [loginsPage],
  rsync: [loginsPage],
  kerberos: [loginsPage],
  ldap: [callsPage],
  smb: [loginsPage, callsPage, filesPage],
  dcerpc: [callsPage],
  mysql: [databasesPage],
  postgresql: [databasesPage],
  redis: [databasesPage],
  mssql: [databasesPage],
  mongodb: [databasesPage],
  modbus: [industrialPage],
  dnp3: [industrialPage],
  s7comm: [industrialPage],
  "s7comm-plus": [industrialPage],
  mms: [industrialPage],
  opcua: [industrialPage],
  melsec: [industrialPage],
  fins: [industrialPage],
  "hart-ip": [industrialPage],
  "ge-srtp": [industrialPage],
  c37118: [industrialPage],
  iec104: [industrialPage],
  enip: [industrialPage],
  bacnet: [industrialPage]
};
