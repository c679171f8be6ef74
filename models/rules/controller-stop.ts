import {placeOfServices, together, total} from "./merge.ts";
import {defineRule, type ServiceRow} from "./rule.ts";
import {sessions} from "./sessions.ts";
import {atLeast, counted, fact} from "./wording.ts";

type Row = ServiceRow & {
  commands: number;
  protocol: string;
  /** Requests for anything else of this client at this controller, in the whole capture. */
  others: number;
  first_function: string;
  last_function: string;
};

const limits = {
  commands: {value: 1, unit: "commands", doc: "Commands of one client that stop or restart a controller"},
  controllers: {
    value: 3,
    unit: "controllers",
    doc: "From so many different controllers on, within a session, the severity is high; one is what an engineer does"
  },
  others: {
    value: 1,
    unit: "requests",
    doc: "Where the client asked the controller for fewer other things, the severity is medium: an engineer's tool reads what it is about to stop, a program made to stop does not"
  },
  gap: {value: 600, unit: "s", doc: "Commands so close together are one incident"}
} as const;

/** Functions after which a controller no longer runs its program, or begins anew. */
const stops = [
  ["s7comm", ["PLC Stop"]],
  ["dnp3", ["Cold Restart", "Warm Restart", "Initialize Application", "Stop Application"]],
  ["enip", ["Stop", "Reset"]],
  ["bacnet", ["reinitializeDevice", "deviceCommunicationControl"]]
] as const;

/** Functions by which a session begins and ends. */
const openings = "'Setup communication', 'RegisterSession', 'UnRegisterSession', 'ListIdentity', 'Confirm', 'who-Is'";
const isStop = stops
  .map(
    ([protocol, names]) => `(protocol = '${protocol}' AND function IN (${names.map((name) => `'${name}'`).join(", ")}))`
  )
  .join(" OR ");

/** Stop and restart of industrial controllers: a fact of an engineer's work on one of them, an attack on several. */
export const controllerStop = defineRule<typeof limits, Row>({
  name: "controller_stop",
  doc: "A client stops or restarts industrial controllers.",
  blindTo:
    "Whether the controller obeyed; values that are set wrong; stops by Modbus, IEC 60870-5-104 and vendors' own protocols. An engineer who loads programs stops controllers, too, which is why one has a low severity, unless nothing was read of it; a capture that begins in the middle of such work looks like that, too.",
  attackTechnique: "T0816",
  severity: "low",
  limits,
  tables: ["flows", "industrial"],
  startsFrom: {industrial: isStop},
  judgesOpen: true,
  countedFlows: "f.service IN ('s7comm', 'dnp3', 'enip', 'bacnet')",
  query: (scope, {commands, gap}) => `
    SELECT g.*, coalesce(o.others, 0) AS others FROM (
    SELECT capture_sha256, src_ip, dst_ip, min(dst_port) AS dst_port, min(ts_start) AS ts_start, max(ts_start) AS ts_end, count(DISTINCT flow_id) AS flows,
      sum(messages) AS commands, min(protocol) AS protocol, min(function) AS first_function, max(function) AS last_function
    FROM ${sessions(
      scope.dialect,
      `(SELECT i.capture_sha256, i.flow_id, i.ts AS ts_start, i.protocol, i.function, i.messages, f.src_ip, f.dst_ip, f.dst_port
        FROM ${scope.rows("industrial")} i JOIN ${scope.rows("flows")} f ON i.flow_id = f.flow_id AND i.capture_sha256 = f.capture_sha256
        WHERE i.message = 'request' AND (${isStop}))`,
      ["capture_sha256", "src_ip", "dst_ip"],
      gap.value * 1000
    )} s
    GROUP BY capture_sha256, src_ip, dst_ip, session HAVING sum(messages) >= ${commands.value}) g
    LEFT JOIN (
      SELECT i.capture_sha256, f.src_ip, f.dst_ip, sum(i.messages) AS others
      FROM ${scope.rows("industrial")} i JOIN ${scope.rows("flows")} f ON i.flow_id = f.flow_id AND i.capture_sha256 = f.capture_sha256
      WHERE i.message = 'request' AND NOT (${isStop}) AND i.function NOT IN (${openings}) GROUP BY i.capture_sha256, f.src_ip, f.dst_ip) o
      ON o.capture_sha256 = g.capture_sha256 AND o.src_ip = g.src_ip AND o.dst_ip = g.dst_ip`,
  incidents: (rows, {commands, controllers, others, gap}) =>
    together(rows, (row) => `${row.capture_sha256} ${row.src_ip}`, gap.value * 1e6).map((group) => {
      const [{src_ip}] = group;
      const hosts = new Set(group.map((row) => row.dst_ip)).size;
      const names = [...new Set(group.flatMap((row) => [row.first_function, row.last_function]))].sort().join(", ");
      const asked = total(group, (row) => row.others);
      const isBare = asked < others.value;
      const sent = total(group, (row) => row.commands);
      return {
        ...placeOfServices(group),
        severity: hosts >= controllers.value ? "high" : isBare ? "medium" : "low",
        summary: `${src_ip} sent ${hosts === 1 ? group[0].dst_ip : counted(hosts, "controller")} ${counted(sent, "command")} to stop or restart (${names}).`,
        reasons: [
          atLeast("commands that stop or restart", sent, commands),
          fact("other requests", asked),
          fact("controllers", hosts),
          fact("functions", names)
        ]
      };
    })
});
