import {comparePage} from "./compare.js";
import {databasesPage} from "./databases.js";
import {dnsPage} from "./dns.js";
import {filesPage} from "./files.js";
import {hostPage, hostsPage} from "./hosts.js";
import {httpPage} from "./http.js";
import {industrialPage} from "./industrial.js";
import {linkLayerPage} from "./link-layer.js";
import {loginsPage} from "./logins.js";
import type {RecordPage} from "./record-source.js";
import {remoteCallsPage} from "./remote-calls.js";
import {scansPage} from "./scans.js";
import {tcpPage} from "./tcp.js";
import {tlsPage} from "./tls.js";

/** The pages over records. A new one is a file here, a line in this list and its Markdown. */
export const recordPages: readonly RecordPage[] = [
  dnsPage,
  httpPage,
  tlsPage,
  filesPage,
  hostsPage,
  hostPage,
  scansPage,
  loginsPage,
  databasesPage,
  remoteCallsPage,
  industrialPage,
  linkLayerPage,
  tcpPage,
  comparePage
];
