import type {Card} from "./card.ts";

/** Figures of a model on data that it had not learnt from. */
export interface CardFigures {
  readonly on: string;
  /** `others`: captures of other networks; `hosts`: ordinary hosts; `unseen`: networks of the lab that no model saw; `lab`: each network of the lab, left out in turn. */
  readonly kind: "others" | "hosts" | "unseen" | "lab";
  readonly figures: Readonly<Record<string, unknown>>;
}

interface Metrics {
  readonly others_left_out?: Readonly<Record<string, unknown>>;
  readonly busy_hosts_left_out?: Readonly<Record<string, unknown>>;
  readonly mixtures_left_out?: Readonly<Record<string, unknown>>;
  readonly test?: Readonly<Record<string, unknown>>;
  readonly left_out?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** What a card says of its model's worth: unknown networks first, the lab's last. */
export function cardFigures({metrics}: Pick<Card, "metrics">): CardFigures[] {
  const {others_left_out, busy_hosts_left_out, mixtures_left_out, test, left_out = {}} = (metrics ?? {}) as Metrics;
  const some = (on: string, kind: CardFigures["kind"], figures?: Readonly<Record<string, unknown>>): CardFigures[] =>
    figures ? [{on, kind, figures}] : [];
  return [
    ...some("others' captures, left out of training", "others", others_left_out),
    ...some("ordinary hosts with 20 flows or more, left out", "hosts", busy_hosts_left_out),
    ...some("ordinary hosts behind one address, left out", "hosts", mixtures_left_out),
    ...some("networks of the lab that nothing was trained on", "unseen", test),
    ...Object.entries(left_out).flatMap(([network, figures]) => some(`${network}, left out`, "lab", figures))
  ];
}
