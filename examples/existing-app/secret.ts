/** The key of the tokens. */
export const secret = process.env["JWT_SECRET"] ?? "a key for trials of 32 bytes or more";
