import { englishDataset, englishRecommendedTransformers, RegExpMatcher } from "obscenity";

/** An objection to content. A score of 1 is certain. */
export interface Finding {
  readonly score: number;
  readonly reason: string;
}

const MIN_SUSPICIOUS_LINKS = 3;

const matcher = new RegExpMatcher({ ...englishDataset.build(), ...englishRecommendedTransformers });

/** Finds obscene words, including disguised ones, and advertising. */
export function screenText(text: string): readonly Finding[] {
  const matches = matcher.getAllMatches(text, true).map((match) => englishDataset.getPayloadWithPhraseMetadata(match));
  const words = new Set(matches.map(({ phraseMetadata }) => phraseMetadata?.originalWord ?? "an obscene word"));
  const links = text.match(/https?:\/\//gi)?.length ?? 0;
  return [
    ...[...words].map((word) => ({ score: 0.5, reason: `text: ${word}` })),
    ...(links >= MIN_SUSPICIOUS_LINKS ? [{ score: 0.4, reason: `text: ${links} links` }] : []),
  ];
}
