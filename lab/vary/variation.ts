/** How a capture is made into another; what is left out stays as it was. */
export interface Variation {
  readonly seed: number;
  /** Only packets of these seconds from the capture's start: connections begin in the middle. */
  readonly cut?: readonly [from: number, until: number];
  /** This share of the hosts that neither attack nor serve stays; packets of the others are left out. */
  readonly thin?: number;
  /** Only what passes between the largest network of hosts and others, as a border router sees it. */
  readonly border?: boolean;
  /** Only packets of the side that spoke first, as on one of two lines. */
  readonly oneWay?: boolean;
  /** Share of packets that are lost. */
  readonly loss?: number;
  /** Groups of that many hosts that serve nothing appear under one address, with ports of its own. */
  readonly nat?: number;
  /** Every IPv4 address becomes another; neighbours stay neighbours. */
  readonly remap?: boolean;
  /** Pauses are that many times as long: between connections, and within one where it is silent for 5 s. */
  readonly stretch?: number;
  /** Bytes kept of each packet. */
  readonly snapLength?: number;
}
