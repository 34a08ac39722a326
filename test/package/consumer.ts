import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, delimiter, dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/**
 * The environment without the variables that npm and the test runner set for this package: they would mislead npm in another folder,
 * and `node --test` would skip all files.
 */
const inherited = Object.entries(process.env).filter(
  ([name]) => !/^(?:INIT_CWD|NODE_TEST_CONTEXT|npm_(?:command|lifecycle_|package_|config_local_prefix).*)$/u.test(name),
);

/** Puts the running Node first in PATH. */
export const environment: NodeJS.ProcessEnv = {
  ...Object.fromEntries(inherited),
  PATH: [dirname(process.execPath), process.env["PATH"]].join(delimiter),
};

export function run(command: string, args: readonly string[], cwd: string): void {
  try {
    execFileSync(command, args, { cwd, env: environment, encoding: "utf8", stdio: "pipe" });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error([`${command} ${args.join(" ")} failed`, stdout, stderr].join("\n"), { cause: error });
  }
}

/** Packs the package, or another one of this repository, as it would be published. Returns the name of the file. */
export function packPackage(folder: string, source = "."): string {
  const others = new Set(readdirSync(folder));
  // Several test files pack at once, and others read dist/: the suite builds it before any of them.
  run("npm", ["pack", "--ignore-scripts", "--pack-destination", folder], join(ROOT, source));
  const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz") && !others.has(name));
  if (tarball === undefined) throw new Error("npm pack wrote no file");
  return tarball;
}

/** Returns the version of a package that this repository locks. */
export function lockedVersion(name: string): string | undefined {
  const { packages } = createRequire(import.meta.url)("../../package-lock.json") as {
    packages: Record<string, { version: string }>;
  };
  return packages[`node_modules/${name}`]?.version;
}

function lockedSpecifier(name: string): string {
  return name.endsWith(".tgz") ? name : `${name}@${lockedVersion(name)}`;
}

export interface CheckOptions {
  /** Packages of `@types` whose globals are visible. @default none */
  readonly types?: readonly string[];
  /** @default false */
  readonly skipLibCheck?: boolean;
}

/** A project in which the package is installed as it would be published. */
export class Consumer implements Disposable {
  readonly directory = mkdtempSync(join(tmpdir(), "afoot-consumer-"));

  constructor() {
    this.write("package.json", JSON.stringify({ name: "consumer", private: true, type: "module" }));
  }

  /** Installs the package, and others in the versions that this repository locks, by one command. */
  installPackage(...names: readonly string[]): void {
    this.#npmInstall(`./${packPackage(this.directory)}`, ...names.map(lockedSpecifier));
  }

  write(name: string, text: string): void {
    const path = join(this.directory, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  /** Copies a file of this repository, with the same name relative to the project. */
  copyFile(source: string, name: string): void {
    this.write(name, readFileSync(source, "utf8"));
  }

  /** Copies the installed package into the `node_modules` of a folder: a second copy, for the files of the folder. */
  copyPackage(folder: string): string {
    const copy = join(this.directory, folder, "node_modules/afoot");
    rmSync(copy, { recursive: true, force: true });
    cpSync(join(this.directory, "node_modules/afoot"), copy, { recursive: true });
    return copy;
  }

  /** Installs packages in the versions that this repository locks. */
  install(...names: readonly string[]): void {
    this.#npmInstall(...names.map(lockedSpecifier));
  }

  #npmInstall(...specifiers: readonly string[]): void {
    run("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", ...specifiers], this.directory);
  }

  /** Compiles files with a TypeScript of this repository, by default with the declarations of their dependencies. */
  check(compiler: "typescript" | "typescript-5.9", files: readonly string[], options: CheckOptions = {}): void {
    const { types = [], skipLibCheck = false } = options;
    const compilerOptions = {
      strict: true,
      module: "nodenext",
      noEmit: true,
      allowImportingTsExtensions: true,
      skipLibCheck,
      types,
    };
    this.write("tsconfig.json", JSON.stringify({ compilerOptions, files }));
    run(process.execPath, [join(ROOT, "node_modules", compiler, "bin/tsc"), "-p", "tsconfig.json"], this.directory);
  }

  /** Copies a folder of packages, links them as a workspace does, and builds one with those that it refers to. */
  build(compiler: "typescript" | "typescript-5.9", project: string, source: string): void {
    const folder = join(this.directory, basename(source));
    rmSync(folder, { recursive: true, force: true });
    cpSync(source, folder, { recursive: true });
    const packages = readdirSync(folder).filter((name) => existsSync(join(folder, name, "package.json")));
    for (const name of packages) {
      const link = join(folder, "node_modules/@shop", name);
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(join(folder, name), link);
    }
    run(process.execPath, [join(ROOT, "node_modules", compiler, "bin/tsc"), "--build", project], folder);
  }

  start(...args: readonly string[]): Started {
    return this.runCommand("start", ...args);
  }

  /** Runs a command of the package, such as `mock`. */
  runCommand(...args: readonly string[]): Started {
    return new Started(["--no-install", "afoot", ...args], this.directory);
  }

  /** Returns number and total size of the installed packages. */
  installed(): { readonly packages: number; readonly bytes: number } {
    const folder = join(this.directory, "node_modules");
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
    const { packages } = JSON.parse(readFileSync(join(folder, ".package-lock.json"), "utf8")) as { packages: object };
    // Counts folders as well, as `du` does.
    const bytes = entries.reduce((sum, { parentPath, name }) => sum + lstatSync(join(parentPath, name)).size, 0);
    return { packages: Object.keys(packages).length, bytes };
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** A running command, such as `npx afoot start`. */
export class Started implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  readonly #output: string[] = [];

  constructor(args: readonly string[], cwd: string) {
    // Its own process group, because the shell that npx starts does not forward signals to the program.
    this.#child = spawn("npx", args, { cwd, env: environment, stdio: ["ignore", "pipe", "pipe"], detached: true });
    this.#closed = once(this.#child, "close");
  }

  /** Returns the first URL in the output of the process. */
  async url(): Promise<string> {
    const { stdout, stderr } = this.#child;
    if (stdout === null || stderr === null) throw new Error("started without pipes");
    stderr.on("data", (chunk: Buffer) => this.#output.push(chunk.toString()));
    for await (const line of createInterface(stdout)) {
      this.#output.push(`${line}\n`);
      const url = /https?:\/\/\S+/u.exec(line)?.[0];
      if (url !== undefined) {
        stdout.resume();
        return url;
      }
    }
    throw new Error(`npx afoot ended before it served anything:\n${this.#output.join("")}`);
  }

  /** Sends SIGTERM, and waits for the end of the process. */
  async stop(): Promise<void> {
    const { pid, exitCode, signalCode } = this.#child;
    if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, "SIGTERM");
    await this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
