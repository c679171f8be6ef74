/** A network interface as one would name it to capture from it. */
export interface CaptureInterface {
  readonly name: string;
  /** What the system says of it in words; empty where it says nothing. */
  readonly description: string;
  /** In CIDR notation; empty where it has none. */
  readonly addresses: readonly string[];
  /** Hardware address as `aa:bb:cc:dd:ee:ff`; null where it has none. */
  readonly mac: string | null;
  /** `unknown` where the system does not tell, as it does not for loopback and tunnels. */
  readonly state: "up" | "down" | "unknown";
  readonly isLoopback: boolean;
  /** Whether packets to elsewhere leave by it. */
  readonly isDefault: boolean;
}
