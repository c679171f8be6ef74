import {inNetworks} from "./addresses.ts";
import {placeOfServices, together, total} from "./merge.ts";
import {defineRule, type ServiceRow} from "./rule.ts";
import {atLeast, counted, fact, span} from "./wording.ts";

type Row = ServiceRow & {
  protocol: string;
  kind: "program" | "stranger" | "wide" | "blind" | "outside";
  writes: number;
  points: number;
  /** How long others had spoken with the controller before, in ms. */
  known_ms: number;
  a_function: string;
};

const limits = {
  programs: {
    value: 1,
    unit: "requests",
    doc: "Requests of one client that bring a program or a configuration into a controller"
  },
  controllers: {
    value: 3,
    unit: "controllers",
    doc: "From so many different controllers on the severity is high; one is what an engineer does"
  },
  known: {
    value: 600,
    unit: "s",
    doc: "Another client has spoken with the controller for so long before the first word of the one that writes, and goes on"
  },
  writes: {value: 1, unit: "writes", doc: "Values that such a new client writes"},
  outside: {
    value: 1,
    unit: "writes",
    doc: "Values that a client outside the local networks writes to a controller inside: the severity is medium"
  },
  blind: {
    value: 15,
    unit: "places",
    doc: "Different places that a client writes to in one controller, though it never reads there: the severity is medium"
  },
  points: {
    value: 10_000,
    unit: "points",
    doc: "Coils and registers of one device that a client writes within a session: of 65,536 of a kind, a plant uses some hundreds"
  },
  gap: {value: 600, unit: "s", doc: "Writes so close together are one incident"}
} as const;

/** Functions that bring programs or configurations into a device. */
const programs = [
  ["s7comm", ["Request download", "Download block"]],
  ["dnp3", ["Activate Configuration", "Delete File"]]
] as const;
const isProgram = programs
  .map(
    ([protocol, names]) =>
      `(i.protocol = '${protocol}' AND i.function IN (${names.map((name) => `'${name}'`).join(", ")}))`
  )
  .join(" OR ");

/** Protocols in which a client commands a controller; in others devices write to one another. */
const commanded = "i.protocol IN ('modbus', 's7comm', 's7comm-plus', 'dnp3', 'iec104', 'enip', 'bacnet', 'fins')";

/**
 * Writes that change a plant (ATT&CK for ICS T0836, T0843): programs, values by a client that the controller did not know
 * while another one commands it, and values nearly everywhere in a device's memory.
 */
export const controllerWrite = defineRule<typeof limits, Row>({
  name: "controller_write",
  doc: "A client loads a program into industrial controllers, writes to one that others command, or writes to nearly all of its memory.",
  blindTo:
    "Writes by the station that commands the controller anyway; whether a value is harmful; strangers in captures of less than ten minutes; programs by Modbus (UMAS), CIP and encrypted S7. An engineer who comes to change something looks the same, which is why one controller has a low severity.",
  attackTechnique: "T0836",
  severity: "low",
  limits,
  tables: ["flows", "industrial"],
  startsFrom: {industrial: "is_write AND message = 'request'"},
  judgesOpen: true,
  countedFlows: "f.service IN ('modbus', 's7comm', 's7comm-plus', 'dnp3', 'iec104', 'enip', 'bacnet', 'fins')",
  query: (scope, {known, blind, points}) => `
    WITH asked AS (
      SELECT i.capture_sha256, i.flow_id, i.ts, ${scope.dialect.epochMs("i.ts")} AS at_ms, i.duration_us, i.protocol, i.function AS name, i.unit, i.address, i.points, i.messages,
        CASE WHEN i.is_write THEN 1 ELSE 0 END AS writes, CASE WHEN ${isProgram} THEN 1 ELSE 0 END AS loads, f.src_ip, f.dst_ip, f.dst_port
      FROM ${scope.rows("industrial")} i JOIN ${scope.rows("flows")} f ON f.flow_id = i.flow_id AND f.capture_sha256 = i.capture_sha256
      WHERE i.message = 'request' AND ${commanded}),
    clients AS (
      SELECT capture_sha256, dst_ip, protocol, src_ip, min(at_ms) AS since_ms, max(at_ms + duration_us / 1000e0) AS until_ms FROM asked a
      GROUP BY capture_sha256, dst_ip, protocol, src_ip),
    strangers AS (
      SELECT n.capture_sha256, n.dst_ip, n.protocol, n.src_ip, max(n.since_ms - k.since_ms) AS known_ms
      FROM clients n JOIN clients k ON k.capture_sha256 = n.capture_sha256 AND k.dst_ip = n.dst_ip AND k.protocol = n.protocol AND k.src_ip <> n.src_ip
      WHERE n.since_ms - k.since_ms >= ${known.value * 1000} AND k.until_ms >= n.since_ms
      GROUP BY n.capture_sha256, n.dst_ip, n.protocol, n.src_ip),
    places AS (
      SELECT capture_sha256, src_ip, dst_ip, protocol, unit, name, address, max(points) AS points, min(ts) AS ts_start, max(ts) AS ts_end, min(dst_port) AS dst_port, count(DISTINCT flow_id) AS flows,
        sum(messages) AS writes
      FROM asked a WHERE writes = 1 AND protocol = 'modbus' GROUP BY capture_sha256, src_ip, dst_ip, protocol, unit, name, address)
    SELECT capture_sha256, src_ip, dst_ip, min(dst_port) AS dst_port, min(ts) AS ts_start, max(ts) AS ts_end, count(DISTINCT flow_id) AS flows, protocol, 'program' AS kind,
      sum(messages) AS writes, 0 AS points, 0e0 AS known_ms, min(name) AS a_function
    FROM asked a WHERE loads = 1 GROUP BY capture_sha256, src_ip, dst_ip, protocol
    UNION ALL
    SELECT capture_sha256, src_ip, dst_ip, min(dst_port), min(ts), max(ts), count(DISTINCT flow_id), protocol, 'outside', sum(messages), 0, 0e0, min(name)
    FROM asked a WHERE writes = 1 GROUP BY capture_sha256, src_ip, dst_ip, protocol
    UNION ALL
    SELECT a.capture_sha256, a.src_ip, a.dst_ip, min(a.dst_port), min(a.ts), max(a.ts), count(DISTINCT a.flow_id), a.protocol, 'stranger',
      sum(a.messages), 0, max(s.known_ms), min(a.name)
    FROM asked a JOIN strangers s ON s.capture_sha256 = a.capture_sha256 AND s.dst_ip = a.dst_ip AND s.protocol = a.protocol AND s.src_ip = a.src_ip
    WHERE a.writes = 1 AND a.loads = 0 GROUP BY a.capture_sha256, a.src_ip, a.dst_ip, a.protocol
    UNION ALL
    SELECT capture_sha256, src_ip, dst_ip, min(dst_port), min(ts_start), max(ts_end), max(flows), protocol, 'wide', sum(writes), sum(points), 0e0, min(name)
    FROM places p GROUP BY capture_sha256, src_ip, dst_ip, protocol, unit HAVING sum(points) >= ${points.value}
    UNION ALL
    SELECT capture_sha256, src_ip, dst_ip, min(dst_port), min(ts), max(ts), count(DISTINCT flow_id), protocol, 'blind', sum(messages), count(DISTINCT address), 0e0, min(name)
    FROM asked a GROUP BY capture_sha256, src_ip, dst_ip, protocol HAVING sum(writes) = count(*) AND sum(loads) = 0 AND coalesce(sum(points), 0) < ${points.value} AND count(DISTINCT address) >= ${blind.value}`,
  incidents: (rows, limits, {localNets}) => {
    const isLocal = inNetworks(localNets);
    const isOutside = (row: Row) => !isLocal(row.src_ip) && isLocal(row.dst_ip);
    // What is told for its place is not told for coming from outside as well.
    const judged = rows.filter((row) =>
      row.kind === "outside" ? isOutside(row) : row.kind !== "stranger" || !isOutside(row)
    );
    return together(judged, (row) => `${row.capture_sha256} ${row.src_ip} ${row.kind}`, limits.gap.value * 1e6).map(
      (group) => {
        const [first] = group;
        const {src_ip, kind, a_function} = first;
        const controllers = new Set(group.map((row) => row.dst_ip)).size;
        const whom = controllers === 1 ? first.dst_ip : counted(controllers, "controller");
        const writes = total(group, (row) => row.writes);
        const told = {
          program: {
            summary: `${src_ip} loaded programs or configurations into ${whom}.`,
            reason: atLeast("requests that load", writes, limits.programs)
          },
          stranger: {
            summary: `${src_ip} wrote to ${whom}, which others had commanded for ${span(Math.min(...group.map(({known_ms}) => known_ms)) * 1000)}.`,
            reason: atLeast("writes of a new client", writes, limits.writes)
          },
          outside: {
            summary: `${src_ip}, outside the network, wrote to ${whom}.`,
            reason: atLeast("writes from outside", writes, limits.outside)
          },
          blind: {
            summary: `${src_ip} wrote to ${total(group, ({points}) => points)} places of ${whom}, and read none.`,
            reason: atLeast("places written to", Math.max(...group.map(({points}) => points)), limits.blind)
          },
          wide: {
            summary: `${src_ip} wrote to ${total(group, ({points}) => points).toLocaleString("en")} coils and registers of ${whom}.`,
            reason: atLeast("coils and registers written", Math.max(...group.map(({points}) => points)), limits.points)
          }
        }[kind];
        return {
          ...placeOfServices(group),
          severity:
            controllers >= limits.controllers.value
              ? "high"
              : kind === "wide" || kind === "blind" || kind === "outside"
                ? "medium"
                : "low",
          attackTechnique: kind === "program" ? "T0843" : "T0836",
          summary: told.summary,
          reasons: [told.reason, fact("controllers", controllers), fact("a function", a_function)]
        };
      }
    );
  }
});
