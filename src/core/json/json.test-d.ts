// The type of a step's result, after JSON has encoded and decoded it.
import type { Json, Jsonified } from "./json.ts";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function is<_Check extends true>(): void {}

// JSON values stay.
is<Equal<Jsonified<string>, string>>();
is<Equal<Jsonified<"a" | 1 | null | boolean>, "a" | 1 | null | boolean>>();
is<Equal<Jsonified<{ a: number; b?: string }>, { a: number; b?: string }>>();
is<Equal<Jsonified<{ readonly a: readonly string[] }>, { readonly a: readonly string[] }>>();
is<Equal<Jsonified<[string, number]>, [string, number]>>();
is<Equal<Jsonified<unknown>, unknown>>();
is<Equal<Jsonified<Json>, Json>>();
is<Equal<Jsonified<Json | undefined>, Json | undefined>>();
is<Equal<Jsonified<{ at: Date; body: Json }>, { at: string; body: Json }>>();

// A step may return nothing.
is<Equal<Jsonified<undefined>, undefined>>();
is<Equal<Jsonified<void>, void>>();

// An object with toJSON becomes what the method returns, encoded.
is<Equal<Jsonified<Date>, string>>();
is<Equal<Jsonified<{ at: Date }[]>, { at: string }[]>>();
is<Equal<Jsonified<{ toJSON(): { at: Date } }>, { at: string }>>();
is<Equal<Jsonified<URL>, string>>();

// Methods are left out of objects; arrays keep the index of undefined.
is<Equal<Jsonified<{ a: 1; f: () => void; s: symbol; [Symbol.iterator]: 1 }>, { a: 1 }>>();
is<Equal<Jsonified<{ a: 1; method(): void }>, { a: 1 }>>();
is<Equal<Jsonified<(string | undefined)[]>, (string | null)[]>>();

// Values that are rejected have no type.
is<Equal<Jsonified<[number, () => void, symbol]>, [number, never, never]>>();
is<Equal<Jsonified<{ tags: Map<string, number> }>["tags"], never>>();
is<Equal<Jsonified<{ tags: Set<string> }>["tags"], never>>();
is<Equal<Jsonified<Uint8Array>, never>>();
is<Equal<Jsonified<Buffer>, never>>();
is<Equal<Jsonified<RegExp>, never>>();
is<Equal<Jsonified<Promise<string>[]>, never[]>>();
is<Equal<Jsonified<bigint>, never>>();
is<Equal<Jsonified<{ name: string; message: string }>, { name: string; message: string }>>();

class Machine {
  readonly address: string = "::1";
  readonly since = new Date();
  boot(): void {}
}
is<Equal<Jsonified<Machine>, { readonly address: string; readonly since: string }>>();

// Unions are distributed, and recursive types terminate.
is<Equal<Jsonified<{ at: Date } | undefined>, { at: string } | undefined>>();
interface Tree {
  readonly at: Date;
  readonly children: readonly Tree[];
}
declare const tree: Jsonified<Tree>;
is<Equal<(typeof tree.children)[number]["children"][number]["at"], string>>();
