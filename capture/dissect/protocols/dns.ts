import {coreProtocol, transport} from "../protocol.ts";

/** DNS over UDP and TCP (RFC 1035), Multicast DNS (`mdns`, RFC 6762) and LLMNR (`llmnr`, RFC 4795); read by `core/protocols/dns.ts`. */
export const dns = coreProtocol({
  name: "dns",
  transports: [transport.udp, transport.tcp],
  core: 0
});
