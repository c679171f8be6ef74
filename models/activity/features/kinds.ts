import {scopes} from "../flows.ts";
import {type FeatureGroup, hasPorts} from "./group.ts";

const described = {
  tcp_share: "Share of TCP.",
  udp_share: "Share of UDP.",
  icmp_share: "Share of ICMP and ICMPv6.",
  many_share: "Share of flows to multicast and broadcast addresses.",
  local_share: "Share of flows to private, link-local and loopback addresses.",
  low_port_share: "Share of responder ports below 1024.",
  high_port_share: "Share of responder ports from 32768 on."
};

/** Which protocols, and to what kinds of addresses and ports. */
export const kinds: FeatureGroup<keyof typeof described> = {
  described,
  compute({flows: {protocol, scope, dstPort}, rows}) {
    const n = rows.length;
    const count = {tcp: 0, udp: 0, icmp: 0, many: 0, local: 0, low: 0, high: 0};
    for (let i = 0; i < n; i++) {
      const row = rows[i];
      const proto = protocol[row];
      if (proto === 6) count.tcp++;
      else if (proto === 17) count.udp++;
      else if (proto === 1 || proto === 58) count.icmp++;
      if (scope[row] === scopes.many) count.many++;
      else if (scope[row] === scopes.local) count.local++;
      if (!hasPorts(proto)) continue;
      if (dstPort[row] < 1024) count.low++;
      else if (dstPort[row] >= 32_768) count.high++;
    }
    return {
      tcp_share: count.tcp / n,
      udp_share: count.udp / n,
      icmp_share: count.icmp / n,
      many_share: count.many / n,
      local_share: count.local / n,
      low_port_share: count.low / n,
      high_port_share: count.high / n
    };
  }
};
