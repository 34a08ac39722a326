// Runs the test suite: types, then every *.test.ts under the given paths (src and test by default). With --long, the
// *.long.test.ts instead: tests that take minutes.
import { ChildProcess, spawnSync } from "node:child_process";
import { subscribe } from "node:diagnostics_channel";
import { globSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, relative, resolve, sep } from "node:path";
import process from "node:process";
import { pipeline } from "node:stream/promises";
import { run } from "node:test";
import { spec as SpecReporter } from "node:test/reporters";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

const TIMEOUT_MS = 300_000;

process.chdir(fileURLToPath(new URL("..", import.meta.url)));

// Each test file and each server that a test starts loads most of src: with its compiled code at hand, in half the time.
process.env["NODE_COMPILE_CACHE"] ??= resolve("node_modules/.cache/compiled");

/** In CI everything is installed, so that a skipped test means a broken set-up. */
const skipsFail = process.env["CI"] === "true";

const LONG = ".long.test.ts";

/** Rooms whose tests share one process: they take less time than its start. */
const SHARED_ROOMS = ["core", "server", "client", "cli"].map((room) => join("src", room) + sep);
const SHARED_FOLDER = resolve("node_modules/.cache/tests");

/** @param {string} file */
function sharedRoomOf(file) {
  return SHARED_ROOMS.find((room) => file.startsWith(room));
}

/**
 * Returns the files of test/ first: they test whole systems and take the longest, and at the end of a run a long file would run alone.
 *
 * @param {readonly string[]} paths
 * @param {boolean} isLong
 */
function testFiles(paths, isLong) {
  const files = paths
    .flatMap((path) =>
      path.endsWith(".test.ts")
        ? globSync(path)
        : globSync(`${path.replace(/\/+$/, "")}/**/*.test.ts`).filter((file) => file.endsWith(LONG) === isLong),
    )
    .filter((file) => !file.split(sep).includes("node_modules"))
    .toSorted();
  const isOfSystem = (/** @type {string} */ file) => file.startsWith(`test${sep}`);
  return [...files.filter(isOfSystem), ...files.filter((file) => !isOfSystem(file))];
}

/**
 * Returns the modules to run, each in a process of its own: a test file, or the module that imports those of a room.
 *
 * @param {readonly string[]} files
 */
function modulesOf(files) {
  return [...Map.groupBy(files, (file) => sharedRoomOf(file) ?? file)].map(([room, members]) => {
    const [only] = members;
    if (members.length === 1 && only !== undefined) return only;
    mkdirSync(SHARED_FOLDER, { recursive: true });
    const path = join(SHARED_FOLDER, `${room.split(sep).filter(Boolean).join("-")}.test.mjs`);
    writeFileSync(path, members.map((member) => `import ${JSON.stringify(pathToFileURL(member))};\n`).join(""));
    return path;
  });
}

/**
 * Builds dist/ if a source is newer and the files include tests of the published package.
 *
 * @param {readonly string[]} files
 */
function ensureBuilt(files) {
  if (!files.some((file) => file.startsWith(`test${sep}`)) || isBuilt()) return true;
  return spawnSync(process.execPath, ["scripts/build.mjs"], { stdio: "inherit" }).status === 0;
}

function isBuilt() {
  const built = statSync("dist", { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return ["package.json", ...globSync("src/**/*")].every((path) => statSync(path).mtimeMs <= built);
}

function checkTypes() {
  const compiler = "node_modules/typescript/bin/tsc";
  // The dashboard has its own project, because it needs the types of a browser.
  return ["tsconfig.json", "src/dashboard/tsconfig.json"].every(
    (project) => spawnSync(process.execPath, [compiler, "-p", project], { stdio: "inherit" }).status === 0,
  );
}

/** @typedef {import("node:test").EventData.TestPass | import("node:test").EventData.TestFail} TestEvent */

/** @param {TestEvent} event */
function skipReason(event) {
  const mark = [event.skip, event.todo].find((value) => value !== undefined && value !== false);
  return mark === true || mark === "" ? "no reason given" : mark;
}

/**
 * The runner reports a module without tests, or one that exits before its first, as a passed test with its name.
 *
 * @param {TestEvent} event
 */
function isModule(event) {
  return event.file !== undefined && event.nesting === 0 && event.name === relative(".", event.file);
}

/**
 * Counts each failure once: suites and parent tests only repeat the results of their tests.
 *
 * @param {TestEvent} event
 */
function isAggregate({ details }) {
  if (!("error" in details)) return details.type === "suite";
  return "failureType" in details.error && details.error.failureType === "subtestsFailed";
}

/**
 * Kills the processes of test files after a timeout, and when this process is stopped. The runner's own timeout is a timer inside the
 * file's process, which an endless loop blocks.
 */
function superviseFiles() {
  /** @type {Set<ChildProcess>} */
  const running = new Set();
  subscribe("child_process", (message) => {
    if (typeof message !== "object" || message === null || !("process" in message)) return;
    const child = message.process;
    if (!(child instanceof ChildProcess)) return;
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
    }, TIMEOUT_MS + 10_000);
    running.add(child);
    child.once("exit", () => {
      clearTimeout(timer);
      running.delete(child);
    });
  });
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
    process.once(signal, () => {
      for (const child of running) child.kill("SIGKILL");
      process.kill(process.pid, signal);
    });
  }
}

/** @param {string[]} files */
async function runTests(files) {
  superviseFiles();
  const result = { passed: 0, failed: 0, skipped: /** @type {string[]} */ ([]), empty: /** @type {string[]} */ ([]) };
  const unseen = new Set(files.filter((file) => sharedRoomOf(file) !== undefined).map((file) => resolve(file)));
  const execArgv = ["--conditions=@afoot/source", `--import=${new URL("left-behind.mjs", import.meta.url).href}`];
  // Files of whole systems wait for other processes and for time, about half of theirs.
  const concurrency = availableParallelism() * 3;
  const events = run({ files: modulesOf(files), concurrency, timeout: TIMEOUT_MS, execArgv });
  /** @param {TestEvent} event */
  const count = (event) => {
    if (event.file !== undefined) unseen.delete(event.file);
    const reason = skipReason(event);
    if (reason !== undefined) result.skipped.push(`${relative(".", event.file ?? "")}: ${event.name} (${reason})`);
    else if (!isAggregate(event)) {
      if ("error" in event.details) result.failed += 1;
      else if (!isModule(event)) result.passed += 1;
      else if (files.includes(event.name)) result.empty.push(event.name);
    }
  };
  events.on("test:pass", count).on("test:fail", count);
  const reporter = new SpecReporter();
  await pipeline(events, reporter, process.stdout, { end: false });
  result.empty.push(...[...unseen].map((file) => relative(".", file)));
  return result;
}

/** @param {string} title @param {readonly string[]} names */
function printList(title, names) {
  if (names.length > 0) process.stdout.write(`\n${title}:\n${names.map((name) => `  ${name}\n`).join("")}`);
}

const { values, positionals: paths } = parseArgs({
  options: { long: { type: "boolean", default: false } },
  allowPositionals: true,
});
const files = testFiles(paths.length === 0 ? ["src", "test"] : paths, values.long);
if (files.length === 0) {
  process.stderr.write(
    `No test file (*${values.long ? LONG : ".test.ts"}) under ${paths.join(", ") || "src, test"}.\n`,
  );
  process.exit(1);
}

if (!ensureBuilt(files)) {
  process.stderr.write("The build of dist/ failed (see above), and some tests need it.\n");
  process.exit(1);
}
const typesPass = checkTypes();
const { passed, failed, skipped, empty } = await runTests(files);

if (!typesPass) process.stdout.write("\nTYPE CHECK FAILED (see the top); counts as one failure.\n");
printList("FILES WITHOUT TESTS, each counts as a failure", empty);
printList(skipsFail ? "SKIPPED, each counts as a failure because CI=true" : "SKIPPED", skipped);

const failures = failed + (typesPass ? 0 : 1) + empty.length + (skipsFail ? skipped.length : 0);
const skips = skipped.length > 0 && !skipsFail ? `, ${skipped.length} skipped` : "";
process.stdout.write(`\n${passed + (typesPass ? 1 : 0)} passed, ${failures} failed${skips}\n`);
process.exitCode = failures === 0 ? 0 : 1;
