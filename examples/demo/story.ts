import type { Report } from './billing-service.ts'
import type { Narration } from './narration.ts'
import {
  countersign,
  startBilling,
  startServer,
  type BillingProcess,
  type ServerProcess,
} from './processes.ts'

/** What the story is told with. */
export interface Cast {
  readonly narration: Narration
  readonly server: ServerProcess
  readonly billing: BillingProcess
  readonly db: string
  readonly environment: Readonly<Record<string, string>>
  /** The step that is to go wrong, if one is. */
  readonly broken: string | undefined
}

/** The steps that `--break` can make go wrong. */
export const BREAKABLE: readonly string[] = [
  'first-call',
  'many-calls',
  'missing-scope',
  'tampered-token',
  'key-change',
  'outage',
]

/** Tells the story, step by step. */
export async function tell(cast: Cast): Promise<void> {
  cast.billing.on((report) => {
    if (report.type === 'exchange') cast.narration.show(report.exchange)
  })
  await firstCall(cast)
  await manyCalls(cast)
  await missingScope(cast)
  await tamperedToken(cast)
  await keyChange(cast)
  await outage(cast)
}

async function firstCall({ narration, billing }: Cast): Promise<void> {
  narration.step(
    'The first call',
    'the client finds the token endpoint, obtains a token, attaches it',
  )
  billing.send({ do: 'call', method: 'GET', times: 1 })
  const { statuses } = await billing.next('called')
  narration.check('the API answered', only(statuses, '200', 1), told(statuses))
}

async function manyCalls({ narration, billing, server }: Cast): Promise<void> {
  narration.step('1,000 calls at once', 'one token serves them all')
  billing.send({ do: 'call', method: 'GET', times: 1000 })
  const { statuses, slowest } = await billing.next('called')
  narration.say(`calls answered: ${told(statuses)}, the slowest after ${slowest.toFixed(0)} ms`)
  const issued = server.issued()
  narration.check(
    'the server issued one token for all calls so far',
    issued === 1 && only(statuses, '200', 1000),
    `it issued ${issued}`,
  )
}

async function missingScope({ narration, billing, broken }: Cast): Promise<void> {
  narration.step(
    'A call that lacks a scope',
    'POST /orders wants orders:write, which billing was not granted',
  )
  billing.send({ do: 'call', method: broken === 'missing-scope' ? 'GET' : 'POST', times: 1 })
  const { statuses } = await billing.next('called')
  narration.check(
    'refused with 403, and the token is not renewed for it',
    only(statuses, '403', 1),
    told(statuses),
  )
}

async function tamperedToken({ narration, billing, broken }: Cast): Promise<void> {
  narration.step('A tampered token', 'somebody adds orders:write to its claims')
  billing.send({ do: 'tamper', pretend: broken === 'tampered-token' })
  const { statuses } = await billing.next('called')
  narration.check('refused with 401', only(statuses, '401', 1), told(statuses))
}

async function keyChange(cast: Cast): Promise<void> {
  const { narration, billing, db, environment, broken } = cast
  narration.step(
    'A signing-key change while calls flow',
    'old tokens stay good, the API takes up the new key by itself',
  )
  billing.send({ do: 'flow' })
  if (broken !== 'key-change') await countersign('key', 'rotate', '--announce', '0s', '--db', db)
  narration.say('countersign key rotate       a new key signs from now on')
  const [before, after] = await withNewToken(cast, environment)
  billing.send({ do: 'stop' })
  const { statuses } = await billing.next('called')
  narration.say(
    `a second billing process joined: its token is signed by key ${after}, before it was ${before}`,
  )
  narration.say(`calls meanwhile: ${told(statuses)}`)
  const held = before !== after && Object.keys(statuses).join() === '200'
  narration.check('another key signs, and no call failed', held)
}

/** Lets further billing processes ask until one has a token of another key, a few seconds at most. */
async function withNewToken(
  { billing }: Cast,
  environment: Readonly<Record<string, string>>,
): Promise<readonly [before: string, after: string]> {
  const old = await keyOf(billing)
  for (let attempt = 0; attempt < 6; attempt++) {
    const another = await startBilling(environment)
    const kid = await keyOf(another)
    if (kid !== old) return [short(old), short(kid)]
    await wait(300)
  }
  return [short(old), short(old)]
}

async function keyOf(billing: BillingProcess): Promise<string> {
  const answer = billing.next('key')
  billing.send({ do: 'key' })
  return (await answer).kid
}

async function outage({ narration, billing, server, db, broken }: Cast): Promise<void> {
  narration.step(
    'The server is killed while calls flow',
    'the held token carries the calls until it is back',
  )
  let failedRenewals = 0
  const failed = new Promise<void>((resolve) => {
    billing.on((report: Report) => {
      if (report.type !== 'renewal-failed') return
      failedRenewals++
      resolve()
    })
  })
  billing.send({ do: 'flow' })
  await server.kill()
  narration.say('kill -9: the authorization server is gone')
  await Promise.race([failed, wait(8000)])
  narration.say('a renewal in the background failed; callers keep the token they have')
  if (broken === 'outage') await wait(3000)
  const again = await startServer(db, Number(new URL(server.issuer).port))
  narration.say(
    'countersign serve            back on the same file, with the same keys and clients',
  )
  await until(() => again.issued() > 0)
  billing.send({ do: 'stop' })
  const { statuses } = await billing.next('called')
  narration.say(`renewals that failed: ${failedRenewals}; calls meanwhile: ${told(statuses)}`)
  const carried = failedRenewals > 0 && again.issued() > 0
  narration.check(
    'no call failed, and the token was renewed',
    carried && Object.keys(statuses).join() === '200',
  )
}

async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + 5000
  while (!condition() && Date.now() < end) await wait(20)
}

function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds)
  })
}

function only(statuses: Readonly<Record<string, number>>, status: string, times: number): boolean {
  return Object.keys(statuses).length === 1 && statuses[status] === times
}

function told(statuses: Readonly<Record<string, number>>): string {
  return Object.entries(statuses)
    .map(([status, times]) => `${times} x ${status}`)
    .join(', ')
}

function short(kid: string): string {
  return `${kid.slice(0, 6)}…`
}
