import type {DimensionName} from "./dimensions.js";
import type {Cell} from "./question.js";

/**
 * Colours by meaning, as CSS variables that the style sheet sets for light and dark; after Okabe and Ito (2008), so
 * that they differ for readers who see fewer colours. Vermilion is kept for what is suspicious.
 */
const services: Readonly<Record<string, string>> = {
  tls: "var(--fb-blue)",
  http: "var(--fb-orange)",
  dns: "var(--fb-green)",
  quic: "var(--fb-sky)",
  ssh: "var(--fb-pink)",
  ntp: "var(--fb-olive)",
  mqtt: "var(--fb-violet)",
  dhcp: "var(--fb-brown)",
  smtp: "var(--fb-teal)",
  redis: "var(--fb-rose)",
  ftp: "var(--fb-sand)",
  // Often beside DHCP or beside one another: hashed, they had the same colour.
  stun: "var(--fb-violet)",
  smb: "var(--fb-rose)",
  mdns: "var(--fb-teal)",
  ssdp: "var(--fb-sand)",
  llmnr: "var(--fb-rose)",
  netbios: "var(--fb-brown)",
  rdp: "var(--fb-violet)",
  kerberos: "var(--fb-olive)",
  ldap: "var(--fb-teal)"
};

const others = [
  "var(--fb-olive)",
  "var(--fb-violet)",
  "var(--fb-brown)",
  "var(--fb-teal)",
  "var(--fb-rose)",
  "var(--fb-sand)"
];

const protos: Readonly<Record<number, string>> = {
  6: "var(--fb-blue)",
  17: "var(--fb-green)",
  1: "var(--fb-orange)",
  58: "var(--fb-sand)",
  132: "var(--fb-pink)",
  2: "var(--fb-violet)",
  47: "var(--fb-brown)"
};

const verdicts: Readonly<Record<string, string>> = {
  normal: "var(--fb-normal)",
  suspicious: "var(--fb-suspicious)",
  unusual: "var(--fb-anomaly)",
  not_judged: "var(--fb-grey)"
};

/** Colour of everything that has no group of its own. */
export const otherColor = "var(--fb-grey-light)";

/** The colour of a group: the same on every page, whatever else is shown. */
export function groupColor(dimension: DimensionName, value: Cell): string {
  if (value === null) return "var(--fb-grey)";
  if (dimension === "service") return services[value as string] ?? hashed(String(value));
  if (dimension === "proto") return protos[value as number] ?? hashed(String(value));
  if (dimension === "verdict") return verdicts[value as string];
  if (dimension === "label") return value === "Normal" ? "var(--fb-normal)" : hashed(String(value));
  return "var(--fb-blue)";
}

function hashed(name: string): string {
  let hash = 0;
  for (let i = 0; i < name.length; i++) hash = (Math.imul(hash, 31) + name.charCodeAt(i)) | 0;
  return others[Math.abs(hash) % others.length];
}
