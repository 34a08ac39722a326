import assert from "node:assert/strict";
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { it } from "node:test";
import { temporaryFolder } from "../../support/afoot-process.ts";
import { qemuMissing } from "../../support/qemu.ts";
import { repeatTranscript } from "../../support/transcript.ts";
import { alike, buildGuestImage, hypervisorIn } from "./hypervisor.ts";

const README = join(import.meta.dirname, "../../../examples/virtual-machines/README.md");

it("real virtual machines behave as their README shows", { skip: qemuMissing() }, async () => {
  buildGuestImage();
  await using folder = await temporaryFolder();
  await symlink(folder.path, join(folder.path, "data"));
  await using hypervisor = await hypervisorIn(folder.path);
  await using server = await hypervisor.start();
  const where = { origin: server.origin, folder: folder.path, section: "Real machines", alike };
  assert.equal(await repeatTranscript(README, where), 11);
  assert.deepEqual(
    { processes: await hypervisor.processes(), left: await hypervisor.left() },
    { processes: [], left: [] },
  );
});
