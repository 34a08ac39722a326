import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { z } from "zod";
import { defineResource } from "../core/definition/define-resource.ts";
import { WorkError } from "../core/errors.ts";
import { checkResource } from "./check/check-resource.ts";
import { crashAfterEveryCommit, runResource } from "./run-resource.ts";

const build = defineResource({
  name: "build",
  configuration: z.object({ platform: z.string() }),
  details: z.object({ file: z.string() }),
  statuses: { ready: "Built" },
  create: {
    status: "Building",
    async work({ configuration: { platform }, step, sleep }) {
      await sleep("queue", 60_000);
      return step("compile", () => ({ file: `${platform}.zip` }));
    },
  },
});

const release = defineResource({
  name: "release",
  configuration: z.object({ platforms: z.array(z.string()) }),
  details: z.object({ files: z.array(z.string()) }),
  statuses: { ready: "Released" },
  children: { builds: build },
  create: {
    status: "Releasing",
    retry: { attempts: 2 },
    async work({ configuration: { platforms }, child, settled }) {
      const builds = await Promise.all(platforms.map((platform) => child(platform, "builds", { platform })));
      return { files: (await settled(builds)).map(({ details }) => details.file) };
    },
  },
});

const configuration = { platforms: ["linux", "macos"] };

describe("children of tested work", () => {
  it("are run by their own work, in virtual time", async () => {
    const run = await runResource(release, { configuration });
    assert.deepEqual(run.details, { files: ["linux.zip", "macos.zip"] });
    assert.ok(run.elapsedMs >= 60_000);
    const crashed = await crashAfterEveryCommit(release, () => ({ configuration }));
    assert.ok(crashed.length > 5);
    for (const { details } of crashed) assert.deepEqual(details, run.details);
  });

  it("are replaced by fakes, which may fail", async () => {
    const files = ({ name }: { name: string }): object => ({ file: `fake-${name}` });
    const faked = await runResource(release, { configuration, children: { builds: files } });
    assert.deepEqual(faked.details, { files: ["fake-linux", "fake-macos"] });
    let failures = 1;
    const flaky = ({ name }: { name: string }): object => {
      if (name === "macos" && failures-- > 0) throw new WorkError("no machine", { code: "no-machine" });
      return files({ name });
    };
    const retried = await runResource(release, { configuration, children: { builds: flaky } });
    assert.deepEqual(retried.details, faked.details);
    failures = 2;
    const failed = await runResource(release, { configuration, children: { builds: flaky } });
    assert.equal(failed.error?.code, "no-machine");
    assert.deepEqual(
      failed.steps.filter(({ undo }) => undo).map(({ name, state }) => `${name} ${state}`),
      ["linux undone", "macos undone"],
    );
  });

  it("are checked with their parent, under crashes and cancels", async () => {
    const { findings, runs } = await checkResource(release, () => ({ configuration }));
    assert.deepEqual(findings, []);
    assert.ok(runs > 10);
  });
});
