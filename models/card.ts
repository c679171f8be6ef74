/** What is known of a model: `<name>.json` beside `<name>.onnx`, in the form that models/train/card.py writes. */
export interface Card {
  readonly format: "flowbook-model-card-1";
  readonly name: string;
  readonly kind: "classifier" | "anomaly";
  /** Name of the ONNX file in the same folder. */
  readonly file: string;
  /** Name of the one input: rows × features, 32-bit floats. */
  readonly input: string;
  /** Columns of the lake's `features` table, in the order of the input. */
  readonly features: readonly string[];
  /** Classes in the order of the output `probabilities`; classifiers only. One of them is `Normal`. */
  readonly labels?: readonly string[];
  /** Names of the outputs: `probabilities` (rows × labels) or `decision` (rows × 1, below 0 is anomalous). */
  readonly outputs: Readonly<Record<string, string>>;
  /** `unknown`: the least probability of a known class; `anomaly`: the least anomaly score of an anomaly. */
  readonly thresholds: Readonly<Record<string, number>>;
  /** IP protocols whose flows it has learnt; others it does not judge. Without a list it judges TCP, UDP, ICMP and ICMPv6. */
  readonly protocols?: readonly number[];
  readonly licence: string;
  readonly seed?: number;
  readonly metrics?: unknown;
  readonly training?: unknown;
  readonly data?: unknown;
  readonly tools?: Readonly<Record<string, string>>;
  readonly limits?: string;
}

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
    card.kind === "classifier" || card.kind === "anomaly",
    `kind: expected classifier or anomaly, found ${card.kind}`
  );
  for (const name of ["name", "file", "input", "licence"] as const)
    expect(isText(card[name]), `${name}: expected a text, found ${JSON.stringify(card[name])}`);
  expect(
    /^[\w.-]+\.onnx$/.test(card.file!),
    `file: expected the name of an ONNX file in the same folder, found ${card.file}`
  );
  expect(isTexts(card.features), "features: expected a list of names");
  const unknown = card.features!.filter((name) => !features.has(name));
  expect(unknown.length === 0, `features: ${unknown.slice(0, 5).join(", ")} unknown to this version`);
  expect(new Set(card.features).size === card.features!.length, "features: a name occurs twice");
  const [output, threshold] = card.kind === "classifier" ? ["probabilities", "unknown"] : ["decision", "anomaly"];
  expect(isText(card.outputs?.[output]), `outputs.${output}: expected the name of an output`);
  expect(Number.isFinite(card.thresholds?.[threshold]), `thresholds.${threshold}: expected a number`);
  const isProtocols = (value: unknown) =>
    Array.isArray(value) && value.length > 0 && value.every((n) => Number.isInteger(n) && n >= 0 && n <= 255);
  expect(
    card.protocols === undefined || isProtocols(card.protocols),
    "protocols: expected a list of IP protocol numbers"
  );
  if (card.kind === "classifier") {
    expect(isTexts(card.labels), "labels: expected a list of classes");
    expect(card.labels!.includes("Normal"), "labels: there is no class Normal");
  }
  return card as Card;
}
