import { execFile } from "node:child_process";
import { cp, mkdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { promisify } from "node:util";

const execute = promisify(execFile);

/** An image that was built without containers: the instructions of a Dockerfile, run in a folder of this machine. */
export interface Image {
  /** Folder of the last `WORKDIR`. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  /** `ENTRYPOINT` and `CMD`. */
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
}

export interface BuildOptions {
  readonly environment: NodeJS.ProcessEnv;
  /** Command in place of `npm ci`, where the packages are installed already. */
  readonly install?: string;
}

/**
 * Runs `WORKDIR`, `COPY`, `RUN` and `ENV` of a Dockerfile with one stage in a folder. The base image is this machine, and its user
 * runs everything, so that `USER` and `chown` have no effect.
 */
export async function buildImage(context: string, root: string, options: BuildOptions): Promise<Image> {
  let folder = root;
  const environment: Record<string, string> = {};
  let entrypoint: readonly string[] = [];
  let command: readonly string[] = [];
  for (const [instruction, text] of instructionsOf(await readFile(join(context, "Dockerfile"), "utf8"))) {
    if (instruction === "WORKDIR") {
      folder = join(root, text);
      await mkdir(folder, { recursive: true });
    } else if (instruction === "COPY") await copyInto(context, folder, text);
    else if (instruction === "RUN") {
      const script = text.startsWith("npm ci") ? (options.install ?? text) : text;
      const env = { ...options.environment, ...environment };
      await execute("sh", ["-ec", `chown() { :; }\n${script}`], { cwd: folder, env });
    } else if (instruction === "ENV") Object.assign(environment, environmentOf(text));
    else if (instruction === "ENTRYPOINT") entrypoint = listOf(text);
    else if (instruction === "CMD") command = listOf(text);
    else if (!/^(?:FROM|USER|VOLUME|EXPOSE|HEALTHCHECK|STOPSIGNAL)$/.test(instruction)) {
      throw new Error(`Dockerfile: ${instruction} is not known here`);
    }
  }
  return { folder, environment, entrypoint, command };
}

function instructionsOf(dockerfile: string): readonly (readonly [string, string])[] {
  return dockerfile
    .replaceAll(/^\s*#.*\n/gm, "")
    .replaceAll(/\\\n\s*/g, " ")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const [, instruction = "", text = ""] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
      return [instruction.toUpperCase(), text] as const;
    });
}

/** Copies files and folders: into the folder with their names if the target ends with a slash, else as the target. */
async function copyInto(context: string, folder: string, text: string): Promise<void> {
  const paths = text.split(/\s+/).filter((word) => !word.startsWith("--"));
  const target = join(folder, paths.pop() ?? "");
  const isFolder = /\/$|^\.$/.test(text.split(/\s+/).at(-1) ?? "");
  for (const path of paths) {
    await cp(join(context, path), isFolder ? join(target, basename(path)) : target, { recursive: true });
  }
}

function environmentOf(text: string): Record<string, string> {
  return Object.fromEntries(
    text.split(/\s+/).map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]),
  );
}

function listOf(text: string): readonly string[] {
  const list: unknown = JSON.parse(text);
  if (!Array.isArray(list)) throw new Error(`Dockerfile: ${text} is no list`);
  return list.map(String);
}
