import {defineRule, placeOf, type ServiceRow} from "./rule.ts";
import {sessions} from "./sessions.ts";
import {atLeast, counted, fact, span} from "./wording.ts";

type Row = ServiceRow & {broken: number};

const limits = {
  broken: {
    value: 4,
    unit: "logins",
    doc: "Logins by IPMI that one client begins at one device within a session and does not finish: after the device's answer, which holds a digest of the password, nothing follows"
  },
  packets: {
    value: 4,
    unit: "packets",
    doc: "Packets of the client in such a login at most; one that succeeds has eight and more"
  },
  payload: {value: 400, unit: "bytes", doc: "Payload of the client in it at most"},
  gap: {value: 60, unit: "s", doc: "A session ends when no login begins for so long"}
} as const;

/**
 * Passwords of baseboard management controllers (IPMI 2.0 §13.20: a device sends a digest of the user's password before the
 * client has proved anything): a tool asks for the digest of one user after another and guesses at home.
 */
export const ipmiGuessing = defineRule<typeof limits, Row>({
  name: "ipmi_guessing",
  doc: "A client begins logins by IPMI again and again and goes no further.",
  blindTo:
    "A few users; logins that succeed, as with cipher suite 0; IPMI 1.5; what is guessed later. A monitor whose password is wrong and that tries again within a minute looks the same.",
  attackTechnique: "T1110.001",
  severity: "medium",
  limits,
  tables: ["flows"],
  startsFrom: {flows: "service = 'ipmi'"},
  judgesOpen: true,
  countedFlows: "f.service = 'ipmi'",
  query: (scope, {broken, packets, payload, gap}) => `
    SELECT capture_sha256, src_ip, dst_ip, dst_port, min(ts_start) AS ts_start, max(ts_end) AS ts_end, count(*) AS flows, count(*) AS broken
    FROM ${sessions(
      scope.dialect,
      `(SELECT * FROM ${scope.rows("flows")} f WHERE service = 'ipmi' AND proto = 17 AND src_pkts BETWEEN 2 AND ${packets.value} AND dst_pkts >= 1 AND src_payload_bytes <= ${payload.value})`,
      ["capture_sha256", "src_ip", "dst_ip", "dst_port"],
      gap.value * 1000
    )} s
    GROUP BY capture_sha256, src_ip, dst_ip, dst_port, session HAVING count(*) >= ${broken.value}`,
  incidents: (rows, {broken}) =>
    rows.map((row) => ({
      ...placeOf(row),
      summary: `${row.src_ip} began ${counted(row.broken, "login")} by IPMI at ${row.dst_ip} in ${span(row.ts_end - row.ts_start)} and finished none.`,
      reasons: [atLeast("logins begun", row.broken, broken), fact("port", row.dst_port)]
    }))
});
