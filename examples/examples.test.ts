import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

interface Run {
  readonly code: number | null
  readonly output: string
}

/** Runs an example as its first line of comment says. Killed when it does not end by itself. */
function run(example: string): Promise<Run> {
  const child = spawn(process.execPath, ['-C', '@countersign/source', example], {
    cwd: join(import.meta.dirname, '..'),
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 25_000,
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, output }))
  })
}

/** The lines of a run without what differs from one run to the next. */
function claims({ output }: Run): string[] {
  return output
    .split('\n')
    .filter((line) => line.startsWith('ok ') || line.startsWith('FAILED'))
    .map((line) => line.replace(/\d+\.\d s/, 'N s').replace(/used \d+ tokens/, 'used N tokens'))
}

describe.concurrent('the examples', () => {
  it('01-microservice: one service calls another and may do what it was granted', async () => {
    const ran = await run('examples/01-microservice.ts')
    expect(claims(ran)).toEqual([
      'ok     billing asked for orders and got 200',
      'ok     the orders service knows who asked: billing',
      'ok     200 more calls at once: 200 served',
      'ok     tokens issued for all of that: 1',
      'ok     billing tried to write an order and got 403',
    ])
    expect(ran.output).toContain('error="insufficient_scope"')
    expect(ran.code).toBe(0)
  })

  it('02-batch-job: a job outlives its tokens and ends by itself', async () => {
    const ran = await run('examples/02-batch-job.ts')
    expect(claims(ran)).toEqual([
      'ok     200 of 200 records were written',
      'ok     it took N s, longer than the 2 s that a token lives',
      'ok     it used N tokens, one after the other',
    ])
    expect(ran.code).toBe(0)
  })

  it('03-express-backend: an Express app calls a guarded Express API', async () => {
    const ran = await run('examples/03-express-backend.ts')
    expect(claims(ran)).toEqual([
      'ok     a visitor got the catalogue: lamp, chair',
      'ok     the stock API was asked by shop',
      'ok     what the shop may not do reaches its visitor as 502',
      'ok     a call to the stock API without a token gets 401',
      'ok     tokens issued for all of that: 1',
    ])
    expect(ran.code).toBe(0)
  })
})
