import {formatBytes, formatCount} from "../../lib/format.js";
import {protocolName, serviceName} from "../../lib/names.js";
import type {Answer} from "../../lib/question.js";
import {servicePorts} from "../../lib/questions/service-ports.js";
import {expectedServices, portMismatch} from "../../lib/usual-ports.js";
import {chart} from "../charts/chart.js";
import {element} from "../page/element.js";
import type {Notebook} from "../page/notebook.js";

const mostRows = 30;

/** Services that answer on ports where they are not usual: harmless often, but worth a look. */
export function mismatchTable(notebook: Notebook): HTMLElement {
  return chart(notebook, {
    id: "port-mismatch",
    title: "Service on an unusual port",
    note: "Services recognised by content on a port that is not usual for them.",
    ask: ({filter}) => ({question: servicePorts, filter}),
    nothing: "Every recognised service uses one of its usual ports.",
    draw: (answer) => ({node: table(answer)})
  });
}

function table({rows}: Answer): HTMLElement {
  const astray = rows.flatMap(([service, proto, port, flows, bytes]) => {
    const kind = portMismatch(service as string, port as number);
    return kind
      ? [
          {
            service: service as string,
            proto: proto as number,
            port: port as number,
            flows: flows as number,
            bytes: bytes as number,
            kind
          }
        ]
      : [];
  });
  astray.sort((a, b) => Number(b.kind === "other") - Number(a.kind === "other") || b.flows - a.flows);
  const head = ["Service", "Port", "Usual there", "Flows", "Bytes"].map((name, i) =>
    element("th", {scope: "col", class: i > 2 ? "fb-number" : null}, name)
  );
  return element(
    "div",
    {class: "fb-table-scroll fb-plain", tabindex: 0, role: "region", "aria-label": "Services on unusual ports"},
    element(
      "table",
      {class: "fb-table"},
      element("thead", {}, element("tr", {}, ...head)),
      element(
        "tbody",
        {},
        ...astray
          .slice(0, mostRows)
          .map(({service, proto, port, flows, bytes, kind}) =>
            element(
              "tr",
              {},
              element("td", {}, serviceName(service)),
              element("td", {"data-label": "Port"}, `${port}/${protocolName(proto).toLowerCase()}`),
              element(
                "td",
                {"data-label": "Usual there", "data-tone": kind === "other" ? "warn" : null},
                expectedServices(port).map(serviceName).join(", ") || "nothing known"
              ),
              element("td", {"data-label": "Flows", class: "fb-number"}, formatCount(flows)),
              element("td", {"data-label": "Bytes", class: "fb-number"}, formatBytes(bytes))
            )
          )
      )
    ),
    astray.length > mostRows &&
      element(
        "p",
        {class: "fb-note"},
        `The first ${mostRows} of ${astray.length === servicePorts.limit ? "more than " : ""}${formatCount(astray.length)}.`
      )
  );
}
