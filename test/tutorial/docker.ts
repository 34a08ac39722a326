// Stands for the program `docker` where a page is followed without containers: `build`, `run` and `stop` of one image, as processes.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildImage, type Image } from "../support/image.ts";

const [root = "", subcommand, ...argv] = process.argv.slice(2);
const [imageFile, pidFile] = [join(root, "image.json"), join(root, "pid")];

if (subcommand === "build") {
  writeFileSync(imageFile, JSON.stringify(await buildImage(process.cwd(), root, { environment: process.env })));
} else if (subcommand === "run") await run(argv);
else if (subcommand === "stop") await stop();
else throw new Error(`docker ${subcommand} is not known here`);

/** Runs the image in the foreground, or with `--detach` in the background. The arguments after its tag replace `CMD`. */
async function run(flags: readonly string[]): Promise<void> {
  const image = JSON.parse(readFileSync(imageFile, "utf8")) as Image;
  const own = flags.slice(flags.lastIndexOf("sites") + 1);
  const isDetached = flags.includes("--detach");
  const [program = "", ...words] = [...image.entrypoint, ...(own.length === 0 ? image.command : own)];
  const child = spawn(program, words, {
    cwd: image.folder,
    env: { ...process.env, ...image.environment },
    stdio: isDetached ? "ignore" : "inherit",
    detached: isDetached,
  });
  if (isDetached) {
    child.unref();
    writeFileSync(pidFile, `${child.pid}`);
    process.stdout.write(`${"0".repeat(64)}\n`);
  } else process.exitCode = Number((await once(child, "exit"))[0]);
}

async function stop(): Promise<void> {
  const pid = Number(readFileSync(pidFile, "utf8"));
  process.kill(pid, "SIGTERM");
  while (existsSync(`/proc/${pid}`)) await new Promise((resolve) => setTimeout(resolve, 50));
  rmSync(pidFile);
  process.stdout.write("sites\n");
}
