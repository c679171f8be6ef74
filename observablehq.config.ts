import "./scripts/silent.js";
import {existsSync} from "node:fs";
import {dirname, join} from "node:path";
import {fileURLToPath} from "node:url";
import {useLocalModules} from "./server/notebook/local-modules.ts";
import {sidebar} from "./server/notebook/sidebar.ts";

const project = dirname(fileURLToPath(import.meta.url));

// Framework reads this file before it asks for any module.
useLocalModules({root: project, cache: "src/.observablehq/cache"});

/** The notebook's own pages in the order of an analyst's work: what happened, in which traffic, what was said in it. */
const chapters = [
  {
    name: "What happened",
    open: true,
    pages: [
      {name: "Overview", path: "/index"},
      {name: "Notices", path: "/notices"},
      {name: "Incident", path: "/incident"},
      {name: "Anomalies", path: "/anomalies"},
      {name: "Case", path: "/case"},
      {name: "Report", path: "/report"},
      {name: "Share", path: "/share"}
    ]
  },
  {
    name: "Traffic",
    open: true,
    pages: [
      {name: "Live", path: "/live"},
      {name: "Time series", path: "/time-series"},
      {name: "Protocols", path: "/protocols"},
      {name: "Hosts", path: "/hosts"},
      {name: "Host", path: "/host"},
      {name: "Connections", path: "/connections"},
      {name: "Flows", path: "/flows"},
      {name: "Scans and beacons", path: "/scans"},
      {name: "TCP health", path: "/tcp"},
      {name: "Compare", path: "/compare"}
    ]
  },
  {
    name: "What was said",
    open: true,
    pages: [
      {name: "DNS", path: "/dns"},
      {name: "HTTP", path: "/http"},
      {name: "TLS", path: "/tls"},
      {name: "Files", path: "/files"},
      {name: "Logins", path: "/logins"},
      {name: "Databases", path: "/databases"},
      {name: "Remote calls", path: "/remote-calls"},
      {name: "Industrial", path: "/industrial"},
      {name: "Link layer", path: "/link-layer"}
    ]
  },
  {
    name: "The notebook",
    open: true,
    pages: [
      {name: "SQL", path: "/sql"},
      {name: "Gallery", path: "/gallery"}
    ]
  },
  {
    name: "Rules and models",
    open: false,
    pages: [
      {name: "Rules and ATT&CK", path: "/rules"},
      {name: "Verdicts and model", path: "/verdicts"},
      {name: "Training runs", path: "/experiments"},
      {name: "Conformance", path: "/conformance"}
    ]
  },
  {
    name: "Housekeeping",
    open: false,
    pages: [
      {name: "Captures", path: "/captures"},
      {name: "Runs", path: "/runs"},
      {name: "Health", path: "/health"}
    ]
  }
];

const icon = encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path d="M1 13V3h2v10zm4 0V7h2v6zm4 0V5h2v8zm4 0V1h2v12z" fill="#4269d0"/></svg>'
);

/** The notebook's settings for Observable Framework. */
export default {
  // Absolute, so that it does not matter where flowbook is called.
  root: join(project, "src"),
  output: join(project, "dist"),
  title: "flowbook",
  pages: sidebar(join(project, "src"), chapters),
  head: `<link rel="icon" type="image/svg+xml" href="data:image/svg+xml,${icon}">`,
  footer: "flowbook",
  pager: false,
  // Its own style where there is one; neither it nor Framework's themes may name another origin.
  ...(existsSync(join(project, "src/style.css")) ? {style: "style.css"} : {theme: ["light", "dark"]}),
  globalStylesheets: [],
  // Links that a plain file server and an opened folder understand.
  preserveExtension: true,
  preserveIndex: true,
  interpreters: {".ts": [process.execPath, `--import=${new URL("./scripts/typescript-hook.js", import.meta.url)}`]},
  // Without these two, pages that use DuckDB would fetch its extensions from elsewhere.
  duckdb: {extensions: {json: null, parquet: null}}
};
