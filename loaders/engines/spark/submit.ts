import {execFileSync, spawn, spawnSync} from "node:child_process";
import {once} from "node:events";
import {existsSync, readFileSync} from "node:fs";
import {join} from "node:path";
import {createInterface} from "node:readline";
import {fileURLToPath} from "node:url";

/** What the job needs of Python's packages. */
export const requirements = fileURLToPath(new URL("requirements.txt", import.meta.url));

/** Lines of Spark's that are told where a job fails. */
const saidLines = 60;

const script = fileURLToPath(new URL("score.py", import.meta.url));

/** Whether there is a Java runtime, in JAVA_HOME or on the PATH, as Spark looks for it. */
export function hasJava(env = process.env): boolean {
  const java = env.JAVA_HOME ? join(env.JAVA_HOME, "bin/java") : "java";
  return spawnSync(java, ["-version"], {stdio: "ignore"}).status === 0;
}

/** Where that Python keeps Spark. */
export function sparkHome(python: string): string {
  const command = "import pyspark; print(pyspark.__path__[0])";
  return execFileSync(python, ["-c", command], {encoding: "utf8", stdio: ["ignore", "pipe", "inherit"]}).trim();
}

/** Where a job is sent to. */
export interface SparkPlace {
  /** A Python that has the packages of {@link requirements}; workers need the same at that path, or name theirs in PYSPARK_PYTHON. */
  readonly python: string;
  /** `spark://HOST:PORT` and others that Spark knows; `local[N]` are processes of this machine. */
  readonly master: string;
}

/**
 * Runs the job over a plan (`score.py`) and returns what it did with each part. Spark's further settings are those of
 * SPARK_CONF_DIR. Throws where the job failed, with what it said last.
 */
export async function submitScoring<T>(planFolder: string, {python, master}: SparkPlace): Promise<readonly T[]> {
  const home = sparkHome(python);
  // Between processes of this machine nothing listens on its other addresses.
  const isHere = master.startsWith("local");
  const here = ["spark.driver.host=127.0.0.1", "spark.driver.bindAddress=127.0.0.1", "spark.ui.enabled=false"];
  const settings = ["spark.ui.showConsoleProgress=false", ...(isHere ? here : [])].flatMap((each) => ["--conf", each]);
  const child = spawn(join(home, "bin/spark-submit"), ["--master", master, ...settings, script, planFolder], {
    env: {
      PYSPARK_PYTHON: python,
      PYTHONDONTWRITEBYTECODE: "1",
      ...process.env,
      SPARK_HOME: home,
      PYSPARK_DRIVER_PYTHON: python
    },
    cwd: planFolder,
    stdio: ["ignore", "ignore", "pipe"]
  });
  const said: string[] = [];
  createInterface(child.stderr).on("line", (line) => {
    said.push(line);
    if (said.length > saidLines) said.shift();
  });
  const [code] = (await once(child, "close")) as [number | null];
  const result = join(planFolder, "result.json");
  if (code !== 0 || !existsSync(result))
    throw new Error(`Spark's job over ${master} failed with exit code ${code}; it said last:\n${said.join("\n")}`);
  return JSON.parse(readFileSync(result, "utf8"));
}
