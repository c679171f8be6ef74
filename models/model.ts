import {createHash} from "node:crypto";
import {existsSync, readdirSync, readFileSync, statSync} from "node:fs";
import {join} from "node:path";
import {fb1Columns} from "../schema/features.ts";
import {type AdditiveModel, readAdditive} from "./activity/additive.ts";
import {activityFeatures} from "./activity/features.ts";
import {type Card, readCard} from "./card.ts";
import {type OnnxModel, openOnnx} from "./onnx.ts";
import {readOnnx} from "./onnx-file.ts";
import {allowedOperators} from "./operators.ts";

/** A classifier, an Isolation Forest or both, with a model of activities beside the classifier or not, ready to score. */
export interface Model {
  /** SHA-256 over names and contents of its files; what `verdicts.model` holds. */
  readonly hash: string;
  /** Null where the folder has an Isolation Forest alone: flows then get an anomaly score and no class. */
  readonly classifier: LoadedModel | null;
  readonly anomaly: LoadedModel | null;
  readonly activity: ActivityModel | null;
  close(): Promise<void>;
}

export interface LoadedModel {
  readonly card: Card;
  readonly onnx: OnnxModel;
}

/** A model of activities: its log-odds, the classes it names, and the trees that contributions are told by. */
export interface ActivityModel extends LoadedModel {
  readonly classes: OnnxModel;
  readonly shape: AdditiveModel;
}

/** Why there is no model to score with: `missing` where the folder has none, `refused` where it has an unfit one. */
export interface ModelProblem {
  readonly code: "missing" | "refused";
  /** One sentence for the user: file, expected, found. */
  readonly message: string;
}

/** Exactly one of the two is null. */
export interface LoadedModels {
  readonly model: Model | null;
  readonly problem: ModelProblem | null;
}

/** Bytes of an ONNX file at most. */
const maxBytes = 256 * 2 ** 20;

const known: ReadonlySet<string> = new Set(fb1Columns.map(({name}) => name));

/**
 * Loads the models of a folder: every card (`*.json` of the card format) with its ONNX file; at most one classifier, one
 * Isolation Forest (one of these two must be there) and, beside a classifier, one model of activities. An unfit model is refused as a whole, with the reason, and nothing is guessed in its place.
 */
export async function loadModel(folder: string): Promise<LoadedModels> {
  const opened: LoadedModel[] = [];
  try {
    const cards = readCards(folder);
    if (!cards.some(scoresFlows))
      return {
        model: null,
        problem: {
          code: "missing",
          message: `${folder} has no classifier and no Isolation Forest: no card with an ONNX file`
        }
      };
    for (const kind of ["classifier", "anomaly", "activity"] as const)
      if (cards.filter(({card}) => card.kind === kind).length > 1)
        throw new Error(
          `${folder}: more than one ${kind}: ${cards
            .filter((c) => c.card.kind === kind)
            .map(({name}) => name)
            .join(", ")}`
        );
    for (const {card, bytes} of cards) opened.push({card, onnx: await open(card, bytes, mainOutput(card))});
    const find = (kind: Card["kind"]) => opened.find(({card}) => card.kind === kind);
    const activity = find("activity");
    const classifier = find("classifier") ?? null;
    if (activity) {
      if (!classifier) throw new Error(`${activity.card.file}: a model of activities needs a classifier beside it`);
      const {bytes} = cards.find(({card}) => card === activity.card)!;
      checkActivity(activity.card, classifier.card);
      const classes = await open(activity.card, bytes, {
        name: activity.card.outputs.classes,
        width: activity.card.labels!.length
      });
      opened.push({card: activity.card, onnx: classes});
      Object.assign(activity, {classes, shape: readAdditive(bytes, activity.card)});
    }
    const model: Model = {
      hash: hashOf(cards),
      classifier,
      anomaly: find("anomaly") ?? null,
      activity: (activity as ActivityModel | undefined) ?? null,
      close: async () => {
        for (const {onnx} of opened) await onnx.close();
      }
    };
    return {model, problem: null};
  } catch (error) {
    for (const {onnx} of opened) await onnx.close();
    return {model: null, problem: {code: "refused", message: (error as Error).message}};
  }
}

/** Hash that `loadModel` gives the folder's models, without loading them; null where there is none to score flows with. */
export function modelHash(folder: string): string | null {
  try {
    const cards = readCards(folder);
    return cards.some(scoresFlows) ? hashOf(cards) : null;
  } catch {
    return null;
  }
}

const scoresFlows = ({card}: CardFile) => card.kind === "classifier" || card.kind === "anomaly";

interface CardFile {
  /** File name of the card. */
  readonly name: string;
  readonly text: string;
  readonly card: Card;
  readonly bytes: Buffer;
}

function readCards(folder: string): CardFile[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .sort()
    .map((name) => {
      try {
        const text = readFileSync(join(folder, name), "utf8");
        const card = readCard(text, known);
        const path = join(folder, card.file);
        const size = statSync(path, {throwIfNoEntry: false})?.size;
        if (size === undefined) throw new Error(`${card.file} is missing`);
        if (size > maxBytes) throw new Error(`${card.file}: ${size} bytes exceed ${maxBytes}`);
        return {name, text, card, bytes: readFileSync(path)};
      } catch (error) {
        throw new Error(`${join(folder, name)}: ${(error as Error).message}`, {cause: error});
      }
    });
}

function hashOf(cards: readonly CardFile[]): string {
  const hash = createHash("sha256");
  for (const {name, text, card, bytes} of cards)
    for (const [file, content] of [[name, Buffer.from(text)] as const, [card.file, bytes] as const])
      hash.update(`${file}\0${content.length}\0`).update(content);
  return hash.digest("hex");
}

interface Output {
  readonly name: string;
  /** Values per row. */
  readonly width: number;
}

function mainOutput({kind, outputs, labels}: Card): Output {
  if (kind === "classifier") return {name: outputs.probabilities, width: labels!.length};
  return {name: kind === "anomaly" ? outputs.decision : outputs.log_odds, width: 1};
}

/** A model of activities must have been trained with this classifier's labels and this version's features. */
function checkActivity({file, features}: Card, classifier: Card): void {
  const expected = activityFeatures(classifier.labels!).map(({name}) => name);
  const at = expected.findIndex((name, i) => features[i] !== name);
  if (at >= 0 || features.length !== expected.length)
    throw new Error(
      `${file}: expected the activity features of ${classifier.file}'s classes, found ${features[Math.max(0, at)]} in place of ${expected[Math.max(0, at)]}`
    );
}

/** Checks what the file says of itself, opens it for one of its outputs, and has it score two rows of zeros. */
async function open(card: Card, bytes: Buffer, {name, width}: Output): Promise<OnnxModel> {
  const complain = (what: string) => {
    throw new Error(`${card.file}: ${what}`);
  };
  const file = (() => {
    try {
      return readOnnx(bytes);
    } catch (error) {
      throw new Error(`${card.file}: not an ONNX file: ${(error as Error).message}`, {cause: error});
    }
  })();
  if (file.externalData) complain("keeps data outside the file, which is not read");
  if (file.operators.includes("ai.onnx.ml.ZipMap")) complain("ends in a ZipMap; export it with zipmap=False");
  const strange = file.operators.filter((name) => !allowedOperators.has(name));
  if (strange.length > 0) complain(`operators that are not allowed: ${strange.join(", ")}`);
  const {features} = card;
  const [input] = file.inputs;
  if (file.inputs.length !== 1 || input.name !== card.input)
    complain(`expected one input ${card.input}, found ${file.inputs.map(({name}) => name).join(", ") || "none"}`);
  if (input.type !== "float32" || input.shape.length !== 2 || (input.shape[1] ?? features.length) !== features.length)
    complain(
      `input ${input.name}: expected float32 rows × ${features.length}, found ${input.type} ${shown(input.shape)}`
    );
  const output = file.outputs.find((value) => value.name === name);
  if (!output)
    return complain(`expected an output ${name}, found ${file.outputs.map((value) => value.name).join(", ")}`) as never;
  if (output.type !== "float32" || (output.shape.length === 2 && (output.shape[1] ?? width) !== width))
    complain(`output ${name}: expected float32 rows × ${width}, found ${output.type} ${shown(output.shape)}`);
  try {
    const model = await openOnnx(bytes, {input: card.input, output: name}, features.length, width);
    const answer = await model.run(new Float32Array(2 * features.length), 2);
    const strangeAt = answer.findIndex((number) => !Number.isFinite(number));
    if (strangeAt >= 0) {
      await model.close();
      throw new Error(`output ${name}: expected numbers, found ${answer[strangeAt]}`);
    }
    return model;
  } catch (error) {
    throw new Error(`${card.file}: ${(error as Error).message}`, {cause: error});
  }
}

function shown(shape: readonly (number | null)[]): string {
  return shape.map((size) => size ?? "rows").join(" × ");
}
