/** Meaning of a code, its usual cause, and what to do. */
export type Explanation = readonly [meaning: string, cause: string, action: string];
