import type {Rule} from "./rule.ts";

/** Classes by ATT&CK technique; those of the classifier where they mean the same. The longest name that fits counts. */
const byTechnique: Readonly<Record<string, string>> = {
  T1003: "LateralMovement",
  T1018: "Probe",
  T1021: "LateralMovement",
  T1041: "Exfiltration",
  T1046: "PortScan",
  T1047: "LateralMovement",
  T1048: "Exfiltration",
  T1053: "LateralMovement",
  T1070: "LateralMovement",
  T1071: "Botnet",
  "T1071.004": "Exfiltration",
  T1078: "BruteForce",
  T1087: "Probe",
  T1095: "Exfiltration",
  T1098: "LateralMovement",
  T1105: "Download",
  T1110: "BruteForce",
  T1112: "LateralMovement",
  T1135: "Probe",
  T1187: "LateralMovement",
  T1189: "Download",
  T1190: "WebAttack",
  T1210: "LateralMovement",
  T1219: "Botnet",
  T1486: "Ransomware",
  T1496: "CoinMining",
  T1498: "DoS",
  "T1498.002": "DDoS",
  T1499: "DoS",
  "T1505.001": "LateralMovement",
  T1529: "LateralMovement",
  T1543: "LateralMovement",
  T1557: "Spoofing",
  T1558: "BruteForce",
  T1568: "Botnet",
  T1569: "LateralMovement",
  T1570: "LateralMovement",
  T1566: "Phishing",
  T1572: "Exfiltration",
  T1595: "WebAttack",
  "T1595.002": "Probe",
  T1599: "Spoofing"
};

/** The class of what a rule finds: of its technique, else its own name in the form of a class. */
export function classOfRule({name, attackTechnique}: Pick<Rule, "name" | "attackTechnique">): string {
  const technique = attackTechnique ?? "";
  const found = byTechnique[technique] ?? byTechnique[technique.split(".")[0]];
  return found ?? name.replaceAll(/(?:^|_)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** Classes that tell of one kind of attack, whatever names it: of one tactic of ATT&CK, or of one aim. */
const kinds: readonly (readonly string[])[] = [
  ["PortScan", "Probe"],
  ["DoS", "DDoS"],
  ["LateralMovement", "Infiltration"],
  ["Botnet", "CoinMining", "Download"]
];

/** The first class of its kind. */
export function kindOf(named: string): string {
  return kinds.find((kind) => kind.includes(named))?.[0] ?? named;
}

/** What models call what rules name more closely. */
const wider: Readonly<Record<string, string>> = {LateralMovement: "Infiltration", CoinMining: "Botnet"};

/** The class of models that means the same as a rule's. */
export function modelClassOf(named: string): string {
  return wider[named] ?? named;
}
