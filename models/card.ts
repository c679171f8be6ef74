/** What is known of a model: `<name>.json` beside `<name>.onnx`, in the form that models/train/card.py writes. */
export interface Card {
  readonly format: "flowbook-model-card-1";
  readonly name: string;
  readonly kind: "classifier" | "anomaly" | "activity";
  /** Name of the ONNX file in the same folder. */
  readonly file: string;
  /** Name of the one input: rows × features, 32-bit floats. */
  readonly input: string;
  /** Columns of the lake's `features` table, in the order of the input; of an activity model the activity features. */
  readonly features: readonly string[];
  /**
   * Classes in the order of the output `probabilities` or `classes`. One of a classifier's is `Normal`; those of an
   * activity model are the names that a suspicious activity may get.
   */
  readonly labels?: readonly string[];
  /**
   * Names of the outputs: `probabilities` (rows × labels), `decision` (rows × 1, below 0 is anomalous), or `log_odds`
   * (rows × 1) and `classes` (rows × labels).
   */
  readonly outputs: Readonly<Record<string, string>>;
  /**
   * `unknown`: the least probability of a known class; `anomaly`: the least anomaly score of an anomaly; `suspicious`:
   * the least probability of a suspicious activity; `name`: of a class that is named.
   */
  readonly thresholds: Readonly<Record<string, number>>;
  /** IP protocols whose flows it has learnt; others it does not judge. Without a list it judges TCP, UDP, ICMP and ICMPv6. */
  readonly protocols?: readonly number[];
  /** Of an activity model: those of its labels that it may name; shown on other networks to be right. */
  readonly named?: readonly string[];
  /** Of an activity model: the mean of each feature in training, from which contributions are counted. */
  readonly baseline?: readonly number[];
  readonly licence: string;
  readonly seed?: number;
  readonly metrics?: unknown;
  readonly training?: unknown;
  readonly data?: unknown;
  readonly tools?: Readonly<Record<string, string>>;
  readonly limits?: string;
}

/** The output that each kind of model must have, and the threshold. */
const kinds = {
  classifier: ["probabilities", "unknown"],
  anomaly: ["decision", "anomaly"],
  activity: ["log_odds", "suspicious"]
} as const;

/** The card in that text; throws a plain Error that says what is wrong with it. `features` are the known columns. */
export function readCard(text: string, features: ReadonlySet<string>): Card {
  let card: Partial<Card>;
  try {
    card = JSON.parse(text);
  } catch (error) {
    throw new Error(`no JSON: ${(error as Error).message}`, {cause: error});
  }
  const expect = (fits: boolean, what: string) => {
    if (!fits) throw new Error(what);
  };
  const isText = (value: unknown) => typeof value === "string" && value !== "";
  const isTexts = (value: unknown) => Array.isArray(value) && value.length > 0 && value.every(isText);
  expect(card.format === "flowbook-model-card-1", `format: expected flowbook-model-card-1, found ${card.format}`);
  expect(
    card.kind !== undefined && Object.hasOwn(kinds, card.kind),
    `kind: expected ${Object.keys(kinds).join(", ")}, found ${card.kind}`
  );
  for (const name of ["name", "file", "input", "licence"] as const)
    expect(isText(card[name]), `${name}: expected a text, found ${JSON.stringify(card[name])}`);
  expect(
    /^[\w.-]+\.onnx$/.test(card.file!),
    `file: expected the name of an ONNX file in the same folder, found ${card.file}`
  );
  expect(isTexts(card.features), "features: expected a list of names");
  const unknown = card.kind === "activity" ? [] : card.features!.filter((name) => !features.has(name));
  expect(unknown.length === 0, `features: ${unknown.slice(0, 5).join(", ")} unknown to this version`);
  expect(new Set(card.features).size === card.features!.length, "features: a name occurs twice");
  const [output, threshold] = kinds[card.kind!];
  expect(isText(card.outputs?.[output]), `outputs.${output}: expected the name of an output`);
  expect(Number.isFinite(card.thresholds?.[threshold]), `thresholds.${threshold}: expected a number`);
  const isProtocols = (value: unknown) =>
    Array.isArray(value) && value.length > 0 && value.every((n) => Number.isInteger(n) && n >= 0 && n <= 255);
  expect(
    card.protocols === undefined || isProtocols(card.protocols),
    "protocols: expected a list of IP protocol numbers"
  );
  if (card.kind === "activity") {
    const {baseline, labels, named = []} = card;
    expect(
      Array.isArray(baseline) && baseline.length === card.features!.length && baseline.every(Number.isFinite),
      "baseline: expected a number for each feature"
    );
    expect(isTexts(labels) && isText(card.outputs?.classes), "labels, outputs.classes: expected classes and an output");
    expect(Number.isFinite(card.thresholds?.name), "thresholds.name: expected a number");
    expect(Array.isArray(named) && named.every((name) => labels!.includes(name)), "named: expected some of the labels");
  }
  if (card.kind === "classifier") {
    expect(isTexts(card.labels), "labels: expected a list of classes");
    expect(card.labels!.includes("Normal"), "labels: there is no class Normal");
  }
  return card as Card;
}
