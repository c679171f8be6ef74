import {TCP, UDP} from "./constants";
import {memoryBits} from "./bits";

/**
 * Well-known server ports, by which the roles are guessed where a connection's beginning was not seen (Zeek's
 * `likely_server_ports` with its default scripts).
 */
const TCP_PORTS: StaticArray<u16> = [
  21, 22, 25, 53, 80, 81, 88, 110, 111, 135, 139, 143, 389, 443, 445, 502, 514, 563, 585, 587, 614, 631, 636, 989, 990,
  992, 993, 995, 1080, 1434, 1883, 2811, 3128, 3268, 3306, 3389, 5222, 5223, 5269, 5432, 6379, 6666, 6667, 6668, 6669,
  8000, 8080, 8888, 20000
];
const UDP_PORTS: StaticArray<u16> = [
  53, 67, 88, 111, 123, 137, 161, 162, 389, 443, 514, 1812, 2123, 2152, 3389, 3544, 4011, 4754, 4789, 5060, 5072, 5353,
  5355, 6081, 20000
];

let tcp: usize = 0;
let udp: usize = 0;

export function reserveLikelyServers(): void {
  tcp = memoryBits(TCP_PORTS);
  udp = memoryBits(UDP_PORTS);
}

/** True where the port is one that servers of that protocol usually have. */
export function isLikelyServer(proto: u32, port: u32): bool {
  const bits = proto === TCP ? tcp : proto === UDP ? udp : 0;
  return bits !== 0 && ((<u32>load<u8>(bits + (port >> 3)) >> (port & 7)) & 1) !== 0;
}
