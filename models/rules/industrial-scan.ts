import {defineRule, placeOf, type ServiceRow} from "./rule.ts";
import {sessions} from "./sessions.ts";
import {atLeast, atMost, fact, span} from "./wording.ts";

type Row = ServiceRow & {
  protocol: string;
  units: number;
  functions: number;
  addresses: number;
  requests: number;
  answered: number;
};

const limits = {
  units: {
    value: 20,
    unit: "devices",
    doc: "Different device addresses (Modbus units, DNP3 outstations) behind one host that one client tries within a session"
  },
  functions: {value: 10, unit: "functions", doc: "Or: different functions that one client tries there and is refused"},
  addresses: {
    value: 30,
    unit: "addresses",
    doc: "Or: different registers or objects that one client names there, and as many refusals; a wrong list of them is shorter, and asked again and again"
  },
  answered: {
    value: 0.3,
    unit: "of the requests",
    doc: "Share of requests that were answered without an error at most; who knows a device asks for what it has"
  },
  gap: {value: 60, unit: "s", doc: "A session ends when nothing is asked for so long"}
} as const;

/** Reconnaissance of industrial devices (nmap's modbus-discover, smod, Metasploit), or commands at random (Industroyer): unit after unit, function after function, or object after object, mostly in vain. */
export const industrialScan = defineRule<typeof limits, Row>({
  name: "industrial_scan",
  doc: "A client tries the device addresses, functions or objects of an industrial host, mostly in vain.",
  blindTo:
    "Sweeps of hosts (`host_sweep` tells of them); a few tries; devices that answer everything. A gateway whose field bus is down looks the same to a station that polls many devices behind it.",
  attackTechnique: "T0846",
  severity: "medium",
  limits,
  tables: ["flows", "industrial"],
  startsFrom: {industrial: "TRUE"},
  countedFlows: "f.service IN ('modbus', 'dnp3', 's7comm', 'enip', 'iec104', 'bacnet')",
  query: (scope, {units, functions, addresses, answered, gap}) => {
    const requests = "sum(CASE WHEN message = 'request' THEN messages ELSE 0 END)";
    const fine = "sum(CASE WHEN message = 'response' AND error IS NULL THEN messages ELSE 0 END)";
    const refused = "sum(CASE WHEN message = 'response' AND error IS NOT NULL THEN messages ELSE 0 END)";
    return `
    SELECT * FROM (
      SELECT capture_sha256, src_ip, dst_ip, min(dst_port) AS dst_port, min(ts_start) AS ts_start, max(ts_start) AS ts_end, count(DISTINCT flow_id) AS flows,
        protocol, count(DISTINCT CASE WHEN message = 'request' THEN unit END) AS units,
        count(DISTINCT CASE WHEN message = 'response' AND error IS NOT NULL THEN function_code END) AS functions,
        CASE WHEN protocol <> 'bacnet' AND ${refused} >= ${addresses.value} THEN count(DISTINCT CASE WHEN message = 'request' THEN address END) ELSE 0 END AS addresses, ${requests} AS requests, ${scope.dialect.ratio(fine, requests)} AS answered
      FROM ${sessions(
        scope.dialect,
        `(SELECT i.capture_sha256, i.flow_id, i.ts AS ts_start, i.protocol, i.message, i.unit, i.function_code, i.error, i.address, i.messages, f.src_ip, f.dst_ip, f.dst_port
          FROM ${scope.rows("industrial")} i JOIN ${scope.rows("flows")} f ON i.flow_id = f.flow_id AND i.capture_sha256 = f.capture_sha256)`,
        ["capture_sha256", "src_ip", "dst_ip", "protocol"],
        gap.value * 1000
      )} s GROUP BY capture_sha256, src_ip, dst_ip, protocol, session) g
    WHERE (units >= ${units.value} OR functions >= ${functions.value} OR addresses >= ${addresses.value}) AND answered <= ${answered.value}`;
  },
  incidents: (rows, {units, functions, addresses, answered}) =>
    rows.map((row) => ({
      ...placeOf(row),
      summary: `${row.src_ip} tried ${row.units >= units.value ? `${row.units} device addresses` : row.functions >= functions.value ? `${row.functions} functions that it does not have` : `${row.addresses} registers or objects`} of ${row.dst_ip} by ${row.protocol} in ${span(row.ts_end - row.ts_start)}, mostly in vain.`,
      reasons: [
        row.units >= units.value
          ? atLeast("device addresses tried", row.units, units)
          : row.functions >= functions.value
            ? atLeast("functions refused", row.functions, functions)
            : atLeast("registers or objects named", row.addresses, addresses),
        atMost("share of requests answered without an error", row.answered, answered),
        fact("requests", row.requests)
      ]
    }))
});
