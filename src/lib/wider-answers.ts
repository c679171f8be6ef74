import type {DimensionName} from "./dimensions.js";
import {inOrder} from "./evaluate.js";
import {type Filter, withFields} from "./filter.js";
import {measures} from "./measures.js";
import type {Answer, Asked, Cell} from "./question.js";

/**
 * Picking a service, a protocol or the like leaves rows of an answer out that is known already, where that one is grouped by
 * what is picked. So a pick asks only what it cannot know.
 */
const pickedFields = {
  services: "service",
  protos: "proto",
  verdicts: "verdict",
  labels: "label",
  captures: "capture"
} as const satisfies Partial<Record<keyof Filter, DimensionName>>;

type PickedField = keyof typeof pickedFields;

/** Dimensions with so few groups that a question by two of them is still small. */
const small: readonly DimensionName[] = ["service", "proto", "verdict", "label", "conn_state", "capture", "score_bin"];

export interface Wider {
  readonly field: PickedField;
  readonly asked: Asked;
}

/** The questions that each hold an answer to another, with one field less in their filter. */
export function widerOf(asked: Asked): Wider[] {
  return (Object.keys(pickedFields) as PickedField[])
    .filter((field) => asked.filter[field] !== undefined)
    .flatMap((field) => {
      const wider = groupedBy(asked, field);
      return wider ? [{field, asked: {...wider, filter: withFields(asked.filter, {[field]: undefined})}}] : [];
    });
}

/**
 * What to ask before a reader picks a value of these fields, so that the answer is there at the pick: the question by what
 * may be picked. Null where that would have too many groups, or is asked as it is anyway.
 */
export function aheadOf(asked: Asked, fields: Filter): Asked | null {
  const {question} = asked;
  const [field] = Object.keys(fields).filter((name): name is PickedField => name in pickedFields);
  if (!field || Object.keys(fields).length > 1 || asked.filter[field] !== undefined) return null;
  if (question.time === "spread" || !question.by.every((name) => small.includes(name))) return null;
  const wider = groupedBy(asked, field);
  return wider?.question === question ? null : wider;
}

/** The same question by the field's dimension, too. */
function groupedBy(asked: Asked, field: PickedField): Asked | null {
  const {question} = asked;
  const by = pickedFields[field];
  if (question.count || question.measures.length === 0) return null;
  if (question.by.includes(by)) return asked;
  if (question.limit !== undefined && !question.by.every((name) => small.includes(name))) return null;
  const {order: _, limit: __, ...rest} = question;
  return {...asked, question: {...rest, by: [...question.by, by]}};
}

/** The answer to a question from that to a wider one; null where the wider one left rows out. */
export function narrowedAnswer(asked: Asked, {field, asked: wider}: Wider, {columns, rows}: Answer): Answer | null {
  const {question, filter} = asked;
  if (wider.question.limit !== undefined && rows.length >= wider.question.limit) return null;
  const at = columns.indexOf(pickedFields[field]);
  const values = filter[field] as readonly Cell[];
  const left = rows.filter((row) => values.includes(row[at]));
  if (question.by.includes(pickedFields[field])) return {columns, rows: left};
  const groups = new Map<string, Cell[]>();
  const keys = columns.filter((name) => !(name in measures) && name !== pickedFields[field]).length;
  for (const row of left) {
    const own = row.toSpliced(at, 1);
    const key = JSON.stringify(own.slice(0, keys));
    const group = groups.get(key);
    if (!group) groups.set(key, own);
    else for (let i = keys; i < own.length; i++) group[i] = (group[i] as number) + (own[i] as number);
  }
  const found = [...groups.values()];
  if (found.length === 0 && keys === 0) found.push(question.measures.map(() => 0));
  const named = columns.toSpliced(at, 1);
  return {columns: named, rows: inOrder(found, named, question)};
}
