/** Starts the app with the server, so that interrupted work resumes before the first request. */
export async function register(): Promise<void> {
  if (process.env["NEXT_RUNTIME"] !== "nodejs") return;
  const { reports } = await import("./reports");
  await reports();
}
