import {placeOfFlows, together} from "./merge.ts";
import {defineRule, type OneFlowRow} from "./rule.ts";
import {atLeast, fact} from "./wording.ts";

type Row = OneFlowRow & {
  name: string | null;
  size: number;
};

const limits = {
  answers: {
    value: 1,
    unit: "answers",
    doc: "Answers of a web server that hold what a command, or a file of secrets, gives"
  },
  page: {
    value: 30_000,
    unit: "bytes",
    doc: "A page of HTML that is longer is an article about such output, or a course"
  },
  gap: {value: 600, unit: "s", doc: "Answers so close together are one incident"}
} as const;

/**
 * An attack on a web application that worked, whatever the request looked like: the answer holds what `id`, `ipconfig` or
 * `dir` prints, or /etc/passwd, win.ini or boot.ini.
 */
export const commandOutput = defineRule<typeof limits, Row>({
  name: "command_output",
  doc: "A web server answers with the output of a command, or with a file of the system that holds accounts.",
  blindTo:
    "Answers within TLS or compressed; output behind the first 960 bytes of the answer, of other commands than the usual ones, and in what a server answers for its root, as pages do by which people test detection. Courses, tickets and pastes about such output, and consoles of devices by HTTP, look the same.",
  attackTechnique: "T1190",
  severity: "medium",
  limits,
  tables: ["flows", "files"],
  startsFrom: {files: "attack_sign = 'output'"},
  judgesOpen: true,
  countedFlows: "f.service = 'http'",
  query: (scope, {page}) => `
    SELECT x.capture_sha256, CAST(x.flow_id AS VARCHAR) AS flow_id, f.src_ip, f.dst_ip, f.dst_port, x.ts AS ts_start, x.ts AS ts_end, x.name, CAST(x.size AS DOUBLE) AS size
    FROM ${scope.rows("files")} x JOIN ${scope.rows("flows")} f ON x.flow_id = f.flow_id AND x.capture_sha256 = f.capture_sha256
    WHERE x.attack_sign = 'output' AND x.sent_by = 'responder' AND x.protocol = 'http' AND x.name IS NOT NULL AND lower(x.name) NOT IN ('index.html', 'index.htm')
      AND NOT (coalesce(x.found_type, '') = 'text/html' AND x.size >= ${page.value})`,
  incidents: (rows, {answers, gap}) =>
    together(rows, (row) => `${row.capture_sha256} ${row.src_ip} ${row.dst_ip}`, gap.value * 1e6).map((group) => {
      const [{src_ip, dst_ip, name, size}] = group;
      return {
        ...placeOfFlows(group),
        summary: `${dst_ip} answered ${src_ip} with what a command of the system prints.`,
        reasons: [
          atLeast("answers with the output of a command", group.length, answers),
          fact("the first one", (name ?? "/").slice(0, 120)),
          fact("its size", size, "bytes")
        ]
      };
    })
});
