// `npm run package`: makes the tarball that a plain `npm i` installs where only a registry can be reached. onnxruntime-node
// wants to download CUDA libraries from elsewhere while it is installed, and an installed package cannot tell npm to leave
// that out. So the tarball carries it, without that step, in vendor/; the rest is what `npm pack` makes.
import {execFileSync} from "node:child_process";
import {cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync} from "node:fs";
import {join} from "node:path";
import {fileURLToPath} from "node:url";
import {withoutPackage} from "./pruned-lock.js";

const carried = "onnxruntime-node";
const root = fileURLToPath(new URL("..", import.meta.url));
const staging = join(root, "build/package");
const readJson = (path) => JSON.parse(readFileSync(path, "utf8"));
const writeJson = (path, value) => writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
const npm = (args, cwd) =>
  execFileSync(process.platform === "win32" ? "npm.cmd" : "npm", args, {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    shell: process.platform === "win32"
  }).trim();

rmSync(staging, {recursive: true, force: true});
mkdirSync(staging, {recursive: true});
const plain = npm(["pack", "--silent", "--pack-destination", staging], root).split("\n").at(-1);
execFileSync("tar", ["-xzf", plain, "--strip-components=1"], {cwd: staging});
rmSync(join(staging, plain));

const source = join(root, "node_modules", carried);
const target = join(staging, "vendor", carried);
for (const name of ["bin", "dist", "README.md"])
  cpSync(join(source, name), join(target, name), {recursive: true, filter: (path) => !path.endsWith(".map")});
const {name, version, main, license, dependencies, description, repository} = readJson(join(source, "package.json"));
writeJson(join(target, "package.json"), {name, version, main, license, description, repository});
writeFileSync(join(target, "LICENSE"), mit("Microsoft Corporation"));

const common = {"onnxruntime-common": dependencies["onnxruntime-common"]};
const {scripts, ...manifest} = readJson(join(staging, "package.json"));
const {prepack, postpack, ...kept} = scripts;
const {[carried]: left, ...others} = manifest.dependencies;
writeJson(join(staging, "package.json"), {
  ...manifest,
  files: [...manifest.files, "vendor"],
  scripts: kept,
  dependencies: {...others, ...common}
});
const lock = join(staging, "npm-shrinkwrap.json");
writeJson(lock, withoutPackage(readJson(lock), carried, common));

const tarball = npm(["pack", "--silent", "--pack-destination", staging], staging).split("\n").at(-1);
renameSync(join(staging, tarball), join(root, tarball));
rmSync(staging, {recursive: true, force: true});
console.log(tarball);

function mit(holder) {
  const [, permission] = readFileSync(join(root, "LICENSE"), "utf8").split(/^Copyright.*$/m);
  return `MIT License\n\nCopyright (c) ${holder}\n${permission}`;
}
