// Runs `node <arguments>` on a Node that is new enough: the current one, else one that npm fetches. Kept to syntax and APIs of Node 18, since the whole point is to start on an older Node.
import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, dirname, join } from "node:path";
import process from "node:process";

const REQUIRED_MAJOR = 24;

/** @param {string} version */
const majorOf = (version) => Number(/^v(\d+)\./.exec(version)?.[1] ?? 0);

/** @param {string} message @returns {never} */
function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

/**
 * npm's own JavaScript where it can be found, because on Windows `npm` is a batch file, which only a shell can run.
 *
 * @returns {[command: string, ...leading: string[]]}
 */
function npmCommand() {
  const candidates = [process.env["npm_execpath"], join(dirname(process.execPath), "node_modules/npm/bin/npm-cli.js")];
  const script = candidates.find((path) => path !== undefined && path.endsWith("npm-cli.js") && existsSync(path));
  return script === undefined ? ["npm"] : [process.execPath, script];
}

/** A surrounding `npm pack --dry-run` or `npm install --global` would otherwise apply to the `npm exec` below too. */
function environmentForNpm() {
  const inherited = new Set([
    "npm_config_dry_run",
    "npm_config_global",
    "npm_config_location",
    "npm_config_package_lock_only",
  ]);
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !inherited.has(name)));
}

function nodeFromNpm() {
  process.stderr.write(
    `Node ${REQUIRED_MAJOR} or later is needed and this is ${process.version}: using node@${REQUIRED_MAJOR} from npm (downloaded once).\n`,
  );
  const [command, ...leading] = npmCommand();
  const question = String.raw`[process.version, process.execPath].join("\n")`;
  const asked = ["exec", "--yes", `--package=node@${REQUIRED_MAJOR}`, "--", "node", "--print", question];
  const { error, status, stdout, stderr } = spawnSync(command, [...leading, ...asked], {
    encoding: "utf8",
    env: environmentForNpm(),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const next = `Install Node ${REQUIRED_MAJOR} (https://nodejs.org), or run this once where npm can reach its registry.`;
  if (error !== undefined || status !== 0) {
    fail(
      `npm could not provide node@${REQUIRED_MAJOR}: ${error?.message ?? `exit code ${status}`}\n${stderr ?? ""}${next}`,
    );
  }
  const [version = "", path = ""] = stdout.trim().split("\n").slice(-2);
  // With install scripts switched off npm leaves that package without its binary, and `node` is the old one again.
  if (majorOf(version) < REQUIRED_MAJOR) {
    fail(`npm provided no working node@${REQUIRED_MAJOR} (got ${version}); are its install scripts disabled?\n${next}`);
  }
  return path;
}

const node = majorOf(process.version) >= REQUIRED_MAJOR ? process.execPath : nodeFromNpm();

// Whatever the child starts by name (`node`, a tool with an env line) must not fall back to the older Node.
const pathName = Object.keys(process.env).find((name) => name.toUpperCase() === "PATH") ?? "PATH";
const path = [dirname(node), process.env[pathName]].filter(Boolean).join(delimiter);
const child = spawn(node, process.argv.slice(2), { stdio: "inherit", env: { ...process.env, [pathName]: path } });

/** @type {NodeJS.Signals[]} */
const forwarded = ["SIGTERM", "SIGINT", "SIGHUP"];
for (const signal of forwarded) {
  process.on(signal, () => {
    // A terminal's Ctrl-C reaches the child by itself; a second one would look like an impatient user.
    if (signal === "SIGINT" && process.stdin.isTTY) return;
    child.kill(signal);
  });
}

child.on("error", (error) => fail(`${node} could not be started: ${error.message}`));
child.on("exit", (code, signal) => {
  if (signal === null) process.exit(code ?? 1);
  // Dying of the same signal tells the parent the truth; the exit code is for platforms where that is no option.
  process.exitCode = 128 + constants.signals[signal];
  for (const name of forwarded) process.removeAllListeners(name);
  process.kill(process.pid, signal);
});
