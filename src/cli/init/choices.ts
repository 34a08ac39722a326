import type { Interface } from "node:readline/promises";
import { parseArgs } from "node:util";
import { DefinitionError } from "../../core/errors.ts";

/** The choices of a new project. */
export interface Choices {
  readonly folder: string;
  readonly store: "sqlite" | "postgres";
  readonly server: "afoot" | "fastify";
}

/** A project to write. */
export interface Project extends Choices {
  /** Name of the package. */
  readonly name: string;
}

/** The choices that flags make, and those that are left to questions. */
export interface RequestedChoices extends Partial<Choices> {
  /** True if nothing is asked, and defaults apply. */
  readonly isQuiet: boolean;
}

interface Question<Value extends string> {
  readonly title: string;
  /** Texts by value, the default first. */
  readonly answers: Readonly<Record<Value, string>>;
}

const STORE: Question<Choices["store"]> = {
  title: "Store of the resources:",
  answers: {
    sqlite: "SQLite: one process and one file, nothing to install",
    postgres: "PostgreSQL: any number of processes on one database",
  },
};

const SERVER: Question<Choices["server"]> = {
  title: "Server of the API:",
  answers: {
    afoot: "afoot start: a complete server, without code",
    fastify: "Fastify: a server of your own, with further routes",
  },
};

const DEFAULTS: Choices = { folder: ".", store: "sqlite", server: "afoot" };

/** Reads the flags. @throws DefinitionError for a value that is no choice */
export function requestedChoices(argv: readonly string[]): RequestedChoices {
  const { positionals, values } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      store: { type: "string" },
      server: { type: "string" },
      yes: { type: "boolean", short: "y", default: false },
    },
  });
  const [folder, ...others] = positionals;
  if (others.length > 0) {
    throw new DefinitionError(`expected at most one folder, got ${positionals.length}: ${positionals.join(" ")}`);
  }
  return {
    isQuiet: values.yes,
    ...(folder === undefined ? {} : { folder }),
    ...(values.store === undefined ? {} : { store: choiceOf("store", values.store, STORE) }),
    ...(values.server === undefined ? {} : { server: choiceOf("server", values.server, SERVER) }),
  };
}

function choiceOf<Value extends string>(flag: string, text: string, { answers }: Question<Value>): Value {
  const values = valuesOf(answers);
  const found = values.find((value) => value === text);
  if (found !== undefined) return found;
  throw new DefinitionError(`--${flag}: ${JSON.stringify(text)} is not known; it must be ${values.join(" or ")}`);
}

function valuesOf<Value extends string>(answers: Readonly<Record<Value, string>>): readonly Value[] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of an object literal of this type
  return Object.keys(answers) as Value[];
}

/** Returns the choices with the defaults in place of questions. */
export function withDefaults({ folder, store, server }: RequestedChoices): Choices {
  return { folder: folder ?? DEFAULTS.folder, store: store ?? DEFAULTS.store, server: server ?? DEFAULTS.server };
}

/** Asks for the choices that no flag has made. An empty answer chooses the default. */
export async function askForChoices(requested: RequestedChoices, terminal: Interface): Promise<Choices> {
  const folder = requested.folder ?? (await terminal.question(`Folder of the project (${DEFAULTS.folder}): `)).trim();
  return {
    folder: folder === "" ? DEFAULTS.folder : folder,
    store: requested.store ?? (await ask(STORE, terminal)),
    server: requested.server ?? (await ask(SERVER, terminal)),
  };
}

async function ask<Value extends string>({ title, answers }: Question<Value>, terminal: Interface): Promise<Value> {
  const values = valuesOf(answers);
  const lines = values.map((value, index) => `  ${index + 1}. ${answers[value]}\n`);
  for (;;) {
    const answer = (await terminal.question(`\n${title}\n${lines.join("")}Choose 1 to ${values.length} (1): `)).trim();
    const found = values.find((value, index) => answer === value || answer === `${index + 1}`);
    const [first] = values;
    if (answer === "" && first !== undefined) return first;
    if (found !== undefined) return found;
  }
}
