import { englishDataset, englishRecommendedTransformers, RegExpMatcher } from "obscenity";

/** Something that speaks against content: 1 is beyond doubt. */
export interface Finding {
  readonly score: number;
  readonly reason: string;
}

const MANY_LINKS = 3;

const matcher = new RegExpMatcher({ ...englishDataset.build(), ...englishRecommendedTransformers });

/** Looks for obscene words, also written so that programs shall not see them, and for what looks like advertising. */
export function screenText(text: string): readonly Finding[] {
  const matches = matcher.getAllMatches(text, true).map((match) => englishDataset.getPayloadWithPhraseMetadata(match));
  const words = new Set(matches.map(({ phraseMetadata }) => phraseMetadata?.originalWord ?? "an obscene word"));
  const links = text.match(/https?:\/\//gi)?.length ?? 0;
  return [
    ...[...words].map((word) => ({ score: 0.5, reason: `text: ${word}` })),
    ...(links >= MANY_LINKS ? [{ score: 0.4, reason: `text: ${links} links` }] : []),
  ];
}
