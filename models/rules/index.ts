import {accountDiscovery} from "./account-discovery.ts";
import {adminShare} from "./admin-share.ts";
import {arpScan} from "./arp-scan.ts";
import {arpSpoof} from "./arp-spoof.ts";
import {beaconing} from "./beaconing.ts";
import {bruteForce} from "./brute-force.ts";
import {carpetFlood} from "./carpet-flood.ts";
import {coinMining} from "./coin-mining.ts";
import {dnsTunnel} from "./dns-tunnel.ts";
import {executableDownload} from "./executable-download.ts";
import {exfiltration} from "./exfiltration.ts";
import {hostSweep} from "./host-sweep.ts";
import {httpFlood} from "./http-flood.ts";
import {icmpFlood} from "./icmp-flood.ts";
import {icmpSweep} from "./icmp-sweep.ts";
import {icmpTunnel} from "./icmp-tunnel.ts";
import {kerberosSpray} from "./kerberos-spray.ts";
import {lateralSpread} from "./lateral-spread.ts";
import {loginHops} from "./login-hops.ts";
import {newHost} from "./new-host.ts";
import {newService} from "./new-service.ts";
import {portScan} from "./port-scan.ts";
import {protocolMismatch} from "./protocol-mismatch.ts";
import {rareTls} from "./rare-tls.ts";
import {reflection} from "./reflection.ts";
import {remoteControl} from "./remote-control.ts";
import {remoteExecution} from "./remote-execution.ts";
import {remoteRpc} from "./remote-rpc.ts";
import type {Rule} from "./rule.ts";
import {slowHttp} from "./slow-http.ts";
import {synFlood} from "./syn-flood.ts";
import {udpFlood} from "./udp-flood.ts";
import {webAttack} from "./web-attack.ts";
import {webScan} from "./web-scan.ts";
import {winrm} from "./winrm.ts";

/**
 * Every rule, in the order in which they are asked. A new rule is a file and a line here, with a fixture of its name.
 */
export const rules: readonly Rule[] = [
  portScan,
  hostSweep,
  icmpSweep,
  arpScan,
  arpSpoof,
  synFlood,
  udpFlood,
  icmpFlood,
  reflection,
  carpetFlood,
  httpFlood,
  slowHttp,
  bruteForce,
  kerberosSpray,
  webScan,
  webAttack,
  executableDownload,
  coinMining,
  dnsTunnel,
  icmpTunnel,
  beaconing,
  rareTls,
  exfiltration,
  remoteExecution,
  remoteControl,
  adminShare,
  remoteRpc,
  winrm,
  lateralSpread,
  loginHops,
  accountDiscovery,
  protocolMismatch,
  newHost,
  newService
];
