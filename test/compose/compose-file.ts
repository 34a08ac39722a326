import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { parse } from "yaml";
import { z } from "zod";

const COMPOSE = resolve(import.meta.dirname, "../../compose.yaml");

const scalars = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String));

const service = z.object({
  command: z.array(z.string()).default([]),
  environment: scalars.default({}),
  volumes: z.array(z.string()).default([]),
  configs: z.array(z.object({ source: z.string(), target: z.string() })).default([]),
  ports: z.array(z.string()).default([]),
  deploy: z.object({ replicas: z.number() }).default({ replicas: 1 }),
  healthcheck: z.union([z.object({ disable: z.literal(true) }), z.object({ test: z.array(z.string()) })]),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  stop_grace_period: z.string().optional(),
  restart: z.string(),
});

const file = z.object({
  services: z.record(z.string(), service),
  volumes: z.record(z.string(), z.null()),
  configs: z.record(z.string(), z.object({ content: z.string() })),
});

export type ComposeService = z.infer<typeof service>;
export type ComposeFile = z.infer<typeof file>;

/** Reads compose.yaml as Docker does, and interpolates environment variables. */
export async function readCompose(environment: Readonly<Record<string, string>>): Promise<ComposeFile> {
  const text = await readFile(COMPOSE, "utf8");
  return file.parse(interpolate(parse(text, { merge: true }), environment));
}

export function serviceOf({ services }: ComposeFile, name: string): ComposeService {
  const found = services[name];
  if (found === undefined) throw new Error(`compose.yaml has no service ${name}`);
  return found;
}

function interpolate(value: unknown, environment: Readonly<Record<string, string>>): unknown {
  if (typeof value === "string") return interpolateText(value, environment);
  if (Array.isArray(value)) return value.map((each) => interpolate(each, environment));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, interpolate(each, environment)]));
}

/** Interpolates `${NAME}`, `${NAME:-default}`, `${NAME:?error}`, and `$$` for a dollar. */
function interpolateText(text: string, environment: Readonly<Record<string, string>>): string {
  return text.replaceAll(
    /\$(?:\$|\{(\w+)(?::([-?])([^}]*))?\})/g,
    (_, name?: string, rule?: string, fallback?: string) => {
      if (name === undefined) return "$";
      const value = environment[name] ?? "";
      if (value !== "" || rule === undefined) return value;
      if (rule === "-") return fallback ?? "";
      throw new Error(`${name}: ${fallback}`);
    },
  );
}
