import type {Random} from "../random.ts";

type Stack = Readonly<Record<string, number | string>>;

const ipv4 = (settings: Readonly<Record<string, number | string>>): Stack =>
  Object.fromEntries(Object.entries(settings).map(([name, value]) => [`net.ipv4.${name}`, value]));

/** TCP/IP stacks as their first packets look: time to live, options, windows, ports. */
const stacks: readonly (readonly [name: string, weight: number, stack: Stack])[] = [
  ["linux", 3, {}],
  [
    "windows",
    4,
    ipv4({ip_default_ttl: 128, tcp_timestamps: 0, ip_local_port_range: "49152 65535", tcp_rmem: "4096 65535 4194304"})
  ],
  ["apple", 2, ipv4({ip_local_port_range: "49152 65535", tcp_rmem: "4096 131072 4194304", tcp_ecn: 1})],
  [
    "device",
    2,
    ipv4({
      ip_default_ttl: 255,
      tcp_timestamps: 0,
      tcp_sack: 0,
      tcp_window_scaling: 0,
      tcp_rmem: "2048 5840 8192",
      ip_local_port_range: "1025 9000"
    })
  ],
  [
    "old",
    1,
    ipv4({tcp_window_scaling: 0, tcp_timestamps: 0, tcp_rmem: "4096 16384 32768", ip_local_port_range: "1024 5000"})
  ],
  ["fast", 1, ipv4({tcp_congestion_control: "bbr", tcp_rmem: "4096 262144 8388608", tcp_slow_start_after_idle: 0})]
];

export function drawStack(random: Random): Stack {
  return random.weighted(stacks.map(([, weight, stack]) => [stack, weight] as const));
}
