/** Prints a claim and whether it held. One that did not makes the program end with exit code 1. */
export function prove(claim: string, held: boolean): void {
  console.log(`${held ? 'ok    ' : 'FAILED'} ${claim}`)
  if (!held) process.exitCode = 1
}
