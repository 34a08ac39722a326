import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { describe, it } from "node:test";
import sharp, { type Sharp } from "sharp";
import { screenImage } from "../../../examples/moderation/screen-image.ts";
import { screenText } from "../../../examples/moderation/screen-text.ts";
import { startAfoot, temporaryFolder } from "../../support/afoot-process.ts";
import { followed, send } from "../../support/exchange.ts";
import { repeatTranscript } from "../../support/transcript.ts";

const EXAMPLES = join(import.meta.dirname, "../../../examples");
const app = join(EXAMPLES, "app.ts");

/** Returns a picture of random noise. */
function picture(width: number, height: number): Sharp {
  return sharp(randomBytes(width * height * 3), { raw: { width, height, channels: 3 } });
}

function screened(name: string, bytes: Buffer): ReturnType<typeof screenImage> {
  return screenImage({ name, content: bytes.toString("base64") });
}

describe("examples/moderation", () => {
  it("behaves as its README shows", async () => {
    await using folder = await temporaryFolder();
    await using server = await startAfoot({ app, folder: folder.path });
    const readme = join(EXAMPLES, "moderation/README.md");
    assert.equal(await repeatTranscript(readme, { origin: server.origin, folder: folder.path }), 8);
    assert.equal(await server.stop(), 0);
  });

  it("escalates undecided content, and finally rejects it", async () => {
    await using folder = await temporaryFolder();
    const environment = { AFOOT_DEMO_PACE: "0.001" };
    await using server = await startAfoot({ app, folder: folder.path, environment });
    const url = `${server.origin}/api/moderations/one`;
    await send(url, "PUT", { configuration: { text: "son of a bitch" } });
    const [last] = (await followed(url)).slice(-1);
    assert.deepEqual(
      { status: last?.body["status"], decidedBy: last?.body["decidedBy"] },
      { status: "Rejected", decidedBy: "timeout" },
    );
    const { items } = (await send(`${url}/history`, "GET")).body as { items: { status?: string }[] };
    const labels = items.flatMap(({ status }) => (status === undefined ? [] : [status]));
    assert.deepEqual(labels, ["Screening", "Awaiting review", "Escalated", "Rejected"]);
  });

  it("finds obscene words, disguised ones and advertising, without false positives in similar words", () => {
    assert.deepEqual(screenText("First class passengers to Scunthorpe"), []);
    assert.deepEqual(
      screenText("B1tch! BITCH!").map(({ reason }) => reason),
      ["text: bitch"],
    );
    const [advertising] = screenText("http://a.test HTTP://b.test https://c.test");
    assert.equal(advertising?.reason, "text: 3 links");
  });

  it("judges an image by its bytes", async () => {
    const photo = await picture(200, 100).jpeg().toBuffer();
    assert.deepEqual(await screened("photo.JPG", photo), {
      findings: [],
      detected: { type: "image/jpeg", width: 200, height: 100 },
    });
    const reasonsOf = async (name: string, bytes: Buffer): Promise<string> =>
      (await screened(name, bytes)).findings.map(({ reason }) => reason).join("; ");
    assert.equal(await reasonsOf("photo.png", photo), "image: is named photo.png, but is a jpeg");
    assert.match(await reasonsOf("a.webp", await picture(400, 40).webp().toBuffer()), /^image: is a narrow strip$/);
    assert.match(await reasonsOf("a.png", await picture(8, 8).png().toBuffer()), /has only 8 x 8 pixels/);
    const plain = sharp({ create: { width: 90, height: 90, channels: 3, background: "#fff" } });
    assert.equal(await reasonsOf("a.gif", await plain.gif().toBuffer()), "image: is almost blank");
  });

  it("rejects images that cannot be decoded, are too large or have an unsupported format", async () => {
    const photo = await picture(200, 100).jpeg().toBuffer();
    const svg = Buffer.from(
      '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="90"><rect width="9" height="9"/></svg>',
    );
    // A header that promises 400 megapixels.
    const bomb = await picture(20, 20).png().toBuffer();
    bomb.writeUInt32BE(20_000, 16);
    bomb.writeUInt32BE(20_000, 20);
    for (const bytes of [photo.subarray(0, photo.length / 2), svg, bomb, Buffer.alloc(0), randomBytes(500)]) {
      const { findings, detected } = await screened("a.jpg", bytes);
      assert.deepEqual({ score: findings[0]?.score, detected }, { score: 1, detected: undefined });
    }
  });
});
