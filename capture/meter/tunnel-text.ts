/** Names of encapsulations by the core's numbers (core/constants.ts), and whether an identifier follows. */
const kinds: Record<number, {name: string; hasId: boolean; idText?: (id: number) => string}> = {
  1: {name: "ipip", hasId: false},
  2: {name: "6in4", hasId: false},
  3: {name: "4in6", hasId: false},
  4: {name: "6in6", hasId: false},
  5: {name: "gre", hasId: false},
  6: {name: "gre", hasId: true},
  7: {name: "pptp", hasId: false},
  8: {name: "erspan", hasId: true},
  9: {name: "vxlan", hasId: true},
  10: {name: "geneve", hasId: true},
  11: {name: "gtpu", hasId: true},
  12: {name: "teredo", hasId: false},
  13: {name: "etherip", hasId: false},
  14: {name: "mpls-in-ip", hasId: false},
  15: {name: "nvgre", hasId: true},
  // Tunnel and session.
  16: {name: "l2tp", hasId: true, idText: (id) => `${id >>> 16}/${id & 0xffff}`},
  17: {name: "l2tpv3", hasId: true},
  18: {name: "ayiya", hasId: false},
  19: {name: "tzsp", hasId: false},
  20: {name: "capwap", hasId: false},
  21: {name: "lisp", hasId: false},
  22: {name: "lisp", hasId: true}
};

/**
 * Text of a stack of encapsulations from the outside in (`gre>vxlan:7`): pairs of 32-bit words (identifier, kind).
 * MPLS labels and PPPoE sessions below the outermost IP header are link layer and not named. Identifiers of GTP-U and L2TP
 * are those of the flow's first packet, since each direction has its own.
 */
export function tunnelText(words: Uint32Array, depth: number): string {
  const parts: string[] = [];
  for (let i = 0; i < depth; i++) {
    const {name, hasId, idText = String} = kinds[words[2 * i + 1]];
    parts.push(hasId ? `${name}:${idText(words[2 * i])}` : name);
  }
  return parts.join(">");
}
