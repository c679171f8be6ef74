import {readdirSync, readFileSync} from "node:fs";
import {createRequire} from "node:module";
import {dirname, join, resolve} from "node:path";
import {expect, it} from "vitest";

const library = resolve(dirname(createRequire(import.meta.url).resolve("onnxruntime-node")), "../bin");

it("the ONNX Runtime that is installed has no telemetry, for any platform", () => {
  const names = readdirSync(library, {recursive: true, encoding: "utf8"});
  const native = names.filter((name) => /(^|[/\\])(lib)?onnxruntime[\w.]*\.(so|dylib|dll)/.test(name));
  expect(native.length).toBeGreaterThan(0);
  const telling = native.filter((name) => {
    const bytes = readFileSync(join(library, name));
    return ["ORT_DISABLE_TELEMETRY", "Microsoft12Applications6Events"].some((text) => bytes.includes(text));
  });
  expect(telling).toEqual([]);
});

it("should a later version have it, it is switched off in every process before it loads", async () => {
  await import("../../models/onnx.ts");
  expect(process.env.ORT_DISABLE_TELEMETRY).toBe("1");
  expect(process.env.OBSERVABLE_TELEMETRY_DISABLE).toBe("true");
});
