import {placeOfServices, together} from "./merge.ts";
import {defineRule, type ServiceRow} from "./rule.ts";
import {atLeast, counted, fact} from "./wording.ts";

const limits = {
  connections: {
    value: 1,
    unit: "connections",
    doc: "Connections by which a client commands a switch by Smart Install, which asks for no password and is off in networks that are kept well"
  },
  gap: {value: 3600, unit: "s", doc: "Connections so close together are one incident"}
} as const;

/** Abuse of Cisco's Smart Install (SIET, CVE-2018-0171): configurations fetched and replaced, or a test whether that is possible. */
export const smartInstall = defineRule<typeof limits, ServiceRow>({
  name: "smart_install",
  doc: "A client commands a switch by Smart Install, which knows no password.",
  blindTo:
    "Other ports; whether the switch obeyed, beside a configuration that crosses then. A network whose switches are installed so has one director that looks the same.",
  attackTechnique: "T1210",
  severity: "medium",
  limits,
  tables: ["flows"],
  startsFrom: {flows: "service = 'smart-install'"},
  judgesOpen: true,
  countedFlows: "f.service = 'smart-install'",
  query: (scope) => `
    SELECT capture_sha256, src_ip, dst_ip, dst_port, min(ts_start) AS ts_start, max(ts_end) AS ts_end, count(*) AS flows
    FROM ${scope.rows("flows")} f WHERE service = 'smart-install' AND src_payload_bytes > 0 GROUP BY capture_sha256, src_ip, dst_ip, dst_port`,
  incidents: (rows, {connections, gap}) =>
    together(rows, (row) => `${row.capture_sha256} ${row.src_ip}`, gap.value * 1e6).map((group) => {
      const place = placeOfServices(group);
      const switches = new Set(group.map((row) => row.dst_ip)).size;
      return {
        ...place,
        summary: `${group[0].src_ip} commanded ${switches === 1 ? group[0].dst_ip : counted(switches, "switch", "switches")} by Smart Install.`,
        reasons: [atLeast("connections by Smart Install", place.flows, connections), fact("switches", switches)]
      };
    })
});
