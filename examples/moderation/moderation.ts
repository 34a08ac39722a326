import { defineResource, settle } from "afoot";
import { z } from "zod";
import { PACE } from "../demo.ts";
import { screenImage } from "./screen-image.ts";
import { type Finding, screenText } from "./screen-text.ts";

/** Time for a review, and again after the escalation. In production it would be a day. */
const REVIEW_MS = 120_000 * PACE;

/** Scores below the first are approved, scores from the second on are rejected, and those between need a review. */
const [MIN_DOUBTFUL, MIN_REJECTED] = [0.3, 0.75];

/** Content to approve or reject: clear cases by rules, doubtful ones by a reviewer. */
export const moderation = defineResource({
  name: "moderation",
  configuration: z.object({
    text: z.string().max(20_000).default(""),
    /** The type is detected from the content, not from the name. */
    image: z.object({ name: z.string().max(200), content: z.base64() }).optional(),
  }),
  details: z.object({
    /** Score from 0 (harmless) to 1. */
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
      const screening = await step("screen", async () => {
        const image = configuration.image === undefined ? undefined : await screenImage(configuration.image);
        const findings = [...screenText(configuration.text), ...(image?.findings ?? [])];
        const reasons = findings.map(({ reason }) => reason);
        return {
          score: combinedScore(findings),
          reasons,
          ...(image?.detected === undefined ? {} : { image: image.detected }),
        };
      });
      const decide = (isApproved: boolean, decidedBy: string) =>
        settle(isApproved ? "Approved" : "Rejected", { ...screening, decidedBy });

      if (screening.score < MIN_DOUBTFUL) return decide(true, "rules");
      if (screening.score >= MIN_REJECTED) return decide(false, "rules");
      for (const status of ["Awaiting review", "Escalated"]) {
        report({ status, details: screening });
        const decision = await receive("decision", { timeoutMs: REVIEW_MS });
        if (decision !== undefined) return decide(decision.approved, decision.by);
      }
      return decide(false, "timeout");
    },
  },
});

/** Combines independent findings to one score. */
function combinedScore(findings: readonly Finding[]): number {
  const harmless = findings.reduce((chance, { score }) => chance * (1 - score), 1);
  return Math.round((1 - harmless) * 100) / 100;
}
