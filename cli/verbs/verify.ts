import {spawnSync} from "node:child_process";
import {existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {foreignEntry} from "../../capture/partitions/foreign-entries.ts";
import {hashFile} from "../../capture/sources/hash-file.ts";
import {type BundleManifest, checkAnswers, checkFiles, manifestName} from "../../loaders/export/evidence-bundle.ts";
import {openLake} from "../../loaders/lake/duckdb.ts";
import {projectRoot} from "../configuration.ts";
import {printable} from "../progress.ts";
import {exit, UserError, type Verb} from "../verb.ts";
import {versions} from "./bundle.ts";

export const verb: Verb = {
  name: "verify",
  usage: "BUNDLE [--captures FOLDER] [--signers FILE --identity NAME]",
  options: {captures: {type: "string"}, signers: {type: "string"}, identity: {type: "string"}},
  help: {
    captures: "folder with the captures: they are read again, and all queries run again",
    signers: "file with the allowed signers, in the format of ssh-keygen",
    identity: "the allowed signer expected to have signed the bundle"
  },
  async run({positionals, values, json}) {
    const [named, ...rest] = positionals;
    if (!named || rest.length > 0) throw new UserError(exit.usage, "verify: expected one bundle (a folder)");
    if ((values.signers === undefined) !== (values.identity === undefined))
      throw new UserError(exit.usage, "verify: expected both --signers and --identity, found only one of them");
    const folder = resolve(named);
    if (!statSync(folder, {throwIfNoEntry: false})?.isDirectory())
      throw new UserError(exit.input, `verify: expected a folder, found none at ${folder}`);
    const foreign = foreignEntry(folder);
    if (foreign)
      throw new UserError(exit.input, `verify: ${printable(foreign.path)} is ${foreign.kind}: a bundle has none`);
    const {manifest, differences} = checkFiles(folder);
    const notes: string[] = [];
    const signature = signatureOf(folder, values.signers as string | undefined, values.identity as string | undefined);
    if (signature.problem) differences.push(signature.problem);
    else notes.push(signature.words);
    if (manifest) {
      notes.push(...otherVersions(manifest));
      if (manifest.redacted) notes.push(manifest.redacted);
      if (manifest.redacted && values.captures)
        throw new UserError(exit.usage, "verify: the bundle is redacted: its answers are not those of the captures");
      if (values.captures) differences.push(...(await again(folder, manifest, resolve(values.captures as string))));
      else notes.push("statements were not asked again: --captures FOLDER names the captures");
    }
    if (json) console.log(JSON.stringify({folder, differences, notes}));
    else {
      for (const note of notes) console.error(`flowbook: ${printable(note)}`);
      console.log(differences.length === 0 ? `${folder}: as it was sealed` : differences.map(printable).join("\n"));
    }
    return differences.length === 0 ? exit.ok : exit.stale;
  }
};

function otherVersions(manifest: BundleManifest): string[] {
  const now = versions();
  return (["flowbook", "model", "rules"] as const)
    .filter((name) => now[name] !== manifest[name])
    .map(
      (name) =>
        `${name} was ${manifest[name].slice(0, 16)} when it was made, is ${now[name].slice(0, 16)}: answers may differ`
    );
}

/** Reads the captures again into a lake of their own, and asks it. */
async function again(folder: string, manifest: BundleManifest, captures: string): Promise<string[]> {
  const files = new Map<string, string>();
  for (const name of readdirSync(captures, {recursive: true, encoding: "utf8"})) {
    const file = join(captures, name);
    if (statSync(file).isFile()) files.set(await hashFile(file), file);
  }
  const missing = manifest.captures.filter(({sha256}) => !files.has(sha256));
  if (missing.length > 0)
    return missing.map(({name, sha256}) => `the capture ${name} (${sha256.slice(0, 12)}…) is not in ${captures}`);
  const top = mkdtempSync(join(tmpdir(), "flowbook-verify-"));
  try {
    const lake = join(top, "lake");
    const paths = manifest.captures.map(({sha256}) => files.get(sha256)!);
    const {status, stderr} = spawnSync(
      process.execPath,
      [join(projectRoot, "bin/flowbook.js"), "import", "--lake", lake, "--", ...paths],
      {encoding: "utf8", stdio: ["ignore", "ignore", "pipe"]}
    );
    if (status !== 0 && status !== exit.input)
      return [`the captures could not be read again: ${stderr.trim().slice(0, 500)}`];
    const engine = await openLake(lake);
    try {
      return await checkAnswers(folder, manifest, engine);
    } finally {
      await engine.close();
    }
  } finally {
    rmSync(top, {recursive: true, force: true});
  }
}

function signatureOf(folder: string, signers?: string, identity?: string): {words: string; problem: string | null} {
  const [manifest, signature] = [join(folder, manifestName), join(folder, `${manifestName}.sig`)];
  if (!existsSync(signature))
    return {words: "it is not signed", problem: signers ? `${manifestName}.sig is not there: it is not signed` : null};
  const how = signers ? ["verify", "-f", resolve(signers), "-I", identity!] : ["check-novalidate"];
  const {status, stdout, stderr, error} = spawnSync("ssh-keygen", ["-Y", ...how, "-n", "flowbook", "-s", signature], {
    input: existsSync(manifest) ? readFileSync(manifest) : "",
    encoding: "utf8"
  });
  const said = `${stdout}${stderr}`.trim().split("\n")[0] || String(error?.message ?? "");
  if (status !== 0) return {words: "", problem: `the signature of ${manifestName} does not hold: ${said}`};
  return {words: signers ? said : `${said}; --signers says whose key that is`, problem: null};
}
