import { defineResource, settle } from "afoot";
import { z } from "zod";
import { PACE } from "../demo.ts";
import { screenImage } from "./screen-image.ts";
import { type Finding, screenText } from "./screen-text.ts";

/** How long reviewers have, and then those to whom it is escalated. A day, where it is in earnest. */
const REVIEW_MS = 120_000 * PACE;

/** Below the one it is approved, from the other on rejected; in between somebody has to look. */
const [DOUBTFUL, CLEAR] = [0.3, 0.75];

/** Content that is approved or rejected: by rules where the case is clear, else by a reviewer. */
export const moderation = defineResource({
  name: "moderation",
  configuration: z.object({
    text: z.string().max(20_000).default(""),
    /** What the name says is not believed. */
    image: z.object({ name: z.string().max(200), content: z.base64() }).optional(),
  }),
  details: z.object({
    /** From 0, harmless, to 1. */
    score: z.number(),
    reasons: z.array(z.string()),
    image: z.object({ type: z.string(), width: z.int(), height: z.int() }).optional(),
    decidedBy: z.string(),
  }),
  statuses: { ready: ["Approved", "Rejected"] },
  receives: { decision: z.object({ approved: z.boolean(), by: z.string().min(1).max(100) }) },
  create: {
    status: "Screening",
    async work({ configuration, step, receive, report }) {
      const found = await step("screen", async () => {
        const image = configuration.image === undefined ? undefined : await screenImage(configuration.image);
        const findings = [...screenText(configuration.text), ...(image?.findings ?? [])];
        const reasons = findings.map(({ reason }) => reason);
        return { score: together(findings), reasons, ...(image?.shown === undefined ? {} : { image: image.shown }) };
      });
      const decide = (isApproved: boolean, decidedBy: string) =>
        settle(isApproved ? "Approved" : "Rejected", { ...found, decidedBy });

      if (found.score < DOUBTFUL) return decide(true, "rules");
      if (found.score >= CLEAR) return decide(false, "rules");
      for (const status of ["Awaiting review", "Escalated"]) {
        report({ status, details: found });
        const decision = await receive("decision", { timeoutMs: REVIEW_MS });
        if (decision !== undefined) return decide(decision.approved, decision.by);
      }
      return decide(false, "nobody in time");
    },
  },
});

/** Findings that say the same thing make each other likelier. */
function together(findings: readonly Finding[]): number {
  const harmless = findings.reduce((chance, { score }) => chance * (1 - score), 1);
  return Math.round((1 - harmless) * 100) / 100;
}
