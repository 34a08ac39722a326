import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type AfootProcess, startAfoot, temporaryFolder } from "../support/afoot-process.ts";
import { connectClient, connectOldClient } from "./support/clients.ts";

const APP = join(import.meta.dirname, "app.ts");

interface Result {
  readonly content: readonly { readonly text: string }[];
  readonly structuredContent: { readonly id: string; readonly status: string; readonly address?: string };
}

interface AnyClient {
  readonly callTool: (parameters: { name: string; arguments: Record<string, unknown> }) => Promise<unknown>;
  readonly listTools: () => Promise<{ readonly tools: readonly { readonly name: string }[] }>;
}

/** Creates a machine as a model does: it calls the create tool, and then the get tool until the machine is ready. */
async function createMachine(client: AnyClient, seconds: number): Promise<{ result: Result; turns: number }> {
  const call = async (name: string, given: object): Promise<Result> =>
    (await client.callTool({ name, arguments: { ...given } })) as Result;
  let result = await call("create_machine", { size: "small", seconds });
  let turns = 1;
  while (result.structuredContent.status !== "Ready") {
    assert.match(result.content.at(-1)?.text ?? "", /Still in progress/);
    result = await call("get_machine", { id: result.structuredContent.id, waitSeconds: 25 });
    turns += 1;
  }
  return { result, turns };
}

describe("a client without tasks", () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let app: AfootProcess;
  before(async () => {
    folder = await temporaryFolder();
    app = await startAfoot({ app: APP, folder: folder.path });
  });
  after(async () => {
    await app[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  it("of version 2.x creates a machine that takes thirty seconds, and learns its end in at most three turns", async () => {
    const client = await connectClient(app.origin);
    try {
      const { result, turns } = await createMachine(client, 30);
      assert.equal(result.structuredContent.address, "10.0.0.1/small");
      assert.ok(turns > 1 && turns <= 3, `${turns} turns`);
    } finally {
      await client.close();
    }
  });

  it("of version 2.x gets progress while it waits, if it asks for it", async () => {
    const client = await connectClient(app.origin);
    const seen: number[] = [];
    try {
      await client.callTool(
        { name: "create_machine", arguments: { size: "large", seconds: 1 } },
        { onprogress: ({ progress }) => void seen.push(progress) },
      );
      assert.deepEqual(
        seen,
        seen.toSorted((a, b) => a - b),
      );
      assert.ok(seen.includes(50), seen.join(", "));
    } finally {
      await client.close();
    }
  });

  it("of version 1.x creates a machine, and learns its end", async () => {
    const client = await connectOldClient(app.origin);
    try {
      const { tools } = await client.listTools();
      assert.ok(tools.some(({ name }) => name === "create_machine"));
      const { result } = await createMachine(client, 1);
      assert.equal(result.structuredContent.address, "10.0.0.1/small");
    } finally {
      await client.close();
    }
  });
});
