import type {Card} from "./card.ts";
import type {Model} from "./model.ts";

/** What a model says of some flows, in their order. */
export interface Scores {
  /** Index in the classifier's labels; -1 where it does not judge the flow, or there is none. */
  readonly label: Int32Array;
  /** rows × labels, row-major, in steps of 1/4096; NaN where the flow is not judged; empty without a classifier. */
  readonly probabilities: Float32Array;
  /** Of the label. NaN where the flow is not judged. */
  readonly probability: Float32Array;
  /** 1 where the probability is below the card's threshold. */
  readonly isUnknown: Uint8Array;
  /** Of the model's own Isolation Forest, negated decision; NaN where it does not judge the flow, null without one. */
  readonly anomalyScore: Float32Array | null;
  readonly isAnomaly: Uint8Array | null;
  /** 1 where a known class other than Normal. */
  readonly suspicious: Uint8Array;
}

/** Picks the columns of one model from a row-major matrix of all wanted features. */
export type Pick = (features: readonly string[]) => Float32Array;

/** Protocols that a classifier is taken to have learnt where its card does not say: ICMP, TCP, UDP, ICMPv6. */
const usualProtocols = [1, 6, 17, 58];

/** IP protocols whose flows the model of that card judges. */
export function protocolsOf({protocols}: Card): readonly number[] {
  return protocols ?? usualProtocols;
}

/** 1 for each of {@link protocolsOf}. */
function judgedProtocols(card: Card): Uint8Array {
  const judged = new Uint8Array(256);
  for (const protocol of protocolsOf(card)) judged[protocol] = 1;
  return judged;
}

/** Probabilities are kept in such steps: what is stored and what is judged live are then the same, and files are smaller. */
const steps = 4096;

/** Scores `rows` flows of those IP protocols. `pick` gives the rows × features matrix of the names it is asked for. */
export async function score(model: Model, rows: number, protocols: ArrayLike<number>, pick: Pick): Promise<Scores> {
  return {...(await classesOf(model, rows, protocols, pick)), ...(await anomaliesOf(model, rows, protocols, pick))};
}

/** Without a classifier no flow is judged. */
async function classesOf(
  {classifier}: Model,
  rows: number,
  protocols: ArrayLike<number>,
  pick: Pick
): Promise<Omit<Scores, "anomalyScore" | "isAnomaly">> {
  const label = new Int32Array(rows).fill(-1);
  const probability = new Float32Array(rows).fill(Number.NaN);
  const isUnknown = new Uint8Array(rows);
  const suspicious = new Uint8Array(rows);
  if (!classifier) return {label, probabilities: new Float32Array(0), probability, isUnknown, suspicious};
  const {card, onnx} = classifier;
  const labels = card.labels!;
  const probabilities = await onnx.run(pick(card.features), rows);
  const normal = labels.indexOf("Normal");
  const judged = judgedProtocols(card);
  const {unknown} = card.thresholds;
  for (let i = 0, at = 0; i < rows; i++, at += labels.length) {
    if (judged[protocols[i]] !== 1) {
      probabilities.fill(Number.NaN, at, at + labels.length);
      continue;
    }
    let [best, most] = [0, -1];
    for (let k = 0; k < labels.length; k++) {
      const p = Math.round(probabilities[at + k] * steps) / steps;
      probabilities[at + k] = p;
      if (p > most) [best, most] = [k, p];
    }
    if (most < 0)
      throw new Error(`${card.file}: expected probabilities of flows, found ${probabilities[at]} for one of them`);
    label[i] = best;
    probability[i] = most;
    isUnknown[i] = most < unknown ? 1 : 0;
    suspicious[i] = best !== normal && isUnknown[i] === 0 ? 1 : 0;
  }
  return {label, probabilities, probability, isUnknown, suspicious};
}

async function anomaliesOf(
  {anomaly}: Model,
  rows: number,
  protocols: ArrayLike<number>,
  pick: Pick
): Promise<{anomalyScore: Scores["anomalyScore"]; isAnomaly: Scores["isAnomaly"]}> {
  if (!anomaly) return {anomalyScore: null, isAnomaly: null};
  const decision = await anomaly.onnx.run(pick(anomaly.card.features), rows);
  const isKnown = judgedProtocols(anomaly.card);
  const anomalyScore = decision.map((value, i) => (isKnown[protocols[i]] === 1 ? -value : Number.NaN));
  const isAnomaly = new Uint8Array(rows);
  for (let i = 0; i < rows; i++) isAnomaly[i] = anomalyScore[i] > anomaly.card.thresholds.anomaly ? 1 : 0;
  return {anomalyScore, isAnomaly};
}
