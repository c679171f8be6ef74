import {dns} from "./dns.ts";
import {echo} from "./echo.ts";
import {forward} from "./forward.ts";
import {ftp} from "./ftp.ts";
import {http} from "./http.ts";
import {lines} from "./lines.ts";
import {ntp} from "./ntp.ts";
import {proxy} from "./proxy.ts";
import {push} from "./push.ts";
import {sink} from "./sink.ts";
import {sip} from "./sip.ts";
import {smtp} from "./smtp.ts";
import {snmp} from "./snmp.ts";
import {stream} from "./stream.ts";
import {stun} from "./stun.ts";

/** The lab's own servers, run in a host's namespace: main.ts FOLDER KIND:PORT … */
const kinds: Record<string, (port: number, folder: string) => void> = {
  http: (port, folder) => http(port, folder, false),
  https: (port, folder) => http(port, folder, true),
  smtp,
  ftp,
  dns,
  ntp,
  lines,
  push: (port, folder) => push(port, folder, false),
  "push-tls": (port, folder) => push(port, folder, true),
  stream,
  sink,
  proxy,
  stun,
  sip,
  snmp,
  echo,
  forward
};

process.on("uncaughtException", (error) => console.error(error.message));
const [folder, ...wanted] = process.argv.slice(2);
for (const item of wanted) {
  const [kind, port] = item.split(":");
  if (!kinds[kind]) throw new Error(`no server ${kind}; there are ${Object.keys(kinds).join(", ")}`);
  kinds[kind](Number(port), folder);
}
