import {
  flow,
  recordOf,
  request,
  rows,
  rpcCall,
  smbFlow,
  smbRequest,
  udp
} from "../../../../models/rules/fixtures/rows/flow-rows.ts";
import type {RuleCase} from "../../../../models/rules/rule-case.ts";

/** What single programs of a user do that resembles an attack: many logins, pipes, names, a fast stream. */

const folders = rows(8, (i) =>
  flow({at: i * 2, lasts: 3, to: "10.0.0.25", toPort: 143, service: "imap", sent: 400, received: 5000})
);
const fetched = rows(12, (i) =>
  flow({at: i * 4, lasts: 2, to: "10.0.0.21", toPort: 21, service: "ftp", sent: 120, received: 700})
);
const streamed = rows(30, (i) =>
  flow({at: i * 3, to: "142.90.90.4", toPort: 80, service: "http", sent: 400, received: 6000, lasts: 1})
);
const printed = smbFlow({lasts: 30});
const named = rows(4, (i) => udp({at: i * 5, to: "10.0.0.7", toPort: 137, service: "netbios"}));

export const cases: readonly RuleCase[] = [
  {
    name: "a mail program that opens eight folders by a connection each",
    flows: folders,
    mail: folders.map((of) => ({...recordOf(of), protocol: "imap", command: "login", user: "ann", success: true})),
    expected: []
  },
  {
    name: "a script that fetches twelve files by FTP, each by a login of its own",
    flows: fetched,
    ftp: fetched.map((of) => ({...recordOf(of), user: "reports", command: "PASS", reply_code: 230})),
    expected: []
  },
  {
    name: "a document printed by way of a Windows print server",
    flows: [printed],
    smb: [
      smbRequest(printed, "tree_connect", {share: "IPC$"}),
      smbRequest(printed, "create", {share: "IPC$", path: "spoolss"})
    ],
    dcerpc: ["RpcOpenPrinter", "RpcStartDocPrinter", "RpcWritePrinter", "RpcEndDocPrinter", "RpcClosePrinter"].map(
      (operation, i) => rpcCall(printed, "spoolss", operation, {after: 2 + i})
    ),
    expected: []
  },
  {
    name: "the browser of a workgroup, which answers for its own name, the workgroup's and the browsers'",
    flows: named,
    dns: named.map((of, i) => ({
      ...recordOf(of),
      client_ip: of.src_ip,
      server_ip: of.dst_ip,
      transaction_id: i,
      query: ["FILESRV", "WORKGROUP", "\u0001\u0002__MSBROWSE__\u0002", "FILESRV"][i],
      qtype: 32,
      rcode: 0,
      answers: JSON.stringify([of.dst_ip])
    })),
    expected: []
  },
  {
    name: "a test of a line by a fast stream, agreed on by TCP",
    flows: [
      flow({at: 0, to: "10.0.3.9", toPort: 5201, lasts: 11, sent: 900, received: 700}),
      udp({
        at: 0.1,
        to: "10.0.3.9",
        toPort: 5201,
        lasts: 10,
        packets: 86_000,
        answers: 1,
        sent: 124_700_000,
        received: 4
      })
    ],
    expected: []
  },
  {
    name: "a film that a player fetches and steers by posts to an address",
    flows: streamed,
    http: streamed.map((of, i) => ({
      ...request(of, "POST", `/idle/7/${i}`, 200),
      host: of.dst_ip,
      user_agent: "Mozilla/5.0",
      request_type: "application/x-fcs"
    })),
    expected: []
  }
];
