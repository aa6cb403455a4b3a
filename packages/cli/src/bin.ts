#!/usr/bin/env node
import { calledAs } from './lib/called-as.ts'
import { run } from './lib/run.ts'

// Node 22 warns that its SQLite is experimental, which says nothing to whoever types a command.
const printWarning = process.listeners('warning')
process.removeAllListeners('warning')
process.on('warning', (warning) => {
  if (warning.name === 'ExperimentalWarning' && warning.message.includes('SQLite')) return
  for (const print of printWarning) print(warning)
})

// A reader that has seen enough, such as `head`, is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1)
})

/** Ends with the first Ctrl-C or SIGTERM; the second one does not wait for anything. */
function stopSignal(): AbortSignal {
  const stopping = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (stopping.signal.aborted) process.exit(130)
      stopping.abort()
    })
  }
  return stopping.signal
}

async function readStdin(): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of process.stdin) chunks.push(chunk as Uint8Array)
  return Buffer.concat(chunks)
}

const shellLine = calledAs(process)
let signal: AbortSignal | undefined
process.exitCode = await run(process.argv.slice(2), {
  stdout: (chunk) => void process.stdout.write(chunk),
  stderr: (text) => void process.stderr.write(text),
  env: process.env,
  ...(shellLine !== undefined && { shellLine }),
  readStdin,
  // Asked for by commands that run until they are stopped; all others end by the signal itself.
  get signal() {
    return (signal ??= stopSignal())
  },
  isTTY: Boolean(process.stdout.isTTY),
})
