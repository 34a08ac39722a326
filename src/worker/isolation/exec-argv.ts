/** The flags of Node that decide how modules are found and read; a debugger's or a profiler's are not for a second process. */
const KEPT =
  /^(?:--conditions|-C|--import|--require|-r|--loader|--experimental-\S+|--no-experimental-\S+|--enable-source-maps|--no-warnings|--disable-warning)$/;

/** Flags whose value may stand in the argument after them. */
const VALUED = /^(?:--conditions|-C|--import|--require|-r|--loader|--experimental-loader|--disable-warning)$/;

/** The arguments of Node with which a child reads the same modules in the same way, within so much memory. */
export function childExecArgv(execArgv: readonly string[], memoryMb: number): string[] {
  const kept: string[] = [];
  for (let index = 0; index < execArgv.length; index++) {
    const argument = execArgv[index] ?? "";
    const [flag = "", ...value] = argument.split("=");
    if (!KEPT.test(flag)) continue;
    kept.push(argument);
    const next = execArgv[index + 1];
    if (value.length === 0 && VALUED.test(flag) && next !== undefined) {
      kept.push(next);
      index++;
    }
  }
  return [...kept, `--max-old-space-size=${memoryMb}`];
}
