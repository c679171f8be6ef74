import {Health} from "./reference-health.ts";
import type {IpPacket} from "./reference-packet.ts";
import {speakerOf} from "./reference-speaker.ts";

/** Zeek's rules for TCP written plainly: states of two endpoints and the history of a connection. */

export type State = "inactive" | "syn-sent" | "syn-ack-sent" | "partial" | "established" | "closed" | "reset";

const FIN = 1;
const SYN = 2;
const RST = 4;
const ACK = 16;
const diff = (a: number, b: number) => (a - b) | 0;
const u32 = (n: number) => n >>> 0;

export class Endpoint {
  state: State = "inactive";
  previous: State = "inactive";
  didClose = false;
  sequenced = false;
  start = 0;
  highest = 0;
  acknowledged = 0;
  /** Letters seen once, and the sequence numbers of the last SYN, FIN and RST. */
  readonly letters = new Set<string>();
  readonly last: Record<string, number> = {S: 0, F: 0, R: 0};
  readonly scaled: Record<string, number> = {W: 0, T: 0, G: 0};
  fins = 0;
  syns = 0;
  // Loss and repetition.
  next = 0;
  /** Runs of bytes beyond holes, in order. */
  runs: [number, number][] = [];
  finSeen = false;
  dataSegments = 0;
  packets = 0;
  retransmits = 0;
  outOfOrder = 0;
  keepAlives = 0;
  duplicateAcks = 0;
  zeroWindows = 0;
  missingBytes = 0;
  firstData: number | null = null;
  lastAck: number | null = null;
  lastWindow = 0;

  begin(start: number, highest: number): void {
    this.start = this.acknowledged = u32(start);
    this.highest = u32(highest);
    this.next = u32(start + 1);
    this.runs = [];
    this.sequenced = true;
  }

  become(state: State): void {
    if (state === this.state) return;
    this.previous = this.state;
    this.state = state;
  }
}

export class Connection {
  ends: [Endpoint, Endpoint] = [new Endpoint(), new Endpoint()];
  history = "";
  readonly health = new Health();
  /** Set once the connection is over. */
  over: "fin" | "rst" | null = null;
  synTime: number | null = null;
  synAckTime: number | null = null;
  roundTrip: number | null = null;

  add(letter: string, side: number): void {
    if (this.history.length < 32) this.history += side === 0 ? letter : letter.toLowerCase();
  }

  once(letter: string, side: number): boolean {
    // S and H share a place, as they do in Zeek.
    const place = letter === "H" ? "S" : letter;
    if (this.ends[side].letters.has(place)) return true;
    this.ends[side].letters.add(place);
    this.add(letter, side);
    return false;
  }

  scale(letter: string, side: number): void {
    const count = ++this.ends[side].scaled[letter];
    if (/^10*$/.test(String(count))) this.add(letter, side);
  }

  isReuse({flags, seq}: NonNullable<IpPacket["tcp"]>, side: number): boolean {
    const [originator, responder] = this.ends;
    const isAck = (flags & ACK) !== 0;
    if (!(flags & SYN) || (isAck && originator.state !== "inactive")) return false;
    if (originator.didClose || responder.didClose) return true;
    if (!isAck && side === 1) {
      if (originator.state === "syn-sent" && responder.state === "inactive") return false;
      if (responder.state !== "inactive" && seq === responder.start) return false;
    }
    if (seq === (isAck ? responder : originator).start) return false;
    return isAck || originator.state !== "syn-ack-sent" || responder.state !== "inactive" || seq !== responder.start;
  }

  /** True where the roles are to be exchanged before the packet is looked at. */
  isReversed(packet: IpPacket, side: number): boolean {
    const {tcp, payloadBytes} = packet;
    const flags = tcp!.flags;
    if (!(flags & (SYN | FIN | RST)))
      return this.isToldOtherwise(packet, side) || (this.history === "H" && (payloadBytes > 0 || (flags & ACK) !== 0));
    const [peer, me] = this.ends;
    if (side !== 1 || (flags & (SYN | ACK)) !== SYN) return false;
    return me.state === "inactive" && peer.state === "syn-ack-sent" && tcp!.seq === me.start;
  }

  /** The first data behind other packets, with no SYN seen, say that the roles are the other way round. */
  isToldOtherwise(packet: IpPacket, side: number): boolean {
    if (packet.payloadBytes === 0 || this.ends.some(({dataSegments, syns}) => dataSegments + syns > 0)) return false;
    if (this.ends[0].packets + this.ends[1].packets === 0) return false;
    const speaker = speakerOf(packet);
    return speaker !== null && (side === 1) !== (speaker === "responder");
  }

  reverse({tcp, payloadBytes}: IpPacket): void {
    const isSyn = (tcp!.flags & SYN) !== 0;
    const isTold = !isSyn && payloadBytes > 0 && this.history !== "H";
    this.ends.reverse();
    this.health.ends.reverse();
    if (!isSyn && !isTold) this.history = "^h";
    else this.history += this.history.length < 32 ? "^" : "";
    if (isSyn) this.ends[1].become("established");
  }

  follow({tcp, payloadBytes}: IpPacket, side: number, time: number): void {
    const {flags, seq, ack, window} = tcp!;
    const [me, peer] = [this.ends[side], this.ends[1 - side]];
    const [isSyn, isFin, isRst, isAck] = [SYN, FIN, RST, ACK].map((bit) => (flags & bit) !== 0);
    for (const [i, end] of this.ends.entries()) this.health.ends[i].seen.base = end.sequenced ? end.start : null;
    this.health.ends[side].lastTime = Math.max(this.health.ends[side].lastTime, time);
    this.health.follow({tcp, payloadBytes} as IpPacket, side, time, this.roundTrip);
    const past = u32(seq + (isRst ? 0 : payloadBytes) + (isSyn ? 1 : 0) + (isFin ? 1 : 0));
    if (isFin) me.fins++;
    if (isSyn) me.syns++;
    if (me.state === "inactive") me.begin(isSyn ? seq : seq - 1, isSyn ? past : seq);
    else if (isSyn && seq !== me.start && me.state !== "closed" && (me.state !== "reset" || me.previous === "inactive"))
      me.begin(seq, past);

    const controls = [isSyn, isFin, isRst].filter(Boolean).length;
    if (controls > 1) this.once(isFin && isRst ? "I" : "Q", side);
    else if (controls === 1) {
      const letter = isSyn ? (isAck ? "H" : "S") : isFin ? "F" : "R";
      const place = letter === "H" ? "S" : letter;
      const at = isFin ? u32(seq + payloadBytes) : seq;
      if (this.once(letter, side) && at !== me.last[place]) this.add(letter, side);
      me.last[place] = at;
    } else if (payloadBytes > 0) this.once("D", side);
    else if (isAck) this.once("A", side);
    if (window === 0 && !isRst && peer.state !== "closed" && me.state !== "reset") {
      me.zeroWindows++;
      this.scale("W", side);
    }
    if (isAck) {
      if (peer.state === "inactive") {
        if (!peer.sequenced) peer.begin(ack - 1, ack - 1);
      } else if (!isRst) {
        const ahead = diff(ack, peer.acknowledged);
        if (ahead > 0 && !(ack === 0 && ahead > 1048576)) peer.acknowledged = ack;
      }
    }
    this.advance(me, side, flags, past, payloadBytes);
    this.sort(me, tcp!, payloadBytes);
    this.time(side, tcp!, time);
    const closes = this.step(me, peer, side, flags, payloadBytes);
    if (isAck) this.acknowledge(me, peer, side, tcp!, payloadBytes);
    if (closes && !me.didClose) {
      me.didClose = true;
      if (me.state === "reset") this.over = "rst";
      else if (peer.didClose || peer.state === "inactive") this.over = "fin";
    }
    if (isRst) this.over ??= "rst";
  }

  advance(me: Endpoint, side: number, flags: number, past: number, length: number): void {
    const ahead = diff(past, me.highest);
    if (flags & (SYN | RST) && Math.abs(ahead) > 1048576) return;
    if (flags & FIN && me.highest === u32(me.start + 1)) me.highest = past;
    else if (me.state === "reset") return;
    else if (ahead > 0) me.highest = past;
    else if (length > 0) this.scale("T", side);
  }

  /** New, repeated, early or keep-alive. */
  sort(me: Endpoint, {flags, seq}: NonNullable<IpPacket["tcp"]>, length: number): void {
    const isFin = (flags & FIN) !== 0;
    if (flags & (RST | SYN) && length === 0) return;
    if (length === 0 && !isFin) {
      if (seq === u32(me.next - 1) && !me.finSeen && me.dataSegments > 0) me.keepAlives++;
      return;
    }
    if (flags & RST) return;
    const from = u32(seq + (flags & SYN ? 1 : 0));
    const to = u32(from + length + (isFin ? 1 : 0));
    if (isFin) me.finSeen = true;
    const ahead = diff(from, me.next);
    if (ahead > 0) {
      if (ahead > 2 ** 30) return;
      if (me.runs.some(([start, end]) => diff(from, start) >= 0 && diff(to, end) <= 0)) {
        if (length > 0) me.retransmits++;
        return;
      }
      const last = me.runs.at(-1);
      if (last && diff(from, last[1]) < 0) me.outOfOrder++;
      me.runs = merged([...me.runs, [from, to]]);
    } else if (diff(to, me.next) > 0) {
      me.next = to;
      if (me.runs.length > 0) me.outOfOrder++;
      while (me.runs.length > 0 && diff(me.runs[0][0], me.next) <= 0) {
        const [[, end]] = me.runs.splice(0, 1);
        if (diff(end, me.next) > 0) me.next = end;
      }
    } else if (length === 1 && to === me.next) me.keepAlives++;
    else if (length > 0) me.retransmits++;
  }

  time(side: number, {flags, ack}: NonNullable<IpPacket["tcp"]>, time: number): void {
    if (this.roundTrip !== null) return;
    const kind = flags & (SYN | ACK | RST | FIN);
    const other = this.ends[1 - side];
    const beyond = u32(ack - other.start - 1);
    const isSent = () => beyond <= u32(other.highest - other.start - 1);
    if (side === 0 && kind === SYN && this.synAckTime === null) this.synTime = time;
    else if (
      side === 0 &&
      this.synAckTime !== null &&
      (kind & (SYN | ACK | RST)) === ACK &&
      time >= this.synTime! &&
      isSent()
    )
      this.roundTrip = time - this.synTime!;
    else if (
      side === 1 &&
      this.synTime !== null &&
      this.synAckTime === null &&
      kind === (SYN | ACK) &&
      time >= this.synTime &&
      (beyond === 0 || (this.ends[0].firstData === this.synTime && isSent()))
    )
      this.synAckTime = time;
  }

  step(me: Endpoint, peer: Endpoint, side: number, flags: number, length: number): boolean {
    const [isSyn, isFin, isRst, isAck] = [SYN, FIN, RST, ACK].map((bit) => (flags & bit) !== 0);
    switch (me.state) {
      case "inactive":
        if (isSyn && side === 0) me.become(isAck ? "syn-ack-sent" : "syn-sent");
        else if (isSyn) {
          if (peer.state === "syn-sent") peer.become("established");
          me.become("established");
        }
        if (isFin) me.become("closed");
        if (isRst) me.become("reset");
        if (me.state === "inactive" && !(side === 1 && length === 0 && peer.state === "syn-sent"))
          me.become(isAck && peer.state === "established" ? "established" : "partial");
        return isFin || isRst;
      case "syn-sent":
      case "syn-ack-sent":
        if (isFin) me.become("closed");
        if (isRst) me.become("reset");
        return isFin || isRst;
      case "established":
      case "partial":
        if (isSyn && !isAck && me.state === "partial" && peer.state === "inactive") me.become("syn-sent");
        if (isFin && !isRst) {
          me.become("closed");
          if (peer.state === "reset" && peer.previous === "closed") peer.become("closed");
        }
        if (isRst) me.become("reset");
        return isFin || isRst;
      case "closed":
        if (!isRst || peer.state === "closed") return false;
        me.become("reset");
        return !me.didClose;
      default:
        return false;
    }
  }

  acknowledge(
    me: Endpoint,
    peer: Endpoint,
    side: number,
    {flags, ack, window}: NonNullable<IpPacket["tcp"]>,
    length: number
  ): void {
    if (
      length === 0 &&
      !(flags & (SYN | FIN | RST)) &&
      ack === me.lastAck &&
      window === me.lastWindow &&
      diff(peer.highest, ack) > 0
    )
      me.duplicateAcks++;
    me.lastAck = ack;
    me.lastWindow = window;
    const beyond = diff(ack, peer.next);
    if (peer.packets === 0 || flags & RST || beyond <= 0 || beyond > 2 ** 30) return;
    const holes: number[] = [];
    while (peer.runs.length > 0 && diff(peer.runs[0][0], ack) <= 0) {
      const [[start, end]] = peer.runs.splice(0, 1);
      holes.push(diff(start, peer.next));
      peer.next = end;
    }
    if (diff(ack, peer.next) > 0) {
      holes.push(diff(ack, peer.next));
      peer.next = ack;
    }
    const clean = ["established", "closed"];
    for (const missing of holes.filter((bytes) => bytes > 1)) {
      peer.missingBytes += missing;
      if (clean.includes(me.state) && clean.includes(peer.state)) this.scale("G", 1 - side);
    }
  }

  /** Only the originator has been heard, and it began with a SYN. */
  get isAttempt(): boolean {
    const [{state}, responder] = this.ends;
    return (state === "syn-sent" || state === "syn-ack-sent") && responder.state === "inactive";
  }

  get connState(): string {
    const [o, r] = this.ends;
    const absent = (end: Endpoint) => end.state === "inactive" || end.state === "partial";
    if (r.state === "reset") {
      if (
        o.state === "syn-sent" ||
        o.state === "syn-ack-sent" ||
        (o.state === "reset" && sent(o, r) === 0 && sent(r, o) === 0)
      )
        return "REJ";
      return absent(o) ? "RSTRH" : "RSTR";
    }
    if (o.state === "reset") return absent(r) ? (/^\^?S[^HAFGIQ]*R/.test(this.history) ? "RSTOS0" : "OTH") : "RSTO";
    if (o.state === "closed") return r.state === "closed" ? "SF" : absent(r) ? "SH" : "S2";
    if (r.state === "closed") return absent(o) ? "SHR" : "S3";
    if (o.state === "syn-sent" && r.state === "inactive") return "S0";
    return o.state === "established" && r.state === "established" ? "S1" : "OTH";
  }
}

/** Runs in order, those that touch as one; beyond four the last hole is forgotten. */
function merged(runs: [number, number][]): [number, number][] {
  const all: [number, number][] = [];
  for (const [start, end] of runs.sort(([a], [b]) => diff(a, b))) {
    const last = all.at(-1);
    if (!last || diff(start, last[1]) > 0) all.push([start, end]);
    else if (diff(end, last[1]) > 0) last[1] = end;
  }
  if (all.length > 4) all.splice(3, 2, [all[3][0], all[4][1]]);
  return all;
}

/** Bytes an endpoint sent by its sequence numbers. */
function sent(me: Endpoint, peer: Endpoint): number {
  if (me.previous === "syn-sent" && me.state === "reset" && peer.state === "inactive") return 0;
  const size = Math.max(diff(me.highest, me.start), diff(me.acknowledged, me.start)) - 1 - (me.fins > 0 ? 1 : 0);
  return Math.max(size, 0);
}
