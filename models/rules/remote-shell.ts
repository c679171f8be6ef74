import {common, extent, together, total} from "./merge.ts";
import {defineRule, type RuleRow} from "./rule.ts";
import {atLeast, counted, fact, span} from "./wording.ts";

type Row = RuleRow & {
  capture_sha256: string;
  service: "shell" | "remote-access-tool";
  src_ip: string;
  dst_ip: string;
  dst_port: number;
  ts_start: number;
  ts_end: number;
  payload: number;
};

const limits = {
  connections: {
    value: 1,
    unit: "connections",
    doc: "Plain connections that carry a command shell, or a known tool of remote access, by content"
  },
  gap: {value: 3600, unit: "s", doc: "Connections so close together are one incident"}
} as const;

/**
 * A command shell over a plain connection, or a known remote access tool: what an exploit or a malicious document leaves
 * behind. SSH, Telnet, RSH and WinRM are how administrators work, and are recognised as such.
 */
export const remoteShell = defineRule<typeof limits, Row>({
  name: "remote_shell",
  doc: "A command shell or a known tool of remote access is used over a plain connection.",
  blindTo:
    "Encrypted shells and tools; a shell whose first words, and whose first command, are others than the usual ones; connections that began before the capture. Courses and tests with nc, and consoles of devices that begin with a prompt, look the same.",
  attackTechnique: "T1219",
  severity: "high",
  limits,
  tables: ["flows"],
  startsFrom: {flows: "service IN ('shell', 'remote-access-tool')"},
  judgesOpen: true,
  countedFlows: "f.service IN ('shell', 'remote-access-tool')",
  query: (scope) => `
    SELECT capture_sha256, service, src_ip, dst_ip, dst_port, ts_start, ts_end, src_payload_bytes + dst_payload_bytes AS payload
    FROM ${scope.rows("flows")} f WHERE service IN ('shell', 'remote-access-tool')`,
  incidents: (rows, {connections, gap}) =>
    together(rows, (row) => `${row.capture_sha256} ${row.src_ip}`, gap.value * 1e6).map((group) => {
      const [{capture_sha256, src_ip}] = group;
      const server = common(group.map((row) => row.dst_ip));
      const port = common(group.map((row) => row.dst_port));
      const isTool = group.some(({service}) => service === "remote-access-tool");
      const time = extent(group);
      return {
        capture_sha256,
        ...time,
        src_ip,
        dst_ip: server,
        dst_port: port,
        flows: group.length,
        summary: `${src_ip} and ${server ?? counted(new Set(group.map((row) => row.dst_ip)).size, "host")}${port === null ? "" : ` port ${port}`} used ${isTool ? "a tool of remote access" : "a command shell"} over a plain connection for ${span(time.ts_end - time.ts_start)}.`,
        reasons: [
          atLeast(isTool ? "connections of the tool" : "connections with a shell", group.length, connections),
          fact(
            "payload",
            total(group, (row) => row.payload),
            "bytes"
          )
        ]
      };
    })
});
