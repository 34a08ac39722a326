// Runs `node <arguments>` on a recent Node: the current one, or one fetched from npm.
// Uses only syntax and APIs of Node 18, because it must start on an older Node.
import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, dirname, join } from "node:path";
import process from "node:process";

const REQUIRED_MAJOR = 24;

/** @param {string} version */
const majorVersion = (version) => Number(/^v(\d+)\./.exec(version)?.[1] ?? 0);

/** @param {string} message @returns {never} */
function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

/**
 * Returns npm's own JavaScript if it is found. On Windows `npm` is a batch file, which only a shell can run.
 *
 * @returns {[command: string, ...leading: string[]]}
 */
function npmCommand() {
  const candidates = [process.env["npm_execpath"], join(dirname(process.execPath), "node_modules/npm/bin/npm-cli.js")];
  const script = candidates.find((path) => path !== undefined && path.endsWith("npm-cli.js") && existsSync(path));
  return script === undefined ? ["npm"] : [process.execPath, script];
}

/** Removes flags of a surrounding `npm pack --dry-run` or `npm install --global`, which would also apply to `npm exec`. */
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
    `Node ${REQUIRED_MAJOR} or later is required, this is ${process.version}: using node@${REQUIRED_MAJOR} from npm (downloaded once).\n`,
  );
  const [command, ...leading] = npmCommand();
  const expression = String.raw`[process.version, process.execPath].join("\n")`;
  const npmArguments = ["exec", "--yes", `--package=node@${REQUIRED_MAJOR}`, "--", "node", "--print", expression];
  const { error, status, stdout, stderr } = spawnSync(command, [...leading, ...npmArguments], {
    encoding: "utf8",
    env: environmentForNpm(),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const advice = `Install Node ${REQUIRED_MAJOR} (https://nodejs.org), or run this once where npm can reach its registry.`;
  if (error !== undefined || status !== 0) {
    fail(
      `npm could not provide node@${REQUIRED_MAJOR}: ${error?.message ?? `exit code ${status}`}\n${stderr ?? ""}${advice}`,
    );
  }
  const [version = "", path = ""] = stdout.trim().split("\n").slice(-2);
  // With install scripts disabled, npm leaves the package without its binary, and `node` is the old one.
  if (majorVersion(version) < REQUIRED_MAJOR) {
    fail(
      `npm provided no working node@${REQUIRED_MAJOR} (got ${version}); are its install scripts disabled?\n${advice}`,
    );
  }
  return path;
}

const node = majorVersion(process.version) >= REQUIRED_MAJOR ? process.execPath : nodeFromNpm();

// Programs that the child starts by name, such as `node`, must not fall back to the older Node.
const pathName = Object.keys(process.env).find((name) => name.toUpperCase() === "PATH") ?? "PATH";
const path = [dirname(node), process.env[pathName]].filter(Boolean).join(delimiter);
const child = spawn(node, process.argv.slice(2), { stdio: "inherit", env: { ...process.env, [pathName]: path } });

/** @type {NodeJS.Signals[]} */
const forwarded = ["SIGTERM", "SIGINT", "SIGHUP"];
for (const signal of forwarded) {
  process.on(signal, () => {
    // A terminal sends Ctrl-C to the child too; a second signal would force its exit.
    if (signal === "SIGINT" && process.stdin.isTTY) return;
    child.kill(signal);
  });
}

child.on("error", (error) => fail(`${node} could not be started: ${error.message}`));
child.on("exit", (code, signal) => {
  if (signal === null) process.exit(code ?? 1);
  // Exits by the same signal, so that the parent sees it. The exit code is for platforms without signals.
  process.exitCode = 128 + constants.signals[signal];
  for (const name of forwarded) process.removeAllListeners(name);
  process.kill(process.pid, signal);
});
