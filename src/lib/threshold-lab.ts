import {type Reliability, reliabilityOf} from "./reliability.js";
import type {IncidentLabel, Labelled} from "./reviews.js";

/** An incident that some threshold of the activity model raises to medium severity or more. Texts may be a stranger's. */
export interface LabIncident {
  readonly id: string;
  readonly capture: string;
  readonly class: string;
  readonly severity: string;
  /** That it is an attack, as the lake has it. */
  readonly probability: number;
  readonly src: string | null;
  readonly dst: string | null;
  /** µs since 1970. */
  readonly from: number;
  readonly to: number;
  readonly summary: string;
  /** Whether the lake has it, of whatever severity: then it can be opened and labelled. */
  readonly isKnown: boolean;
  /** For each threshold whether it is of medium severity or more. */
  readonly isGrave: readonly boolean[];
}

/** What each threshold of the activity model would bring; `data/threshold-lab.json`. */
export interface ThresholdLab {
  /** Ascending; the card's is among them. */
  readonly thresholds: readonly number[];
  /** The card's, by its place in `thresholds`. */
  readonly current: number;
  /** Activities that were judged, and how many of them are suspicious at each threshold. */
  readonly activities: number;
  readonly suspicious: readonly number[];
  /** By time. */
  readonly incidents: readonly LabIncident[];
}

/** What a threshold comes to, by the labels given so far. */
export interface LabFigures {
  readonly incidents: number;
  readonly suspicious: number;
  /** Labelled incidents that it raises: attacks, false alarms. */
  readonly right: number;
  readonly wrong: number;
  /** Attacks among labelled incidents that any threshold raises. */
  readonly attacks: number;
  /** Share of attacks among those it raises, and share of attacks that it raises; null without such labels. */
  readonly precision: number | null;
  readonly recall: number | null;
}

type Labels = Readonly<Record<string, Pick<Labelled, "label">>>;

/** The label of an incident; undefined without one. */
const labelOf = (labels: Labels, {id}: LabIncident): IncidentLabel | undefined =>
  Object.hasOwn(labels, id) ? labels[id].label : undefined;

/** The figures of the threshold at that place. */
export function labFigures({incidents, suspicious}: ThresholdLab, at: number, labels: Labels): LabFigures {
  const raised = incidents.filter(({isGrave}) => isGrave[at]);
  const count = (list: readonly LabIncident[], label: IncidentLabel) =>
    list.filter((one) => labelOf(labels, one) === label).length;
  const right = count(raised, "true");
  const wrong = count(raised, "false");
  const attacks = count(incidents, "true");
  return {
    incidents: raised.length,
    suspicious: suspicious[at],
    right,
    wrong,
    attacks,
    precision: right + wrong === 0 ? null : right / (right + wrong),
    recall: attacks === 0 ? null : right / attacks
  };
}

/** Incidents that another threshold raises and the current one does not, and the other way round. */
export function labChanges({incidents, current}: ThresholdLab, at: number) {
  return {
    gained: incidents.filter(({isGrave}) => isGrave[at] && !isGrave[current]),
    lost: incidents.filter(({isGrave}) => !isGrave[at] && isGrave[current])
  };
}

/** How often incidents are attacks, by their probability: those of the lake that were labelled as attack or false alarm. */
export function labReliability({incidents}: ThresholdLab, labels: Labels): Reliability {
  const judged = incidents.filter((one) => one.isKnown && ["true", "false"].includes(labelOf(labels, one) ?? ""));
  return reliabilityOf(
    judged.length,
    (i) => judged[i].probability,
    (i) => labelOf(labels, judged[i]) === "true"
  );
}
