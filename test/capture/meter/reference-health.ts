import type {IpPacket} from "./reference-packet.ts";

/** Wireshark's sequence analysis of a connection written plainly, and RFC 6298's timing of one segment at a time. */

const [FIN, SYN, RST, ACK] = [1, 2, 4, 16];
const before = (a: number, b: number) => ((a - b) | 0) < 0;
const u32 = (n: number) => n >>> 0;

const unknown = () => ({
  base: null as number | null,
  next: 0,
  whole: 0,
  ack: 0,
  window: null as number | null,
  dups: 0,
  keptAlive: false
});

export class HealthEnd {
  seen = unknown();
  nextTime = 0;
  lastTime = 0;
  retransmits = 0;
  fast = 0;
  spurious = 0;
  late = 0;
  dupAcks = 0;
  zeroWindows = 0;
  timed: {past: number; since: number} | null = null;
  readonly roundTrips: number[] = [];
}

/** What a flow left of its two ends: address and port, and the end. */
export type Past = readonly (readonly [name: string, end: HealthEnd])[];

export class Health {
  ends: [HealthEnd, HealthEnd] = [new HealthEnd(), new HealthEnd()];

  /** Takes up the numbering of an earlier flow between the same ends; `syn` is the number of a SYN that begins this one. */
  resume(earlier: Past, names: readonly string[], from: string, syn: number | null): void {
    const past = earlier[0][0] === names[0] ? earlier : [...earlier].reverse();
    const [, sender] = past[names.indexOf(from)];
    if (syn !== null && syn !== (sender.seen.base ?? 0)) return;
    for (const [i, [, end]] of past.entries()) {
      this.ends[i].nextTime = end.nextTime;
      this.ends[i].seen = {...end.seen, base: null, dups: 0, keptAlive: false};
    }
  }

  /** `firstRtt` is the handshake's, null before. */
  follow({tcp, payloadBytes: length}: IpPacket, side: number, time: number, firstRtt: number | null): void {
    const {flags, seq, ack, window} = tcp!;
    const [me, peer] = [this.ends[side], this.ends[1 - side]];
    const isControl = (flags & (SYN | FIN | RST)) !== 0;
    if ((flags & (SYN | ACK)) === SYN && me.seen.base !== null && me.seen.base !== seq)
      for (const end of this.ends) Object.assign(end.seen, {...unknown(), base: end.seen.base});
    const {next, whole} = me.seen;
    const isProbe = length === 1 && seq === next && peer.seen.window === 0;
    const keepsAlive = !isProbe && length <= 1 && seq === u32(next - 1) && !isControl;
    if (!isProbe && window === 0 && !isControl) me.zeroWindows++;
    const repeats = seq === next && ack === me.seen.ack && window === me.seen.window && window > 0;
    if (!isProbe && length === 0 && repeats && !isControl && !peer.seen.keptAlive) {
      me.seen.dups = Math.max(me.seen.dups, 0) + 1;
      me.dupAcks++;
    }
    if (ack !== me.seen.ack) me.seen.dups = 0;
    if (flags & ACK) {
      if (peer.seen.whole !== 0 && before(peer.seen.whole, ack)) {
        if (peer.seen.whole > peer.seen.next) peer.seen.whole = peer.seen.next;
        else peer.seen.dups = -1;
      }
      if (peer.timed && !before(ack, peer.timed.past)) {
        if (time >= peer.timed.since) peer.roundTrips.push(time - peer.timed.since);
        peer.timed = null;
      }
    }
    const taken = length + (flags & (SYN | FIN) ? 1 : 0);
    const past = u32(seq + taken);
    let isRepeated = false;
    if (taken > 0 && !keepsAlive) {
      const isBehind = next !== 0 && before(seq, next) && !(length > 1 && seq === u32(next - 1));
      const isAcked = length > 0 && peer.seen.ack !== 0 && !before(peer.seen.ack, u32(seq + length));
      const sinceAck = time - peer.lastTime;
      const sinceNext = time - me.nextTime;
      if (isAcked && !isProbe) {
        isRepeated = true;
        me.spurious++;
      } else if (isBehind && peer.seen.dups >= 2 && peer.seen.ack === seq && sinceAck >= 0 && sinceAck < 20_000) {
        isRepeated = true;
        me.fast++;
      } else if (isBehind && sinceNext >= 0 && sinceNext < (firstRtt || 3_000) && next !== past) me.late++;
      else isRepeated = isBehind;
    }
    if (isRepeated) {
      me.retransmits++;
      me.timed = null;
    }
    if ((next === 0 || before(next, past)) && !isProbe) {
      const isNew = length > 0 && !isRepeated && (next === 0 || !before(seq, next));
      if (isNew) me.timed ??= {past, since: time};
      me.seen.next = past;
      me.nextTime = time;
    }
    if ((seq === whole || whole === 0) && !isProbe) me.seen.whole = me.seen.next;
    me.seen.window = window;
    me.seen.ack = ack;
    me.seen.keptAlive = keepsAlive;
  }
}
