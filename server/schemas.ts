import type {FastifySchema, FastifySchemaValidationError} from "fastify";

/** A JSON Schema (draft 7), as far as routes need it. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly [keyword: string]: unknown;
}

/** What each route says of itself: checked before its handler runs, and told in OpenAPI. */
export interface Described extends FastifySchema {
  readonly summary: string;
  readonly tags: readonly string[];
  /** Fields after `?`; a route without has none. */
  readonly querystring?: JsonSchema;
  readonly params?: JsonSchema;
  readonly body?: JsonSchema;
  readonly response: Readonly<Record<number, JsonSchema>>;
}

/** An object of these fields and no others; `isOptional` where all of it may be left out. */
export function fields(
  properties: Readonly<Record<string, JsonSchema>>,
  required: readonly string[] = [],
  isOptional = false
): JsonSchema {
  return {
    type: isOptional ? ["object", "null"] : "object",
    properties,
    required: [...required],
    additionalProperties: false
  };
}

const error: JsonSchema = {
  type: "object",
  properties: {
    error: {type: "string", description: "what is wrong, in words"},
    field: {type: "string", description: "the field that is wrong"}
  },
  required: ["error"]
};

const answer = (description: string) => ({...error, description});

/** Answers that many routes have. */
export const answers = {
  ok: {description: "Done"},
  error,
  refused: {400: answer("A field or statement is wrong; `field` says which")},
  absent: {404: answer("There is no such thing")},
  busy: {429: answer("Too much of this is at work already")},
  conflict: {409: answer("Not now")},
  accepted: {202: {description: "Begun"}}
} as const;

/** What a schema says of a field, where it stands and what was found: `body.sql: expected a text, found 7`. */
export function wordsOf(
  {keyword, instancePath, params, parentSchema, data}: SchemaFault,
  part: string
): {message: string; field: string} {
  const path = instancePath.split("/").slice(1);
  const say = (names: readonly string[], expected: string, found?: unknown) => ({
    message: `${[part, ...names].join(".")}: expected ${expected}, found ${found === undefined ? "nothing" : shown(found)}`,
    field: names.join(".") || part
  });
  const properties = (parentSchema?.properties ?? {}) as Readonly<Record<string, JsonSchema>>;
  if (keyword === "required") {
    const name = String(params.missingProperty);
    return say([...path, name], expectation(properties[name] ?? {}));
  }
  if (keyword === "additionalProperties") {
    const names = Object.keys(properties).join(", ");
    const name = String(params.additionalProperty);
    return {
      message: `${[part, ...path].join(".")}: expected ${names ? `only ${names}` : "no fields"}, found ${shown(name)}`,
      field: [...path, name].join(".")
    };
  }
  return say(path, expectation(parentSchema ?? {}), data);
}

/** A schema's fault with the value and the schema that it was judged by. */
export type SchemaFault = FastifySchemaValidationError & {
  readonly parentSchema?: JsonSchema;
  readonly data?: unknown;
};

const typeWords: Readonly<Record<string, string>> = {
  string: "a text",
  integer: "a whole number",
  number: "a number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  null: "nothing"
};

/** A schema in words. */
function expectation(schema: JsonSchema): string {
  const {type, description, enum: values, minimum, maximum, minLength, maxLength, maxItems} = schema;
  if (Array.isArray(values)) return `one of ${values.join(", ")}`;
  const types = [type ?? []].flat().map((name) => typeWords[name] ?? name);
  const bounds = [
    minimum === undefined && maximum === undefined ? "" : `from ${minimum ?? "-∞"} to ${maximum ?? "∞"}`,
    minLength === undefined && maxLength === undefined ? "" : `of ${minLength ?? 0} to ${maxLength ?? "∞"} characters`,
    maxItems === undefined ? "" : `of ${maxItems} at most`
  ];
  return [types.join(" or "), ...bounds, description && `(${description})`].filter(Boolean).join(" ");
}

const longestShown = 80;

function textOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return "something nested too deeply";
  }
}

function shown(value: unknown): string {
  const text = textOf(value);
  return text.length > longestShown ? `${text.slice(0, longestShown)}… (${text.length} characters)` : text;
}
