import { z } from "zod";
import type { ListedResource, SucceededState } from "../../client/types.ts";
import { defineResource } from "./define-resource.ts";
import type { FieldName, Redacted } from "./redacted.ts";
import type { ResourceType } from "./resource-type.ts";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function is<_Check extends true>(): void {}

const configuration = z.object({
  name: z.string(),
  password: z.string(),
  database: z.object({ host: z.string(), password: z.string().optional() }).optional(),
  users: z.array(z.object({ id: z.int(), key: z.string() })),
});
const rest = {
  name: "thing",
  configuration,
  details: z.object({ ip: z.string() }),
  statuses: { ready: "Ready" },
} as const;

is<
  Equal<
    FieldName<z.input<typeof configuration>>,
    "name" | "password" | "database" | "database.host" | "database.password" | "users" | "users.id" | "users.key"
  >
>();
is<Equal<Redacted<{ a: string; readonly b?: number }, "b">, { a: string }>>();
is<Equal<Redacted<{ a: string; readonly b?: number }, never>, { a: string; readonly b?: number }>>();

const thing = defineResource({
  ...rest,
  redact: ["password", "database.password", "users.key"],
  create: {
    status: "Making",
    work: ({ configuration: given }) => {
      // Work sees them.
      is<Equal<typeof given.password, string>>();
      return { ip: given.users[0]?.key ?? "" };
    },
  },
});
type SpecOf<Type> = Type extends ResourceType<infer Spec> ? Spec : never;
type Shown = SucceededState<SpecOf<typeof thing>>["configuration"];
is<Equal<keyof Shown, "name" | "database" | "users">>();
is<Equal<keyof NonNullable<Shown["database"]>, "host">>();
is<Equal<keyof Shown["users"][number], "id">>();
is<Equal<ListedResource<SpecOf<typeof thing>>["configuration"], Shown>>();

const open = defineResource({ ...rest, create: { status: "Making", external: true } });
is<Equal<SucceededState<SpecOf<typeof open>>["configuration"], z.output<typeof configuration>>>();

defineResource({
  ...rest,
  create: { status: "Making", external: true },
  // @ts-expect-error no field of the configuration
  redact: ["passwort"],
});
