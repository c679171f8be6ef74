/** A technique of MITRE ATT&CK for Enterprise (T0…: for industrial control systems) with the tactic that it is looked up under here; several have more. */
export interface Technique {
  readonly name: string;
  readonly tactic: Tactic;
}

/** Tactics in the order of an attack. */
export const tactics = [
  "Reconnaissance",
  "Initial access",
  "Execution",
  "Persistence",
  "Defense evasion",
  "Credential access",
  "Discovery",
  "Lateral movement",
  "Command and control",
  "Exfiltration",
  "Impact",
  "Other"
] as const;
export type Tactic = (typeof tactics)[number];

/** The techniques that rules name, by id. */
export const techniques: Readonly<Record<string, Technique>> = {
  T1595: {name: "Active Scanning", tactic: "Reconnaissance"},
  "T1595.002": {name: "Vulnerability Scanning", tactic: "Reconnaissance"},
  "T1595.003": {name: "Wordlist Scanning", tactic: "Reconnaissance"},
  T1189: {name: "Drive-by Compromise", tactic: "Initial access"},
  T1190: {name: "Exploit Public-Facing Application", tactic: "Initial access"},
  "T1566.002": {name: "Spearphishing Link", tactic: "Initial access"},
  T1203: {name: "Exploitation for Client Execution", tactic: "Execution"},
  T1200: {name: "Hardware Additions", tactic: "Initial access"},
  T1047: {name: "Windows Management Instrumentation", tactic: "Execution"},
  "T1053.005": {name: "Scheduled Task", tactic: "Execution"},
  "T1569.002": {name: "Service Execution", tactic: "Execution"},
  T1112: {name: "Modify Registry", tactic: "Execution"},
  T1098: {name: "Account Manipulation", tactic: "Persistence"},
  "T1505.001": {name: "SQL Stored Procedures", tactic: "Persistence"},
  T1599: {name: "Network Boundary Bridging", tactic: "Defense evasion"},
  "T1070.001": {name: "Clear Windows Event Logs", tactic: "Defense evasion"},
  T1003: {name: "OS Credential Dumping", tactic: "Credential access"},
  "T1003.004": {name: "LSA Secrets", tactic: "Credential access"},
  "T1003.006": {name: "DCSync", tactic: "Credential access"},
  T1110: {name: "Brute Force", tactic: "Credential access"},
  "T1110.001": {name: "Password Guessing", tactic: "Credential access"},
  "T1110.003": {name: "Password Spraying", tactic: "Credential access"},
  T1187: {name: "Forced Authentication", tactic: "Credential access"},
  T1557: {name: "Adversary-in-the-Middle", tactic: "Credential access"},
  "T1557.001": {name: "LLMNR/NBT-NS Poisoning and SMB Relay", tactic: "Credential access"},
  "T1557.002": {name: "ARP Cache Poisoning", tactic: "Credential access"},
  "T1557.003": {name: "DHCP Spoofing", tactic: "Credential access"},
  "T1558.003": {name: "Kerberoasting", tactic: "Credential access"},
  "T1558.004": {name: "AS-REP Roasting", tactic: "Credential access"},
  "T1602.002": {name: "Network Device Configuration Dump", tactic: "Credential access"},
  T0846: {name: "Remote System Discovery", tactic: "Discovery"},
  T1018: {name: "Remote System Discovery", tactic: "Discovery"},
  T1046: {name: "Network Service Discovery", tactic: "Discovery"},
  T1087: {name: "Account Discovery", tactic: "Discovery"},
  "T1087.002": {name: "Domain Account", tactic: "Discovery"},
  "T1087.003": {name: "Email Account", tactic: "Discovery"},
  T1135: {name: "Network Share Discovery", tactic: "Discovery"},
  T1021: {name: "Remote Services", tactic: "Lateral movement"},
  "T1021.002": {name: "SMB/Windows Admin Shares", tactic: "Lateral movement"},
  "T1021.003": {name: "Distributed Component Object Model", tactic: "Lateral movement"},
  "T1021.006": {name: "Windows Remote Management", tactic: "Lateral movement"},
  T1210: {name: "Exploitation of Remote Services", tactic: "Lateral movement"},
  T1071: {name: "Application Layer Protocol", tactic: "Command and control"},
  "T1071.001": {name: "Web Protocols", tactic: "Command and control"},
  "T1071.003": {name: "Mail Protocols", tactic: "Command and control"},
  "T1071.004": {name: "DNS", tactic: "Command and control"},
  T1095: {name: "Non-Application Layer Protocol", tactic: "Command and control"},
  T1105: {name: "Ingress Tool Transfer", tactic: "Command and control"},
  T1219: {name: "Remote Access Tools", tactic: "Command and control"},
  T1572: {name: "Protocol Tunneling", tactic: "Command and control"},
  "T1090.003": {name: "Multi-hop Proxy", tactic: "Command and control"},
  T1568: {name: "Dynamic Resolution", tactic: "Command and control"},
  "T1568.002": {name: "Domain Generation Algorithms", tactic: "Command and control"},
  T1571: {name: "Non-Standard Port", tactic: "Command and control"},
  "T1573.002": {name: "Asymmetric Cryptography", tactic: "Command and control"},
  T1048: {name: "Exfiltration Over Alternative Protocol", tactic: "Exfiltration"},
  "T1048.003": {name: "Exfiltration Over Unencrypted Non-C2 Protocol", tactic: "Exfiltration"},
  T0816: {name: "Device Restart/Shutdown", tactic: "Impact"},
  T0836: {name: "Modify Parameter", tactic: "Impact"},
  T0843: {name: "Program Download", tactic: "Impact"},
  T1485: {name: "Data Destruction", tactic: "Impact"},
  T1486: {name: "Data Encrypted for Impact", tactic: "Impact"},
  T1496: {name: "Resource Hijacking", tactic: "Impact"},
  T1529: {name: "System Shutdown/Reboot", tactic: "Impact"},
  "T1498.001": {name: "Direct Network Flood", tactic: "Impact"},
  "T1498.002": {name: "Reflection Amplification", tactic: "Impact"},
  T1499: {name: "Endpoint Denial of Service", tactic: "Impact"},
  "T1499.001": {name: "OS Exhaustion Flood", tactic: "Impact"},
  "T1499.002": {name: "Service Exhaustion Flood", tactic: "Impact"},
  "T1499.004": {name: "Application or System Exploitation", tactic: "Impact"}
};

/** The tactic of a technique, or of the technique that it is part of. */
export function tacticOf(id: string | null): Tactic {
  return (id === null ? undefined : (techniques[id] ?? techniques[id.split(".")[0]])?.tactic) ?? "Other";
}

/** Id and name of a technique, as far as it is known. */
export function techniqueName(id: string | null): string {
  if (id === null) return "no technique";
  const name = techniques[id]?.name;
  return name === undefined ? id : `${id} ${name}`;
}
