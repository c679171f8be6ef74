import {entropyShare, greatest} from "../statistics.ts";
import {type FeatureGroup, log} from "./group.ts";

const described = {
  flows: `Flows, ${log}.`,
  hosts: `Distinct responders, ${log}.`,
  ports: `Distinct responder ports with their protocol, ${log}.`,
  endpoints: `Distinct endpoints, ${log}.`,
  host_share: "Distinct responders / flows.",
  port_share: "Distinct ports / flows.",
  endpoint_share: "Distinct endpoints / flows.",
  top_host_share: "Share of the responder with most flows.",
  top_port_share: "Share of the port with most flows.",
  top_endpoint_share: "Share of the top endpoint.",
  top_endpoint_flows: `Flows to the top endpoint, ${log}.`,
  most_ports_of_host: `Most distinct ports of one responder, ${log}.`,
  most_hosts_of_port: `Most distinct responders of one port, ${log}.`,
  host_entropy: "Entropy of responders / its greatest value for so many flows.",
  port_entropy: "Entropy of ports / its greatest value for so many flows."
};

/** Over how many responders, ports and endpoints the flows spread. */
export const spread: FeatureGroup<keyof typeof described> = {
  described,
  compute({rows, hosts, ports, endpoints, scratch}) {
    const n = rows.length;
    const portsOfHost = scratch.take(hosts.size);
    const hostsOfPort = scratch.take(ports.size);
    const seen = scratch.take(endpoints.size);
    for (let i = 0; i < n; i++) {
      const endpoint = endpoints.group[i];
      if (seen[endpoint] !== 0) continue;
      seen[endpoint] = 1;
      portsOfHost[hosts.group[i]]++;
      hostsOfPort[ports.group[i]]++;
    }
    return {
      flows: Math.log1p(n),
      hosts: Math.log1p(hosts.size),
      ports: Math.log1p(ports.size),
      endpoints: Math.log1p(endpoints.size),
      host_share: hosts.size / n,
      port_share: ports.size / n,
      endpoint_share: endpoints.size / n,
      top_host_share: hosts.most / n,
      top_port_share: ports.most / n,
      top_endpoint_share: endpoints.most / n,
      top_endpoint_flows: Math.log1p(endpoints.most),
      most_ports_of_host: Math.log1p(greatest(portsOfHost)),
      most_hosts_of_port: Math.log1p(greatest(hostsOfPort)),
      host_entropy: entropyShare(hosts),
      port_entropy: entropyShare(ports)
    };
  }
};
