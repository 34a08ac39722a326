import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { z } from "zod";
import { createApp, DefinitionError, defineResource, type ResourceType } from "../../src/index.ts";
import { eventually } from "../support/eventually.ts";
import { codeOf, failure, leaf, listed, withApp } from "./fixture.ts";

const nothing = z.object({});

/** A parcel contains further parcels. */
const parcel = defineResource({
  name: "parcel",
  configuration: z.object({ levels: z.number() }),
  details: z.object({ depth: z.number() }),
  statuses: { ready: "Packed" },
  children: { inner: (): ResourceType => parcel },
  childLimits: { depth: 2 },
  create: {
    status: "Packing",
    async work({ configuration: { levels }, child, settled }) {
      if (levels === 0) return { depth: 0 };
      const inner: { readonly depth: number } = z
        .object({ depth: z.number() })
        .parse((await settled(await child("inner", "inner", { levels: levels - 1 }))).details);
      return { depth: inner.depth + 1 };
    },
  },
});

interface CrateOptions {
  readonly cascade?: { readonly cancel?: boolean; readonly delete?: boolean };
  readonly count?: number;
  readonly child?: ResourceType;
}

/** Creates a type whose work creates two leaves, and waits for them. */
function crate({ cascade = {}, count = 2, child: type = leaf }: CrateOptions = {}) {
  return defineResource({
    name: "crate",
    configuration: z.object({ leaves: z.array(z.unknown()), as: z.string().default("leaves") }),
    details: z.object({ made: z.number() }),
    statuses: { ready: "Full" },
    children: { leaves: type },
    cascade,
    childLimits: { count },
    create: {
      status: "Filling",
      retry: { attempts: 1 },
      async work({ configuration: { leaves, as }, child, settled }) {
        const made = [];
        for (const [index, each] of leaves.entries()) {
          made.push(await child(`leaf ${index}`, as as "leaves", each as never));
        }
        return { made: (await settled(made)).length };
      },
    },
  });
}

describe("the limits of children", () => {
  it("allows nesting up to the declared depth", () =>
    withApp([parcel] as const, async ({ app, list }) => {
      const state = await (await app.parcels.create({ levels: 2 })).settled();
      assert.equal(state.depth, 2);
      assert.equal((await list("parcels")).length, 3);
      const handle = await app.parcels.create({ levels: 3 });
      const error = await failure(handle);
      assert.equal(codeOf(error), "children-too-deep");
      assert.match(String(handle.state.error?.detail), /would have 3 ancestors; parcel allows 2/);
      assert.equal((await list("parcels")).length, 4, "the children of the failed one are gone");
    }));

  it("names the wrong child in an error, and keeps none", () => {
    const type = crate();
    return withApp([type, leaf] as const, async ({ app, list }) => {
      for (const [configuration, code, detail] of [
        [{ leaves: [{ name: "a" }, { name: "b" }, { name: "c" }] }, "too-many-children", /at most 2 children/],
        [{ leaves: [{ name: "a" }, { name: 7 }] }, "invalid-child", /leaf "leaf 1" is invalid: \/configuration\/name/],
        [{ leaves: [{ name: "a" }], as: "stems" }, "unknown-child-type", /no children "stems"; declared are: leaves/],
      ] as const) {
        const handle = await app.crates.create({ ...configuration, leaves: [...configuration.leaves] });
        assert.equal(codeOf(await failure(handle)), code);
        assert.match(String(handle.state.error?.detail), detail);
        assert.deepEqual(await list("leaves"), []);
      }
    });
  });

  it("waits while the type of the children has no room", () => {
    const narrow = { ...leaf, maxInProgress: 1 };
    return withApp([crate({ child: narrow }), narrow] as const, async ({ app, list, send }) => {
      const handle = await app.crates.create({ leaves: [{ name: "a", waits: true }, { name: "b" }] });
      const [first] = await listed("the first leaf", () => list("leaves"), 1);
      await eventually("the wait for room", async () => {
        const { items } = (await send(`crates/${handle.id}/history`)).body;
        return JSON.stringify(items).includes('"waiting"');
      });
      assert.equal((await list("leaves")).length, 1);
      await (await app.leaves.get(first?.id ?? "")).send("go", {});
      assert.equal((await handle.settled()).made, 2);
    });
  });

  it("rejects wrong declarations when they are made", () => {
    assert.throws(() => crate({ count: 0 }), DefinitionError);
    assert.throws(
      () => createApp({ resources: [crate()] }),
      /crate: children.leaves: the type "leaf" is not one of the app/,
    );
    const wrong = { name: "wrong", configuration: nothing, details: nothing, statuses: { ready: "R" } } as const;
    const create = { status: "C", work: () => ({}) };
    assert.throws(
      () => defineResource({ ...wrong, create, children: { parent: leaf } }),
      /children.parent: .* reserved/,
    );
    const nonsense = { nonsense: {} as unknown as ResourceType };
    assert.throws(
      () => createApp({ resources: [defineResource({ ...wrong, create, children: nonsense })] }),
      /children.nonsense: is not a resource type/,
    );
  });
});

describe("the cascade", () => {
  it("leaves children alone after a cancel, for a later retry, if so declared", () => {
    const type = crate({ cascade: { cancel: false } });
    return withApp([type, leaf] as const, async ({ app, list }) => {
      const handle = await app.crates.create({ leaves: [{ name: "a", waits: true }, { name: "b" }] });
      const before = await listed("both leaves", () => list("leaves"), 2);
      await handle.cancel();
      assert.equal(codeOf(await failure(handle)), "cancelled");
      const waiting = await listed("the waiting leaf", () => list("leaves?status=Growing"), 1);
      await (await app.leaves.get(waiting[0]?.id ?? "")).send("go", {});
      await handle.retry();
      assert.equal((await handle.settled()).made, 2);
      const after = await list("leaves");
      assert.deepEqual(
        after.map(({ id }) => id),
        before.map(({ id }) => id),
      );
      await handle.delete();
      await listed("the children to be gone", () => list("leaves"), 0);
    });
  });

  it("leaves children alone after a delete, if so declared", () => {
    const type = crate({ cascade: { delete: false } });
    return withApp([type, leaf] as const, async ({ app, list, send }) => {
      const handle = await app.crates.create({ leaves: [{ name: "a" }] });
      await handle.settled();
      assert.equal((await send(`crates/${handle.id}`, "DELETE")).status, 204);
      assert.equal((await list("leaves")).length, 1);
    });
  });
});

describe("the operations of children", () => {
  it("may be external", () => {
    const scan = defineResource({
      name: "scan",
      configuration: z.object({ pages: z.number() }),
      details: z.object({ text: z.string() }),
      statuses: { ready: "Read" },
      create: { status: "Reading", external: true },
      update: { status: "Reading again", external: true },
    });
    const book = defineResource({
      name: "book",
      configuration: nothing,
      details: z.object({ text: z.string() }),
      statuses: { ready: "Bound" },
      children: { scans: scan },
      create: {
        status: "Binding",
        work: async ({ child, settled }) => (await settled(await child("scan", "scans", { pages: 3 }))).details,
      },
    });
    return withApp([book, scan] as const, async ({ app, list, post }) => {
      const handle = await app.books.create({});
      const [made] = await listed("the scan", () => list(`scans?parent=book/${handle.id}`), 1);
      const subject = `scan/${made?.id}`;
      await post("messages", {
        specversion: "1.0",
        id: "1",
        source: "scanner",
        type: "dev.afoot.succeeded",
        subject,
        data: { details: { text: "once upon a time" } },
      });
      assert.equal((await handle.settled()).text, "once upon a time");
    });
  });
});
